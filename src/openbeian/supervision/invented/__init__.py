"""A watch over invented sites, for the demonstration."""
