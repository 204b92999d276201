"""What records owe, by when and how near: the worked cases of the law, and properties that hold for any day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.obligations.facts import find_owed, kinds, make_facts, make_licence, make_reckoner, noon

from openbeian.obligations.decisions import Reckoner, Stage, compute_digest
from openbeian.rules.deadlines import compute_deadline
from openbeian.rules.resolver import Policy
from openbeian.rules.rulebook import current_rulebook

TODAY = date(2026, 11, 21)
DAYS = st.dates(date(2018, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("issued", "until", "due", "advised", "provisional"),
    [
        ("2021-03-01", "2026-03-01", "2025-12-01", "2025-12-01", False),
        ("2021-03-01", "2026-02-28", "2025-11-30", "2025-11-28", False),
        ("2021-08-31", "2026-08-31", "2026-06-02", "2026-06-02", False),
        ("2022-06-15", "2027-06-15", "2027-03-17", "2027-03-17", True),
    ],
    ids=["case 2", "case 3", "case 6", "case 7"],
)
def test_a_renewal_is_due_ninety_days_before_the_end(
    issued: str, until: str, due: str, advised: str, provisional: bool
) -> None:
    facts = make_licence(date.fromisoformat(issued), date.fromisoformat(until))
    owed = find_owed(make_reckoner(date(2025, 6, 2)).list_owed(facts), "licence.renewal")
    assert owed is not None
    r = owed.reckoning
    assert (str(r.due_on), str(r.advised_on), r.provisional) == (due, advised, provisional)


def test_a_licence_granted_on_the_last_day_of_2025_reports_by_march_2026() -> None:
    facts = make_licence(date(2025, 12, 31), date(2030, 12, 31))
    owed = find_owed(make_reckoner(date(2026, 2, 1)).list_owed(facts), "licence.annual_report", "2025")
    assert owed is not None
    assert owed.reckoning.due_on == date(2026, 3, 31)
    assert owed.stage is Stage.WINDOW_OPEN


def test_a_licence_granted_on_new_year_2026_does_not_report_before_2027() -> None:
    facts = make_licence(date(2026, 1, 1), date(2031, 1, 1))
    owed = find_owed(make_reckoner(date(2026, 2, 1)).list_owed(facts), "licence.annual_report")
    assert owed is not None
    assert (owed.reckoning.due_on, owed.stage) == (date(2027, 3, 31), Stage.FAR)


def test_a_number_assigned_in_june_2025_is_reported_on_by_march_2026() -> None:
    facts = make_facts("number", days={"assigned_on": date(2025, 6, 10)})
    owed = find_owed(make_reckoner(date(2026, 3, 30)).list_owed(facts), "number.annual_report", "2025")
    assert owed is not None
    assert (owed.reckoning.due_on, owed.stage) == (date(2026, 3, 31), Stage.DUE_SOON)


def test_a_licences_life_goes_from_far_through_its_windows_to_overdue() -> None:
    facts = make_licence(date(2021, 3, 1), date(2026, 3, 1))
    seen = []
    for day in (
        "2025-08-01",
        "2025-09-02",
        "2025-11-20",
        "2025-11-21",
        "2025-12-01",
        "2025-12-02",
        "2026-03-01",
        "2026-03-02",
    ):
        owed = make_reckoner(date.fromisoformat(day)).list_owed(facts)
        renewal, expiry = find_owed(owed, "licence.renewal"), find_owed(owed, "licence.expiry")
        assert renewal is not None
        assert expiry is not None
        seen.append((day, renewal.stage.value, expiry.stage.value))
    assert seen == [
        ("2025-08-01", "far", "far"),
        ("2025-09-02", "window_open", "far"),
        ("2025-11-20", "window_open", "far"),
        ("2025-11-21", "due_soon", "far"),
        ("2025-12-01", "due_soon", "window_open"),
        ("2025-12-02", "overdue", "window_open"),
        ("2026-03-01", "overdue", "due_soon"),
        ("2026-03-02", "overdue", "overdue"),
    ]


def test_a_missed_report_opens_the_make_up_and_a_report_made_closes_it() -> None:
    facts = make_licence(date(2021, 3, 1), date(2029, 3, 1), known_since=date(2026, 1, 5))
    april = make_reckoner(date(2026, 4, 2))
    assert find_owed(make_reckoner(date(2026, 3, 31)).list_owed(facts), "licence.annual_report_make_up") is None
    make_up = find_owed(april.list_owed(facts), "licence.annual_report_make_up")
    assert make_up is not None
    assert (make_up.reckoning.due_on, make_up.stage) == (date(2026, 4, 30), Stage.WINDOW_OPEN)
    done = facts._replace(settled={("licence.annual_report", "2025"): Stage.DONE})
    assert find_owed(april.list_owed(done), "licence.annual_report_make_up") is None
    report = find_owed(april.list_owed(done), "licence.annual_report", "2025")
    assert report is not None
    assert report.stage is Stage.DONE


def test_what_was_due_before_the_record_was_known_is_asked_about_and_not_alarmed_of() -> None:
    reckoner = make_reckoner(TODAY)
    old = make_facts(days={"granted_on": date(2024, 5, 6)}, known_since=TODAY)
    owed = find_owed(reckoner.list_owed(old), "service.police_filing")
    assert owed is not None
    assert owed.stage is Stage.UNCONFIRMED
    watched = old._replace(known_since=date(2024, 5, 6))
    owed = find_owed(reckoner.list_owed(watched), "service.police_filing")
    assert owed is not None
    assert owed.stage is Stage.OVERDUE


def test_police_filing_is_due_thirty_days_after_going_online() -> None:
    owed = find_owed(
        make_reckoner(TODAY).list_owed(make_facts(days={"granted_on": date(2026, 11, 2)})), "service.police_filing"
    )
    assert owed is not None
    assert owed.reckoning.due_on == date(2026, 12, 2)
    assert owed.reckoning.harm.rank == 4
    assert "警告" in owed.reckoning.harm.text.zh


def test_standing_duties_have_no_day_and_carry_their_fine() -> None:
    owed = find_owed(make_reckoner(TODAY).list_owed(make_facts()), "service.footer_number")
    assert owed is not None
    assert (owed.stage, owed.reckoning.due_on, owed.reckoning.cycle) == (Stage.STANDING, None, "")
    assert "5,000–50,000" in owed.reckoning.harm.text.en


def test_a_cancelled_record_owes_nothing() -> None:
    facts = make_facts(words={"standing": "cancelled"}, days={"granted_on": date(2026, 11, 1)})
    assert make_reckoner(TODAY).list_owed(facts) == []


def test_a_service_that_lost_its_last_access_is_to_be_cancelled_the_same_day() -> None:
    facts = make_facts(words={"standing": "shell"}, days={"access_ended_on": TODAY})
    owed = find_owed(make_reckoner(TODAY).list_owed(facts), "service.cancel_on_end")
    assert owed is not None
    assert (owed.reckoning.due_on, owed.stage) == (TODAY, Stage.DUE_SOON)
    assert "10,000" in owed.reckoning.harm.text.en


def test_reconfirmation_is_owed_only_under_a_policy_which_it_names() -> None:
    facts = make_facts("sponsor", days={"confirmed_on": date(2025, 1, 15)})
    assert find_owed(make_reckoner(TODAY).list_owed(facts), "sponsor.reconfirmation") is None
    policy = Policy("filing.reconfirmation.cycle", "two_years", "管理员", date(2026, 11, 1))
    owed = find_owed(make_reckoner(TODAY, policies=[policy]).list_owed(facts), "sponsor.reconfirmation")
    assert owed is not None
    assert owed.reckoning.due_on == date(2027, 1, 15)
    assert owed.reckoning.policy == policy
    assert owed.reckoning.policy.label.en == "policy of this installation, not law"


@pytest.mark.parametrize("claim", ["no_such_claim", "one_month"])
def test_a_policy_that_cannot_be_followed_stops_nothing(claim: str) -> None:
    policy = Policy("licence.renewal.apply_before_expiry", claim, "管理员", date(2020, 1, 1))
    facts = make_licence(date(2021, 3, 1), date(2026, 3, 1))
    owed = find_owed(make_reckoner(date(2025, 10, 1), policies=[policy]).list_owed(facts), "licence.renewal")
    assert owed is not None
    assert (owed.reckoning.due_on, owed.reckoning.policy) == (date(2025, 12, 1), None)


def test_own_lead_times_move_the_window_and_not_the_due_day() -> None:
    facts = make_licence(date(2021, 3, 1), date(2026, 3, 1))
    early = make_reckoner(date(2025, 6, 1), leads={"licence.renewal": (365, 200, 90)})
    owed = find_owed(early.list_owed(facts), "licence.renewal")
    assert owed is not None
    r = owed.reckoning
    assert (r.window_opens_on, r.soon_on, r.due_on) == (date(2025, 3, 1), date(2025, 8, 13), date(2025, 12, 1))


def test_every_kind_names_a_rule_and_words_that_exist() -> None:
    rulebook = current_rulebook()
    for kind in kinds().kinds.values():
        rulebook.get_rule(kind.rule)
        if kind.consequence:
            rulebook.get_rule(kind.consequence)
    assert set(kinds().measure_ranks) == set(rulebook.measures)


def test_the_digest_of_a_kind_follows_its_rule_and_not_its_place_in_the_file() -> None:
    rulebook, kind = current_rulebook(), kinds().kinds["service.police_filing"]
    rule = rulebook.get_rule(kind.rule)
    moved = tuple(replace(v, line=v.line + 40) for v in rule.versions)
    other = tuple(replace(v, value=31) for v in rule.versions)

    def digest(versions: tuple[object, ...]) -> str:
        changed = {**rulebook.rules, kind.rule: replace(rule, versions=versions)}
        return compute_digest(replace(rulebook, rules=changed), kind)

    assert digest(moved) == compute_digest(rulebook, kind) != digest(other)


@settings(deadline=None, max_examples=40)
@given(granted=DAYS, today=DAYS)
def test_the_memory_gives_what_a_single_count_gives(granted: date, today: date) -> None:
    facts = make_facts(days={"granted_on": granted})
    owed = find_owed(make_reckoner(today).list_owed(facts), "service.police_filing")
    alone = compute_deadline("service.police_filing", granted, province="京")
    assert owed is not None
    assert (owed.reckoning.due_on, owed.reckoning.advised_on) == (alone.due_on, alone.advised_on)


_ORDER = [Stage.FAR, Stage.WINDOW_OPEN, Stage.DUE_SOON, Stage.OVERDUE]


@settings(deadline=None, max_examples=40)
@given(until=DAYS, first=st.dates(date(2018, 1, 1), date(2031, 12, 31)), later=st.integers(0, 400))
def test_stages_only_go_forward_as_time_passes(until: date, first: date, later: int) -> None:
    facts = make_licence(date(2017, 9, 2), until)
    stages = []
    for today in (first, first + timedelta(days=later)):
        owed = find_owed(make_reckoner(today).list_owed(facts), "licence.renewal")
        assert owed is not None
        r = owed.reckoning
        assert r.window_opens_on is not None
        assert r.soon_on is not None
        assert r.due_on is not None
        assert r.advised_on is not None
        assert r.window_opens_on <= r.soon_on <= r.due_on <= until
        assert r.advised_on <= r.due_on
        stages.append(_ORDER.index(owed.stage))
    assert stages == sorted(stages)


@settings(deadline=None, max_examples=40)
@given(granted=st.lists(DAYS, min_size=1, max_size=30))
def test_one_reckoner_answers_many_records_as_many_reckoners_answer_one(granted: list[date]) -> None:
    many = make_reckoner(TODAY)
    for day in granted:
        facts = make_facts(days={"granted_on": day})
        alone = Reckoner(current_rulebook(), kinds(), noon(TODAY))
        assert [(o.reckoning.basis, o.stage) for o in many.list_owed(facts)] == [
            (o.reckoning.basis, o.stage) for o in alone.list_owed(facts)
        ]
