"""One way to change what was added to the rulebook, one file each."""
