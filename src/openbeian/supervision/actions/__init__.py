"""One write use-case of supervision per file."""
