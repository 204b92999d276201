"""What a start looks at before it decides that the data folder is ready."""

from pathlib import Path

from django.db.migrations.loader import MigrationLoader

from openbeian.entrypoints.cli.preparing import list_migrations

SOURCE = Path(__file__).parents[3] / "src"


def test_every_migration_of_ours_is_looked_at_before_a_start() -> None:
    """A new one anywhere in the house must lead to new tables at the next start."""
    modules = {m.__module__ for m in MigrationLoader(None).disk_migrations.values()}
    ours = {SOURCE / (name.replace(".", "/") + ".py") for name in modules if name.startswith("openbeian.")}
    assert set(list_migrations()) == ours
    assert any("inspections" in file.parts for file in ours)
