"""The doors: web, API, CLI and workers parse, call one action or query, and present."""
