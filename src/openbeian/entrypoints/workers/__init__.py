"""The door for background work: takes jobs under a lease, runs them, stays killable at every line."""
