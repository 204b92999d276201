"""What the watch finds and how it is carried to its end: sweeps, states, findings, evidence, what registers say."""
