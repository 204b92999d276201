"""One thing that can happen to the journal per file."""
