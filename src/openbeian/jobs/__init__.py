"""Work in the background: a job row is written with the change that asks for it, taken under a lease, done once."""
