"""Provincial checks: faults name the fact, the fix and the rule; a missing fact is told as uncertain."""

from datetime import date

from openbeian.rules.province_packs import check_order
from openbeian.rules.rulebook import Rulebook

TODAY = date(2026, 11, 21)


def test_a_refusal_says_what_stands_there_and_how_to_put_it_right(rulebook: Rulebook) -> None:
    faults, _ = check_order(rulebook, "豫", TODAY, {"domains_in_order": 6, "address_in_same_city": True})
    (fault,) = [f for f in faults if f.certain]
    assert (fault.field, fault.value, fault.rule) == ("domains_in_order", "6", "province.order.max_domains")
    assert "5" in fault.message.zh
    assert "several orders" in fault.fix.en


def test_a_missing_fact_is_uncertain_and_never_a_refusal(rulebook: Rulebook) -> None:
    faults, _ = check_order(rulebook, "豫", TODAY, {})
    assert {f.rule for f in faults} >= {"province.order.max_domains", "province.address.same_city"}
    assert not any(f.certain for f in faults)


def test_requirements_for_persons_do_not_touch_organisations(rulebook: Rulebook) -> None:
    faults, _ = check_order(rulebook, "闽", TODAY, {"sponsor_is_person": False})
    assert [f.rule for f in faults if f.rule.startswith("province.personal.")] == []


def test_requirements_consulted_carry_their_snapshot(rulebook: Rulebook) -> None:
    _, consulted = check_order(rulebook, "闽", TODAY, {})
    assert {r.version.observed_on for r in consulted} == {date(2025, 12, 31)}


def test_before_any_snapshot_nothing_is_asked(rulebook: Rulebook) -> None:
    assert check_order(rulebook, "闽", date(2016, 1, 1), {"age": 3, "sponsor_is_person": True}) == ((), ())
