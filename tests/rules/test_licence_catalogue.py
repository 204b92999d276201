"""The catalogue of licences and what the wizard says: every statement grounded, and doubt said as doubt."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from openbeian.rules.code_tables import find_rulebook, load_code_tables
from openbeian.rules.errors import RulebookInvalid
from openbeian.rules.licence_advice import Advice, Answers, advise
from openbeian.rules.licence_catalogue import load_licence_catalogue, read_licence_catalogue
from openbeian.rules.rulebook import current_rulebook

DAY = date(2026, 11, 21)
CATALOGUE = load_licence_catalogue(find_rulebook())


def ask(*activities: str, **answers: object) -> Advice:
    return advise(Answers(activities=activities, **answers), CATALOGUE, current_rulebook(), DAY)  # type: ignore[arg-type]


def verdicts(advice: Advice, rule: str) -> list[str]:
    lines = [*advice.general, *(line for one in advice.businesses for line in one.lines)]
    return [line.verdict for line in lines if line.ground is not None and line.ground.rule.id == rule]


def test_the_catalogue_and_the_code_table_name_the_same_businesses() -> None:
    assert set(CATALOGUE.businesses) == {row.id for row in load_code_tables().businesses}


def test_every_rule_the_catalogue_rests_on_stands_in_the_rulebook() -> None:
    assert CATALOGUE.list_rules() - set(current_rulebook().rules) == set()


def test_a_statement_without_ground_is_refused_with_its_place(tmp_path: Path) -> None:
    text = (find_rulebook() / "licences" / "catalogue.yaml").read_text(encoding="utf-8")
    file = tmp_path / "catalogue.yaml"
    file.write_text(text.replace("source: catalogue_secondary, confidence: M, ", ""), encoding="utf-8")
    with pytest.raises(RulebookInvalid) as refusal:
        read_licence_catalogue(file)
    assert "catalogue.groundless" in {fault.rule for fault in refusal.value.faults}


def test_a_free_site_needs_a_filing_and_no_licence() -> None:
    advice = ask("free_information")
    assert advice.verdict == "told"
    assert advice.businesses == ()


def test_a_marketplace_in_one_province_needs_b21_and_its_administration() -> None:
    advice = ask(
        "marketplace", area="one_province", province="京", foreign="none", capital_yuan=1_000_000, is_company="yes"
    )
    assert [one.business.code for one in advice.businesses] == ["B21"]
    assert verdicts(advice, "licence.capital.intra_province") == ["met"]
    assert "通信管理局" in next(x.text.zh for x in advice.general if x.ground and x.ground.rule.id == "licence.issuer")


@pytest.mark.parametrize(("capital", "verdict"), [(9_999_999, "not_met"), (10_000_000, "met"), (None, "cannot_tell")])
def test_across_provinces_ten_million_are_asked(capital: int | None, verdict: str) -> None:
    advice = ask("hosting", area="several", capital_yuan=capital)
    assert verdicts(advice, "licence.capital.cross_region") == [verdict]


def test_what_nobody_settled_is_not_told_as_certain() -> None:
    assert ask("advertising").verdict == "cannot_tell"
    assert ask("something_else").verdict == "cannot_tell"
    codes_from_memory = ask("data_lines", area="several")
    assert verdicts(codes_from_memory, "licence.catalogue.managed_as_value_added") == ["cannot_tell"]


@pytest.mark.parametrize(
    ("activity", "percent", "pilot", "rule", "verdict"),
    [
        ("vpn", 60, "", "licence.foreign.share_cap", "not_met"),
        ("vpn", 50, "", "licence.foreign.share_cap", "met"),
        ("vpn", 60, "beijing", "licence.foreign.share_cap", "not_met"),
        ("hosting", 100, "beijing", "licence.foreign.pilot_services", "told"),
        ("paid_information", 100, "hainan", "licence.foreign.pilot_services", "cannot_tell"),
        ("marketplace", 100, "", "licence.b21.foreign_share", "told"),
        ("hosting", None, "", "licence.foreign.share_cap", "cannot_tell"),
    ],
)
def test_foreign_shares_and_pilots(activity: str, percent: int | None, pilot: str, rule: str, verdict: str) -> None:
    advice = ask(activity, area="several", foreign="some", foreign_percent=percent, pilot_area=pilot)
    assert verdict in verdicts(advice, rule)


def test_numbers_are_named_with_their_fee() -> None:
    advice = ask("own_sms")
    assert verdicts(advice, "number.occupation_fee") == ["told"]


def test_what_was_not_answered_is_named() -> None:
    assert len(ask("hosting").unknown) == 3
    assert ask("hosting", area="several", foreign="none", capital_yuan=1).unknown == ()
