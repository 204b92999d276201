"""Letters leave through a process of their own, which outlives the worker and keeps what became of each."""
