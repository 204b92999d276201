"""The holidays an administrator loaded into this installation, for commands that must answer without the framework.

One look at one small table, straight and read-only: a command that counts days answers in a moment, makes no data
folder, and works where there is no database at all.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openbeian.entrypoints.cli.output import say
from openbeian.kernel.text import Text
from openbeian.kernel.working_days import Arrangement
from openbeian.rules.arrangements import restore_arrangement
from openbeian.rules.rulebook import rulebook_store

_QUESTION = "SELECT year, source, days FROM policies_loadedarrangement ORDER BY year"
_PATIENCE_S = 3
_UNREAD = Text(
    "读不到本系统录入的放假安排（{why}），只按规则库自带的安排计算。",
    "The holidays loaded here cannot be read ({why}); counted by the rulebook's own alone.",
)


class LoadedCalendar:
    """`rules.rulebook.ArrangementSource` of a command: read once, and said on stderr when it could not be."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, str, Any]] | None = None

    def version(self) -> str:
        return str(self._read())

    def list_arrangements(self) -> Iterable[Arrangement]:
        return [restore_arrangement(*row) for row in self._read()]

    def _read(self) -> list[tuple[int, str, Any]]:
        if self._rows is None:
            self._rows = _read_rows()
        return self._rows


def connect_loaded_calendar() -> None:
    """Lets the rulebook of this command count with what was loaded in this installation."""
    rulebook_store().arrangements = LoadedCalendar()


def _read_rows() -> list[tuple[int, str, Any]]:
    url = os.environ.get("OPENBEIAN_DATABASE_URL", "")
    return _read_postgres(url) if url else _read_sqlite()


def _read_sqlite() -> list[tuple[int, str, Any]]:
    home = os.environ.get("OPENBEIAN_HOME")
    file = Path(home or "data").absolute() / "openbeian.sqlite3"
    if not file.is_file():
        return []
    try:
        connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=_PATIENCE_S)
        try:
            return [(year, source, json.loads(days)) for year, source, days in connection.execute(_QUESTION)]
        finally:
            connection.close()
    except sqlite3.DatabaseError as trouble:
        if "no such table" not in str(trouble):
            say(_UNREAD.format(why=type(trouble).__name__))
        return []


def _read_postgres(url: str) -> list[tuple[int, str, Any]]:
    import psycopg

    try:
        with psycopg.connect(
            url, connect_timeout=_PATIENCE_S, options=f"-c statement_timeout={_PATIENCE_S}s"
        ) as connection:
            return connection.execute(_QUESTION).fetchall()
    except psycopg.errors.UndefinedTable:
        return []
    except psycopg.Error as trouble:
        # Only the kind of trouble: the words may hold the address with its password.
        say(_UNREAD.format(why=type(trouble).__name__))
        return []
