"""One thing that can happen to a job per file."""
