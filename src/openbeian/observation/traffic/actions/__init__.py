"""One write use-case of access logs per file."""
