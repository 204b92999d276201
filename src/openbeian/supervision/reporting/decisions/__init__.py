"""Pure rules of annual reports: windows, sums, what a report may say."""
