"""Whether the database is ready for commands, which need one that `up` has prepared."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class DatabaseNotReady(OpenBeianError):
    code = "database_not_ready"
    status = 503
    message = Text(
        "数据库还没有准备好，或不是本版本的：先运行一次 ./openbeian up。"
        "请核对 OPENBEIAN_HOME 和 OPENBEIAN_DATABASE_URL 指向的正是要用的数据。",
        "The database is not ready, or not of this version: run ./openbeian up once. "
        "See that OPENBEIAN_HOME and OPENBEIAN_DATABASE_URL name the data you mean.",
    )


def check_database_ready() -> None:
    """Raises: DatabaseNotReady where tables are missing or of another version, or nothing answers."""
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as fault:
        raise DatabaseNotReady from fault
    if is_behind:
        raise DatabaseNotReady


def explain_fault(fault: Exception) -> OpenBeianError | None:
    """The refusal behind a fault of the database, if it was not ready; None if the fault is ours."""
    from django.db import DatabaseError

    if not isinstance(fault, DatabaseError):
        return None
    try:
        check_database_ready()
    except DatabaseNotReady as refusal:
        return refusal
    return None
