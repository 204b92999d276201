"""Drops the index of services over their sponsor, with which `one_service_per_sequence` begins: every row pays for each.

That of sponsors over their organisation stays, though `sponsors_of_organisation` begins with it as well: it gives them
in the order of their ids, page by page, without sorting them all.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def drop_index(apps: Any, editor: Any) -> None:
    """By what they stand over: on SQLite altering the field would copy the table, and lose the triggers of the names."""
    with editor.connection.cursor() as cursor:
        constraints = editor.connection.introspection.get_constraints(cursor, "registry_service")
    for name, found in constraints.items():
        if found["index"] and not found["unique"] and found["columns"] == ["sponsor_id"]:
            editor.execute(f"DROP INDEX {editor.connection.ops.quote_name(name)}")


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0007_blacklist_of_a_provider"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_index, migrations.RunPython.noop)],
            state_operations=[
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
