"""Own log formats: nginx `log_format` and Apache `LogFormat` strings become grammars."""

# ruff: noqa: S608 - the SQL is put together from this package's own words; values from outside are parameters or literals made safe
from __future__ import annotations

import re

from openbeian.kernel.text import Text
from openbeian.observation.traffic.errors import PatternRefused
from openbeian.observation.traffic.grammars import Grammar, _instant, _number, _status

_COLUMN = {
    "remote_addr": "address", "h": "address", "a": "address", "{c}a": "address", "realip_remote_addr": "address",
    "time_local": "time", "time_iso8601": "time", "msec": "time", "t": "time",
    "request": "request", "r": "request", "request_method": "method", "m": "method",
    "request_uri": "target", "uri": "target", "U": "target",
    "status": "status", "s": "status", "body_bytes_sent": "size", "bytes_sent": "size", "b": "size", "B": "size", "O": "size",
    "http_user_agent": "agent", "{User-Agent}i": "agent", "http_referer": "referrer", "{Referer}i": "referrer",
    "host": "host", "http_host": "host", "server_name": "host", "v": "host", "V": "host", "{Host}i": "host",
}  # fmt: skip
_NGINX = re.compile(r"\$\{?([a-z0-9_]+)\}?")
_APACHE = re.compile(r"%[<>!0-9,]*((?:\{[^}]*\})?[a-zA-Z])")


def _pieces(pattern: str) -> list[tuple[str, str]]:
    """The pattern as (literal before, variable) pairs, closed by (rest, "")."""
    variable = _NGINX if _NGINX.search(pattern) else _APACHE
    pieces: list[tuple[str, str]] = []
    end = 0
    for found in variable.finditer(pattern):
        literal = pattern[end : found.start()]
        if pieces and not literal:
            raise PatternRefused(
                why=Text(f"{found[0]} 前没有分隔符", f"nothing separates {found[0]} from what precedes it")
            )
        pieces.append((literal, found[1]))
        end = found.end()
    return [*pieces, (pattern[end:], "")]


def compile_pattern(pattern: str) -> Grammar:
    """A grammar for an own format string, for example `$remote_addr [$time_local] "$request" $status`.

    Each variable runs up to the next literal character, so that reading stays linear whatever a client sends.

    Raises: PatternRefused when it is too long, two variables touch, or address, time, request or status is missing.
    """
    if len(pattern) > 4096:
        raise PatternRefused(why=Text("超过 4096 字", "more than 4096 characters"))
    pieces = _pieces(pattern.strip())
    columns: list[str] = []
    expression = "^"
    for (literal, name), (following, _) in zip(pieces, [*pieces[1:], ("", "")], strict=True):
        # Apache's %t brings its own brackets.
        before, after = (literal + "[", "]" + following) if name == "t" else (literal, following)
        expression += re.sub(r"([^\w\s])", r"\\\1", before)
        if not name:
            break
        inside = "[^" + re.sub(r"([^\w\s])", r"\\\1", after[0]) + "]*" if after else ".*"
        column = _COLUMN.get(name, "")
        if column and column not in columns:
            columns.append(column)
            expression += f"({inside})"
        else:
            expression += inside
        expression += r"\]" if name == "t" else ""
    known = set(columns)
    if not {"address", "time", "status"} <= known or not known & {"request", "target"}:
        raise PatternRefused(why=Text("缺少必要的字段", "a necessary field is missing"))
    return _grammar(expression, columns)


def _grammar(expression: str, columns: list[str]) -> Grammar:
    def column(name: str, otherwise: str) -> str:
        return f"v.{name}" if name in columns else otherwise

    names = ", ".join(f"'{name}'" for name in columns)
    quoted = expression.replace("'", "''").replace("{", "{{").replace("}", "}}")
    unquoted = r"""CASE WHEN contains(l, '\"') THEN replace(replace(l, '\\', '\x5C'), '\"', '\x22') ELSE l END"""
    target = column("target", "''")
    return Grammar(
        name="pattern",
        title=Text("自定格式", "own pattern"),
        prepare=f"SELECT l, regexp_extract({unquoted}, '{quoted}', [{names}]) AS v FROM {{lines}}",
        shape="v.address <> ''",
        address="v.address",
        at=_instant("v.time"),
        request=column("request", f"{column('method', chr(39) + 'GET' + chr(39))} || ' ' || {target}"),
        status=_status("v.status"),
        size=_number(column("size", "'-'")),
        agent=column("agent", "''"),
        referrer=column("referrer", "''"),
        host=column("host", "''"),
    )
