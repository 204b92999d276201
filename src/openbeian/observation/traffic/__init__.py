"""Access logs become figures that can be defended: read, classified, counted, and kept after the logs are gone.

The way of a line: `sources` finds files and hands out pieces of lines → `grammars` turns lines into facts →
`counting` turns facts into counts that can be added up → `figures` turns counts into the report. `store` keeps
counts; `retention` asks the store which days are covered; `hosts` asks the logs which names they served.
DuckDB is known to this package only.
"""
