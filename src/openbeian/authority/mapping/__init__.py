"""Between our records and the documents of interface V3.0: pure, one report per case."""
