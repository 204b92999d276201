"""Making, ending and reading a feed, one file each."""
