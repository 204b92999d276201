"""One module per part of the portal; each view parses, calls one action or query, and presents."""
