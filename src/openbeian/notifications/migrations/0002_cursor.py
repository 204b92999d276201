"""Notices begin with what happens from now on: an installation that grew up without them is not flooded."""

from django.db import migrations


def start_at_head(apps, schema_editor):
    head = apps.get_model("journal", "Head").objects.filter(pk=1).first()
    apps.get_model("journal", "Cursor").objects.get_or_create(
        reader="notifications", defaults={"sequence": head.sequence if head else 0}
    )


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial"), ("journal", "0002_head")]

    operations = [migrations.RunPython(start_at_head, migrations.RunPython.noop)]
