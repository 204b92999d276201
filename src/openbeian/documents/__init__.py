"""Evidence: files and their checks, generated papers and what verifies them."""
