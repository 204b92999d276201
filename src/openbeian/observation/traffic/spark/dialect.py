"""Translates this package's SQL from DuckDB's dialect to Spark's; what both spell alike is left to sqlglot.

Counting is written once, for DuckDB. Here stand only the functions whose meaning differs between the two and which a
translator of names cannot know: how lenient a time or a number is read, JSON, regular expressions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlglot
from sqlglot import exp

_RENAMED = {
    "STRLEN": "OCTET_LENGTH",
    "EPOCH_US": "UNIX_MICROS",
    "HASH": "XXHASH64",
    "LIST_POSITION": "ARRAY_POSITION",
}
# Lines end at \n only, and case is that of all alphabets: what RE2 does without being asked.
_LIKE_RE2 = "(?d)"
_IGNORING_CASE = "(?diu)"
_APART = {"%d": "d", "%b": "MMM", "%m": "M", "%Y": "yyyy", "%H": "H", "%M": "m", "%S": "s", "%z": "[xxx][xx][x]"}
_TOGETHER = _APART | {"%d": "dd", "%m": "MM", "%H": "HH", "%M": "mm", "%S": "ss"}


def read_statement(sql: str) -> exp.Expression:
    """One statement of this package as a tree in Spark's meaning."""
    tree: exp.Expression = sqlglot.parse_one(sql, read="duckdb")
    for node in reversed(list(tree.dfs())):  # what stands inside first
        translated = _in_spark(node)
        if translated is not node:
            node.replace(translated)
    return tree


def spark_sql(tree: exp.Expression) -> str:
    """The tree as text for Spark."""
    return tree.sql(dialect="spark")


def to_spark(sql: str) -> str:
    """The statement as Spark takes it."""
    return spark_sql(read_statement(sql))


def _in_spark(node: exp.Expression) -> exp.Expression:
    for kind, translate in _TRANSLATIONS.items():
        if isinstance(node, kind):
            return translate(node)
    return node


def _parsed(text: str) -> exp.Expression:
    return sqlglot.parse_one(text, read="spark")


def _literal(text: str) -> str:
    return spark_sql(exp.Literal.string(text))


def _function(node: Any) -> exp.Expression:
    name = node.name.upper()
    if name in _RENAMED:
        return exp.Anonymous(this=_RENAMED[name], expressions=node.expressions)
    if name == "TRY_STRPTIME":
        text, form = node.expressions
        return _parsed(_time(spark_sql(text), form.name))
    if name == "JSON_VALID":
        return _parsed(_is_json(spark_sql(node.expressions[0])))
    return node


def _time(text: str, form: str) -> str:
    """A timestamp, or NULL for what is no time; one digit for two and blanks in front are taken, as DuckDB does."""
    parts = _TOGETHER if re.search(r"%[a-zA-Z]%", form) else _APART
    pieces = re.findall(r"%[a-zA-Z]|[^%]", form)
    pattern = "".join(parts.get(piece, piece if piece in " /:-" else f"'{piece}'") for piece in pieces)
    return f"TRY_TO_TIMESTAMP(LTRIM({text}), {_literal(pattern)})"


def _is_json(text: str) -> str:
    """Whether the text is one JSON document and nothing else; Spark's own readers stop at the end of the first."""
    return (
        f"(COALESCE(JSON_ARRAY_LENGTH(CONCAT('[', {text}, ']')), 0) = 1"
        f" AND GET_JSON_OBJECT(CONCAT('{{\"v\":', {text}, '}}'), '$.v') IS NOT NULL)"
    )


def _json_fields(node: Any) -> exp.Expression:
    """Several paths of one document as an array of texts."""
    document = spark_sql(node.this)
    paths = node.expression
    if not isinstance(paths, exp.Array):
        return node
    found = []
    for path in paths.expressions:
        plain = re.sub(r'\."([^"]+)"', r"['\1']", path.name)
        found.append(f"GET_JSON_OBJECT({document}, {_literal(plain)})")
    return _parsed(f"ARRAY({', '.join(found)})")


def _number(node: Any) -> exp.Expression:
    """Whole numbers out of text: DuckDB takes 1e3 and 5.5 too and rounds."""
    kind = node.to.this
    if kind not in {exp.DataType.Type.BIGINT, exp.DataType.Type.SMALLINT}:
        return node
    text, target = f"TRIM(CAST({spark_sql(node.this)} AS STRING))", kind.name
    whole, broken = _literal(r"^[+-]?[0-9]+$"), _literal(r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$")
    return _parsed(
        f"CASE WHEN {text} RLIKE {whole} THEN TRY_CAST({text} AS {target}) "
        f"WHEN {text} RLIKE {broken} THEN TRY_CAST(ROUND(CAST({text} AS DOUBLE)) AS {target}) END"
    )


def _extract(node: Any) -> exp.Expression:
    text, pattern, group = spark_sql(node.this), node.expression.name, node.args.get("group")
    if isinstance(group, exp.Array):
        named = ", ".join(
            f"{_literal(name.name)}, REGEXP_EXTRACT({text}, {_literal(_LIKE_RE2 + pattern)}, {place})"
            for place, name in enumerate(group.expressions, 1)
        )
        return _parsed(f"NAMED_STRUCT({named})")
    place = group.name if group is not None else "0"
    return _parsed(f"REGEXP_EXTRACT({text}, {_literal(_LIKE_RE2 + pattern)}, {place})")


def _matches(node: Any) -> exp.Expression:
    flag = node.args.get("flag")
    mode = _IGNORING_CASE if flag is not None and "i" in flag.name else _LIKE_RE2
    return _parsed(f"{spark_sql(node.this)} RLIKE {_literal(mode + node.expression.name)}")


def _replace(node: Any) -> exp.Expression:
    modifiers = node.args.get("modifiers")
    mode = _IGNORING_CASE if modifiers is not None and "i" in modifiers.name else _LIKE_RE2
    replacement = spark_sql(node.args["replacement"])
    return _parsed(f"REGEXP_REPLACE({spark_sql(node.this)}, {_literal(mode + node.expression.name)}, {replacement})")


def _length(node: Any) -> exp.Expression:
    # This package asks `len` of lists only; texts are measured by strlen.
    return exp.Anonymous(this="SIZE", expressions=[node.this])


def _as_bytes(node: Any) -> exp.Expression:
    return exp.cast(node.this, "BINARY")


def _as_text(node: Any) -> exp.Expression:
    return exp.cast(node.this, "STRING", dialect="spark")


def _kind(node: Any) -> exp.Expression:
    # Hashes are Spark's own 64 bits, which are signed; they never leave an engine.
    return exp.DataType.build("BIGINT") if node.this == exp.DataType.Type.UBIGINT else node


_TRANSLATIONS: dict[type[exp.Expression], Callable[[Any], exp.Expression]] = {
    exp.Anonymous: _function,
    exp.JSONExtractScalar: _json_fields,
    exp.TryCast: _number,
    exp.RegexpExtract: _extract,
    exp.RegexpLike: _matches,
    exp.RegexpReplace: _replace,
    exp.Length: _length,
    exp.Encode: _as_bytes,
    exp.Decode: _as_text,
    exp.DataType: _kind,
}
