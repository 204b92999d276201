"""Makes the data folder ready to serve: folders, tables, static files, a rulebook that loads.

What was done is noted in `prepared.json` beside the database, as fingerprints of what it was done from. A start
with nothing new reads those files' names and one row count, and never imports the framework: that is what brings
the first page within three seconds.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openbeian import settings
from openbeian.entrypoints.cli.output import say
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

_SOURCE = Path(__file__).parents[2]


class DatabaseUnreachable(OpenBeianError):
    code = "database_unreachable"
    status = 503
    message = Text(
        "连不上数据库（{why}）。请核对 OPENBEIAN_DATABASE_URL，并确认数据库已启动。",
        "The database cannot be reached ({why}). Check OPENBEIAN_DATABASE_URL and that the server is running.",
    )


def prepare_home() -> None:
    """Does what is new since the last time, and says so. Raises: DatabaseUnreachable, RulebookInvalid."""
    settings.HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.HOME.chmod(0o700)
    note = settings.HOME / "prepared.json"
    done, wanted = _read_note(note), _compute_fingerprints()
    if done.get("migrations") != wanted["migrations"] or done.get("applied") != _count_applied():
        _migrate()
    if done.get("static") != wanted["static"] or not (settings.STATIC_ROOT / "staticfiles.json").is_file():
        _collect_static()
    if done.get("rulebook") != wanted["rulebook"]:
        _check_rulebook()
    now_done = {**wanted, "applied": _count_applied()}
    if now_done != done:
        aside = note.with_suffix(".new")
        aside.write_text(json.dumps(now_done))
        aside.replace(note)


def _read_note(note: Path) -> dict[str, Any]:
    try:
        document = json.loads(note.read_text())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _compute_fingerprints() -> dict[str, str]:
    locked = settings.ROOT / "requirements" / "runtime.txt"
    database = settings.DATABASES["default"]
    where = f"{database.get('HOST', '')}:{database.get('PORT', '')}/{database['NAME']}"
    return {
        "migrations": _fingerprint([locked, *list_migrations()], where),
        "static": _fingerprint([locked, *_SOURCE.glob("entrypoints/*/static/**/*")]),
        "rulebook": _fingerprint(settings.RULEBOOK_FOLDER.rglob("*.yaml"), str(settings.RULEBOOK_FOLDER)),
    }


def list_migrations() -> list[Path]:
    """The files of all our migrations, those of packages inside packages too."""
    return sorted(_SOURCE.glob("**/migrations/[0-9]*.py"))


def _fingerprint(files: Iterable[Path], *more: str) -> str:
    """Changes with any file's name, size or time of writing."""
    seen = hashlib.sha256("\n".join(more).encode())
    for file in sorted(files):
        if file.is_file():
            stat = file.stat()
            seen.update(f"{file}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def _count_applied() -> int:
    """How many migrations the database itself says were applied; 0 for an empty or absent one.

    Raises: DatabaseUnreachable.
    """
    database = settings.DATABASES["default"]
    query = "SELECT count(*) FROM django_migrations"
    if database["ENGINE"].endswith("sqlite3"):
        if not Path(database["NAME"]).is_file():
            return 0
        connection = sqlite3.connect(database["NAME"], timeout=20)
        try:
            return int(connection.execute(query).fetchone()[0])
        except sqlite3.OperationalError:
            return 0
        finally:
            connection.close()

    import psycopg

    try:
        with psycopg.connect(
            dbname=database["NAME"],
            user=database["USER"] or None,
            password=database["PASSWORD"] or None,
            host=database["HOST"] or None,
            port=database["PORT"] or None,
            connect_timeout=5,
        ) as link:
            row = link.execute(query).fetchone()
            return int(row[0]) if row else 0
    except psycopg.errors.UndefinedTable:
        return 0
    except psycopg.OperationalError as trouble:
        raise DatabaseUnreachable(why=str(trouble).strip().splitlines()[0][:200]) from trouble


def _migrate() -> None:
    say(Text("正在准备数据库……", "Preparing the database …"))
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        Path(database["NAME"]).chmod(0o600)


def _collect_static() -> None:
    say(Text("正在准备页面文件……", "Preparing the pages' files …"))
    import django
    from django.core.management import call_command

    django.setup()
    # The middleware warns of a folder that is about to be made.
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)


def _check_rulebook() -> None:
    from openbeian.rules.procedures import load_procedures
    from openbeian.rules.rulebook import current_rulebook

    current_rulebook()
    load_procedures(settings.RULEBOOK_FOLDER / "procedures")
