"""One thing that can happen between this installation and an administration per file."""
