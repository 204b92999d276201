"""On-site inspections: drawn by lot, done on a phone with or without network, and what is to be rectified after them."""
