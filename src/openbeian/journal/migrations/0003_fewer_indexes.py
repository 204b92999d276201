"""Drops what no question to the journal uses, as every entry pays for each index it stands in.

Nobody asks who did what but over `Concern`; `journal_concerns` begins with the organisation; entries are never deleted,
so nothing looks for their concerns; and the chain itself, not an index, tells when a hash stands twice.
"""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_DROPPED = (
    ("journal_entry", "actor_id"),
    ("journal_entry", "organisation_id"),
    ("journal_concern", "entry_id"),
    ("journal_concern", "organisation_id"),
)


def drop_indexes(apps: Any, editor: Any) -> None:
    """By what they stand over: on SQLite altering the field would copy the whole table for each."""
    quote = editor.connection.ops.quote_name
    for table, column in _DROPPED:
        with editor.connection.cursor() as cursor:
            constraints = editor.connection.introspection.get_constraints(cursor, table)
        for name, found in constraints.items():
            if found["index"] and not found["unique"] and found["columns"] == [column]:
                editor.execute(f"DROP INDEX {quote(name)}")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("journal", "0002_head"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_indexes, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name="entry",
                    name="actor",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="entry",
                    name="organisation",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                migrations.AlterField(
                    model_name="concern",
                    name="entry",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="concerned",
                        to="journal.entry",
                    ),
                ),
                migrations.AlterField(
                    model_name="concern",
                    name="organisation",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
            ],
        ),
        migrations.AlterField(model_name="entry", name="hash", field=models.CharField(max_length=64)),
    ]
