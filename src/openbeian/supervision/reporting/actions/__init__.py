"""One write use-case of annual reports and complaints per file."""
