"""Puts the one row of the head, from which the chain starts."""

from django.db import migrations


def begin_chain(apps, schema_editor):
    apps.get_model("journal", "Head").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunPython(begin_chain, migrations.RunPython.noop)]
