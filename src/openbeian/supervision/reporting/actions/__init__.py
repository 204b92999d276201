"""One write per file: each action is found by its name."""
