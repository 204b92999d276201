"""A command that needs the database, called before the first start or after an update: a refusal and no fault of ours."""

from __future__ import annotations

import sys

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class DatabaseUnprepared(OpenBeianError):
    code = "database_unprepared"
    status = 503
    message = Text(
        "数据库还没有建立，或更新后还没有升级。请先运行一次 ./openbeian up。",
        "The database was not made yet, or not brought up to date since an update. Run ./openbeian up once first.",
    )


def is_unprepared(fault: Exception) -> bool:
    """Whether the database answered with an error and lacks tables or columns of this version."""
    # A command that never imported the framework has not asked a database.
    if "django.db.utils" not in sys.modules:
        return False
    from django.db.utils import DatabaseError

    if not isinstance(fault, DatabaseError):
        return False
    try:
        return is_behind()
    except DatabaseError:
        return False


def is_behind() -> bool:
    """Whether tables or columns of this version are still to be made."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
