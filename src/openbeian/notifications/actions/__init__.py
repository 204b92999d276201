"""One thing that can happen to a channel, a notice or a delivery per file."""
