"""The ways obligations are computed, settled and tuned, one a file."""
