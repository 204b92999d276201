"""The engine on Spark: takes the statements of `counting` and `figures` as they are written for DuckDB.

Spark has no temporary tables that can be added to. A table is therefore a list of Parquet folders below the engine's own
folder, and a view over them; nothing is computed twice, and the loss of a machine costs only its running tasks.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own words
from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlglot import exp

from openbeian.observation.traffic.engine import Engine
from openbeian.observation.traffic.spark.dialect import read_statement, spark_sql

_GIVEN = re.compile(r"SELECT ((?:unnest\(\?::VARCHAR\[\]\)(?: AS \w+)?(?:, )?)+)")


@dataclass(slots=True)
class _Table:
    """`parts` are the Parquet folders whose rows are the table's."""

    schema: Any
    parts: list[str] = field(default_factory=list)


class SparkEngine(Engine):
    """Runs SQL on a Spark session; `folder` must be the same folder on every machine of the cluster."""

    def __init__(self, folder: Path, session: Any) -> None:
        self.folder, self.session = folder, session
        self._tables: dict[str, _Table] = {}
        self._written = 0

    def rows(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query; none for a statement that changes a table."""
        if parameters and "unnest(?" in sql:
            sql, parameters = self._with_given(sql, parameters), []
        tree = read_statement(sql)
        for place, value in zip(list(tree.find_all(exp.Placeholder)), parameters or [], strict=True):
            place.replace(exp.Literal.string(str(value)))
        match tree:
            case exp.Create():
                self._create(tree)
            case exp.Insert():
                self._insert(tree)
            case exp.Update():
                self._update(tree)
            case exp.Delete():
                kept = f"SELECT * FROM {tree.this.name} WHERE NOT COALESCE({spark_sql(tree.args['where'].this)}, FALSE)"
                self._fill(tree.this.name, self.session.sql(kept))
            case exp.Drop():
                self._drop(next(tree.find_all(exp.Table)).name)
            case _:
                return [tuple(row) for row in self.session.sql(spark_sql(tree)).collect()]
        return []

    def show_lines(self, name: str, path: Path) -> None:
        """A view `name(l)`, one row per line of a plain file of normalised lines."""
        read = self.session.read.text(str(path), lineSep="\n").withColumnRenamed("value", "l")
        read.createOrReplaceTempView(name)

    def _with_given(self, sql: str, parameters: list[Any]) -> str:
        """Lists handed over as parameters become a view `given`, one column for each."""
        schema = ", ".join(f"c{i} STRING" for i in range(len(parameters)))
        rows = list(zip(*parameters, strict=True))
        self.session.createDataFrame(rows, schema).createOrReplaceTempView("given")

        def named(found: re.Match[str]) -> str:
            columns = found[1]
            for i in range(len(parameters)):
                columns = columns.replace("unnest(?::VARCHAR[])", f"c{i}", 1)
            return f"SELECT {columns} FROM given"

        return _GIVEN.sub(named, sql)

    def _create(self, tree: Any) -> None:
        if isinstance(tree.this, exp.Schema):
            name = tree.this.this.name
            columns = ", ".join(f"`{c.name}` {spark_sql(c.args['kind'])}" for c in tree.this.expressions)
            self._remove(name)
            self._tables[name] = _Table(self.session.createDataFrame([], columns).schema)
            self._show(name)
            return
        self._fill(tree.this.name, self.session.sql(spark_sql(tree.expression)))

    def _insert(self, tree: Any) -> None:
        name, source = tree.this.name, tree.expression
        if isinstance(source, exp.Values):
            source = exp.select("*").from_(exp.alias_(source, "given", table=True))
        table = self._tables[name]
        found = self.session.sql(spark_sql(source)).toDF(*table.schema.names)
        columns = [found[column.name].cast(column.dataType).alias(column.name) for column in table.schema]
        table.parts.append(self._write(name, found.select(*columns)))
        self._show(name)

    def _update(self, tree: Any) -> None:
        name = tree.this.name
        condition = spark_sql(tree.args["where"].this)
        set_to = {pair.this.name: spark_sql(pair.expression) for pair in tree.expressions}
        columns = self._tables[name].schema.names
        changed = ", ".join(f"{set_to.get(column, f'`{column}`')} AS `{column}`" for column in columns)
        self._fill(
            name,
            self.session.sql(
                f"SELECT {changed} FROM {name} WHERE {condition} "
                f"UNION ALL SELECT * FROM {name} WHERE NOT COALESCE({condition}, FALSE)"
            ),
        )

    def _fill(self, name: str, rows: Any) -> None:
        """The table becomes these rows, which may come from the table itself."""
        part = self._write(name, rows)
        self._remove(name)
        self._tables[name] = _Table(rows.schema, [part])
        self._show(name)

    def _write(self, name: str, rows: Any) -> str:
        self._written += 1
        part = str(self.folder / "tables" / f"{name}-{self._written}")
        rows.write.parquet(part)
        return part

    def _show(self, name: str) -> None:
        table = self._tables[name]
        if table.parts:
            rows = self.session.read.schema(table.schema).parquet(*table.parts)
        else:
            rows = self.session.createDataFrame([], table.schema)
        rows.createOrReplaceTempView(name)

    def _remove(self, name: str) -> None:
        for part in self._tables.pop(name, _Table(None)).parts:
            shutil.rmtree(part, ignore_errors=True)

    def _drop(self, name: str) -> None:
        self._remove(name)
        self.session.catalog.dropTempView(name)
