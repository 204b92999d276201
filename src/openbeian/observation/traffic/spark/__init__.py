"""The same counting on a Spark cluster: the statements of `counting` and `figures`, translated; PySpark is known here only."""
