"""Series of runs: a plan, a queue that can be interrupted, tables."""
