"""`openbeian report`: drafts with origins, figures from a file, every fault, and refusals with exit code 2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cases.licence_factories import make_holder, make_licence, on
from tests.registry.factories import make_user

from openbeian.entrypoints.cli import main
from openbeian.registry.actions.record_number_resource import record_number_resource
from openbeian.supervision.reporting.models import AnnualReport

pytestmark = pytest.mark.django_db


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


def test_a_draft_shows_each_figure_with_its_origin_and_takes_figures_from_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    holder = make_holder()
    email = make_user(holder.owner).email
    with on("2026-01-12"):
        licence = make_licence(holder)
        named = ("--year", "2025", "--licence", licence.number, "--json")
        code, (draft,), _ = call(capsys, "report", "--as", email, "draft", *named)
        figures = {f["path"]: f for f in draft["figures"]}
        assert code == 0
        assert draft["state"] == "not_reported"
        assert draft["window"] == {"opens_on": "2026-01-01", "closes_on": "2026-03-31", "make_up_until": "2026-04-30"}
        assert figures["company.name"]["origin"] == "record"
        assert figures["company.legal_representative"] | {"value": ""} == figures["company.legal_representative"]
        (tmp_path / "f.json").write_text(json.dumps({"economy.total_income": 100, "economy.telecom_income": "200"}))
        _, (draft,), _ = call(capsys, "report", "--as", email, "draft", *named, "--figures", str(tmp_path / "f.json"))
        figures = {f["path"]: f for f in draft["figures"]}
        assert (figures["economy.total_income"]["value"], figures["economy.total_income"]["origin"]) == ("100", "typed")
        code, faults, said = call(capsys, "report", "--as", email, "check", *named)
    assert code == 2
    assert "report.telecom_income_at_most_total" in {f["rule"] for f in faults}
    assert "须修改" in said
    assert AnnualReport.objects.count() == 1


def test_a_number_has_a_draft_of_its_own_with_the_fees_grounds(capsys: pytest.CaptureFixture[str]) -> None:
    holder = make_holder()
    email = make_user(holder.owner).email
    with on("2026-01-12"):
        licence = make_licence(holder)
        raw = {"number": "95013", "kind": "95", "assigned_on": "2024-06-15", "licence_number": licence.number}
        record_number_resource(holder.applicant, raw)
        named = ("--year", "2025", "--number", "95013")
        code, (draft,), _ = call(capsys, "report", "--as", email, "draft", *named)
        assert (code, draft["kind"], draft["number"], draft["businesses"]) == (0, "number", "95013", [])
        assert draft["window"] == {"opens_on": "2026-01-01", "closes_on": "2026-03-31", "make_up_until": None}
        grounds = {g["rule"]: g for g in draft["grounds"]}
        assert grounds["number.occupation_fee"]["certain"] is True
        assert grounds["number.occupation_fee.amount"]["certain"] is False
        assert len(grounds["number.occupation_fee.amount"]["contradicted_by"]) == 2
        code, faults, _ = call(capsys, "report", "--as", email, "check", *named)
        assert code == 2
        assert "fee.due_yuan" in {f["field"] for f in faults}
        # The licence's report is another one, and one of the two is to be named.
        assert call(capsys, "report", "--as", email, "check", "--year", "2025", "--licence", licence.number)[0] == 2
        both = ("--year", "2025", "--licence", licence.number, "--number", "95013")
        assert call(capsys, "report", "--as", email, "draft", *both)[0] == 2
    assert AnnualReport.objects.get().regime == "number"


@pytest.mark.parametrize("content", ["[1]", "{", '{"a": [1]}', '{"a": true}', "[" * 100_000])
def test_a_file_that_holds_no_figures_is_refused_and_begins_nothing(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    holder = make_holder()
    email = make_user(holder.owner).email
    (tmp_path / "f.json").write_text(content)
    with on("2026-01-12"):
        number = make_licence(holder).number
        code, _, _ = call(
            capsys, "report", "--as", email, "draft", "--year", "2025", "--licence", number, "--figures", str(tmp_path / "f.json")
        )  # fmt: skip
    assert code == 2
    assert not AnnualReport.objects.exists()


def test_an_unknown_licence_and_a_year_not_owed_end_with_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    holder = make_holder()
    email = make_user(holder.owner).email
    with on("2026-01-12"):
        number = make_licence(holder, issued_on="2026-01-01", valid_until="2030-12-31").number
        for licence in ("京B2-19990001", number):
            assert call(capsys, "report", "--as", email, "draft", "--year", "2025", "--licence", licence)[0] == 2
