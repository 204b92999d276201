from typing import Any

from django.db import migrations, models

from openbeian.registry.name_grams import compute_grams
from openbeian.registry.name_index import create_name_index, drop_name_index


def fill_grams(apps: Any, editor: Any) -> None:
    for name in ("Sponsor", "Service"):
        model = apps.get_model("registry", name)
        batch = []
        # People are not found by parts of their names.
        named = model.objects.exclude(nature="individual") if name == "Sponsor" else model.objects.all()
        for record in named.only("name").iterator(chunk_size=2000):
            record.name_grams = compute_grams(record.name)
            batch.append(record)
            if len(batch) == 2000:
                model.objects.bulk_update(batch, ["name_grams"])
                batch = []
        model.objects.bulk_update(batch, ["name_grams"])


def create_index(apps: Any, editor: Any) -> None:
    create_name_index(editor)


def drop_index(apps: Any, editor: Any) -> None:
    drop_name_index(editor)


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]

    operations = [
        migrations.AddField(
            "service",
            "name_grams",
            models.TextField(default="", help_text="see name_grams.compute_grams; indexed by name_index"),
        ),
        migrations.AddField(
            "sponsor",
            "name_grams",
            models.TextField(default="", help_text="see name_grams.compute_grams; indexed by name_index"),
        ),
        migrations.RunPython(fill_grams, migrations.RunPython.noop),
        migrations.RunPython(create_index, drop_index),
    ]
