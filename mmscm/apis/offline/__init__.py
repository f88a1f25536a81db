"""Scores of maps that any model left in a folder."""
