"""Pure rules of annual reports: windows, who owes, checks."""
