"""What a run or a test leaves on disk, and its tables."""
