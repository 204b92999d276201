"""One thing that can happen to documents per file."""
