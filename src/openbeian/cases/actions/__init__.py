"""One thing that can happen to a case per file."""
