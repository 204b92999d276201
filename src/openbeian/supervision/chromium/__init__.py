"""A browser that is installed beside the program draws pages for the evidence."""
