from typing import Any

from django.db import migrations

from openbeian.registry.name_index import renew_name_index


def renew_index(apps: Any, editor: Any) -> None:
    """The triggers now leave rows alone whose names are indexed together; only SQLite has triggers."""
    if editor.connection.vendor == "sqlite":
        renew_name_index(editor)


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_licence_holders")]

    operations = [migrations.RunPython(renew_index, migrations.RunPython.noop)]
