"""One thing that can happen to the record per file; a case's grant calls them inside its own transaction."""
