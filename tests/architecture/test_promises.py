"""What one part of the program promises another: routes have gates, jobs have workers, settings have words."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from openbeian.entrypoints.cli import cli
from openbeian.entrypoints.web.routes import list_routes
from openbeian.journal.events import list_events
from openbeian.wiring import list_job_kinds

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "openbeian"
GOLDEN = ROOT / "tests" / "golden" / "routes.txt"
GUIDE = ROOT / "docs" / "guides" / "settings.md"
_SETTING = re.compile(r"OPENBEIAN_[A-Z_]+[A-Z]")
# Set by the launcher or the tests, or a name of Django's own settings; nobody else writes them.
_OWN = {"OPENBEIAN_ROOT", "OPENBEIAN_ENVIRONMENT", "OPENBEIAN_KEYRING"}


def test_the_routes_and_their_permissions_are_those_of_the_golden_list() -> None:
    """After a change that is meant: `./openbeian routes --write`, and read the difference."""
    assert list_routes() == GOLDEN.read_text().splitlines()


def test_every_route_has_a_gate() -> None:
    assert [route for route in list_routes() if route.endswith("no gate")] == []


def test_every_event_has_a_sentence_in_both_languages() -> None:
    for file in SOURCE.glob("*/events.py"):
        importlib.import_module(f"openbeian.{file.parent.name}.events")
    events = list_events()
    assert events
    assert [e.name for e in events if not re.search(r"[\u4e00-\u9fff]", e.sentence.zh) or not e.sentence.en] == []


def _queued_kinds() -> dict[str, str]:
    """Every kind that some code queues, and where; a kind must be written out so that it can be found."""
    found = {}
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "enqueue_job" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found[str(first.value)] = file.name
                elif file.parent.name != "workers":
                    found[ast.unparse(first)] = file.name
    return found


def test_every_kind_of_job_that_is_queued_has_a_worker_function() -> None:
    queued = _queued_kinds()
    assert queued
    assert set(queued) - set(list_job_kinds()) == set()


def test_every_setting_and_every_command_has_its_words_in_the_guide() -> None:
    guide = GUIDE.read_text()
    sources = [*SOURCE.rglob("*.py"), ROOT / "openbeian"]
    settings = {name for f in sources for name in _SETTING.findall(f.read_text())} - _OWN
    commands = {f"`openbeian {name}" for name in cli.list_commands(None)}  # type: ignore[attr-defined]
    assert sorted(name for name in settings | commands if name not in guide) == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
