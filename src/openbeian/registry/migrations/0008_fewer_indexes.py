"""Drops two indexes with which another one of the same table begins: every row on record pays for each."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

_DROPPED = (
    ("registry_sponsor", "organisation_id"),  # sponsors_of_organisation
    ("registry_service", "sponsor_id"),  # one_service_per_sequence
)


def drop_indexes(apps: Any, editor: Any) -> None:
    """By what they stand over: on SQLite altering the field would copy the table, and lose the triggers of the names."""
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
        ("registry", "0007_blacklist_of_a_provider"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_indexes, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name="sponsor",
                    name="organisation",
                    field=models.ForeignKey(
                        db_index=False,
                        help_text="whose record it is",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sponsors",
                        to="accounts.organisation",
                    ),
                ),
                migrations.AlterField(
                    model_name="service",
                    name="sponsor",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="registry.sponsor",
                    ),
                ),
            ],
        ),
    ]
