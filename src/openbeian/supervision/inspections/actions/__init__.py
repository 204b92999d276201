"""One thing that can happen to inspections per file."""
