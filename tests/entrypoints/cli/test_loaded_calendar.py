"""Commands that count days take in what an administrator loaded into the installation, and need no installation."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from tests.policies.factories import DAYS_2027, make_runner

from openbeian.entrypoints.cli import main
from openbeian.policies.actions.load_arrangement import load_arrangement
from openbeian.rules.arrangements import check_arrangement
from openbeian.rules.rulebook import current_rulebook


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs a command line in an installation whose folder is `tmp_path`; gives what it printed as JSON, and stderr."""
    monkeypatch.setenv("OPENBEIAN_LANGUAGE", "en")
    monkeypatch.setenv("OPENBEIAN_HOME", str(tmp_path))
    monkeypatch.delenv("OPENBEIAN_DATABASE_URL", raising=False)

    def call(*arguments: str) -> tuple[Any, str]:
        monkeypatch.setattr(sys, "argv", ["openbeian", *arguments])
        assert main(list(arguments)) == 0
        captured = capsys.readouterr()
        return json.loads(captured.out), captured.err

    return call


ADD = ("workdays", "add", "2027-02-01", "10", "--json")
DEADLINE = ("deadline", "filing.review.administration", "--anchor", "2027-02-01", "--json")


@pytest.mark.django_db(transaction=True)
def test_a_year_loaded_by_an_administrator_counts_on_the_command_line(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before, _ = run(*ADD)
    assert before["provisional"] is True
    content = json.dumps({"year": 2027, "source": "测试通知", "days": DAYS_2027})
    load_arrangement(make_runner(), check_arrangement(content.encode(), "2027.json", current_rulebook()))
    database = connection.settings_dict
    if connection.vendor == "postgresql":
        login = quote(database["USER"]) + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
        address = f"postgresql://{login}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
        monkeypatch.setenv("OPENBEIAN_DATABASE_URL", address)
    else:
        (tmp_path / "openbeian.sqlite3").symlink_to(database["NAME"])
    after, _ = run(*ADD)
    assert after["provisional"] is False
    assert after["day"] > before["day"]
    told, said = run(*DEADLINE)
    assert (told["provisional"], said) == (False, "")


def test_without_any_database_the_rulebooks_own_calendar_answers_and_nothing_is_made(run: Any, tmp_path: Path) -> None:
    told, said = run("workdays", "add", "2025-09-22", "20", "--json")
    assert (told["day"], said) == ("2025-10-24", "")
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_something_else_or_a_broken_one_is_said_and_does_not_stop_the_count(
    run: Any, tmp_path: Path
) -> None:
    (tmp_path / "openbeian.sqlite3").write_bytes(b"no database at all" * 100)
    told, said = run("workdays", "add", "2025-09-22", "20", "--json")
    assert told["day"] == "2025-10-24"
    assert "counted by the rulebook's own alone" in said


def test_a_server_that_does_not_answer_is_said_without_its_password(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBEIAN_DATABASE_URL", "postgresql://nobody:geheim@127.0.0.1:1/none")
    told, said = run("workdays", "add", "2025-09-22", "20", "--json")
    assert told["day"] == "2025-10-24"
    assert "OperationalError" in said
    assert "geheim" not in said
