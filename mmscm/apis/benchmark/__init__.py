"""Speed and memory, against references written from the formulas."""
