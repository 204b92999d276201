"""Talks to the authority over the enterprise interface V3.0, as its client and as a simulated bureau."""
