"""Sheets that come from outside and go out: xlsx and CSV, read in a process of its own, written with nothing that runs."""
