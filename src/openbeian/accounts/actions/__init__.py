"""One write use-case per module: who joins, who may do what, which keys programs hold."""
