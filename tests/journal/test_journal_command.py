"""`openbeian journal`: the chain is checked, the first broken entry named, the entries taken out."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from tests.accounts.factories import make_member, make_organisation

from openbeian.accounts.acting import actor_of
from openbeian.accounts.actions.change_organisation import change_organisation
from openbeian.entrypoints.cli import main
from openbeian.journal.decisions import Written
from openbeian.journal.models import Entry

pytestmark = pytest.mark.django_db


def write_entries(count: int) -> None:
    membership = make_member(make_organisation(), "administrator")
    for i in range(count):
        change_organisation(actor_of(membership, "web"), membership.organisation_id, f"名称{i}")


def run_sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_intact_chain_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    write_entries(3)
    assert main(["journal", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"entries": 3, "intact": True}


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE journal_entry SET actor_name = '他人' WHERE sequence = 2", 2),
        ("UPDATE journal_entry SET address = '203.0.113.9' WHERE sequence = 1", 1),
        ("UPDATE journal_head SET sequence = 4", 4),
    ],
)
def test_tampering_exits_2_and_names_the_first_broken_entry(
    tampering: str, broken: int, capsys: pytest.CaptureFixture[str]
) -> None:
    write_entries(3)
    run_sql(tampering)
    assert main(["journal", "verify"]) == 2
    assert f"第 {broken} 条" in capsys.readouterr().err


def test_exported_lines_carry_all_that_the_hash_protects(capsys: pytest.CaptureFixture[str]) -> None:
    write_entries(2)
    assert main(["journal", "export", "--json"]) == 0
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [d["hash"] for d in documents] == list(Entry.objects.order_by("sequence").values_list("hash", flat=True))
    assert set(documents[0]) == {*Written.__slots__, "hash"}
    assert documents[1]["previous_hash"] == documents[0]["hash"]


def test_a_filter_narrows_and_a_mistyped_day_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    write_entries(2)
    assert main(["journal", "export", "--json", "--event", "token.issued"]) == 0
    assert not capsys.readouterr().out
    assert main(["journal", "export", "--from", "yesterday"]) == 2
