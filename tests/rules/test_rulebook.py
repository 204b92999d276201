"""The shipped rulebook: complete, consistent in time, and honest about what is open."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.rules.deadlines import compute_deadline
from openbeian.rules.errors import NoRuleInForce, RuleHasNoLimit, RuleUnknown
from openbeian.rules.loader import load_rulebook
from openbeian.rules.resolver import resolve
from openbeian.rules.rule import Confidence, Kind, Status
from openbeian.rules.rulebook import Rulebook, rulebook_path

RULEBOOK = load_rulebook(rulebook_path())
LIMITS = sorted(r.id for r in RULEBOOK.rules.values() if r.kind in {Kind.LIMIT, Kind.ANNUAL_WINDOW})
NEEDED_BY_FILINGS = (
    "filing.review.first",
    "filing.review.administration",
    "filing.sms.window",
    "filing.sms.wrong_codes_allowed",
    "filing.draft.lapse",
    "filing.draft.warn",
    "filing.certificate.months_left",
    "filing.upload.max_bytes",
    "filing.personal_sponsor.max_services",
    "filing.change.notify_before",
    "filing.reconfirmation.cycle",
    "service.police_filing",
    "service.display.number",
    "filing.validity",
    "filing.fee",
    "filing.display.number_in_footer",
    "licence.renewal.apply_before_expiry",
)


@pytest.mark.parametrize("rule_id", NEEDED_BY_FILINGS)
def test_a_rule_that_procedures_rely_on_is_in_force_today(rule_id: str, rulebook: Rulebook) -> None:
    assert resolve(rulebook, rule_id, date(2026, 11, 21)).rule.id == rule_id


def test_all_31_areas_have_both_snapshots(rulebook: Rulebook) -> None:
    assert len(rulebook.areas) == 31
    for area in rulebook.areas:
        old, new = rulebook.find_snapshot(area, date(2017, 7, 1)), rulebook.find_snapshot(area, date(2026, 1, 1))
        assert old
        assert new
        assert (old.observed_on, new.observed_on) == (date(2017, 6, 5), date(2025, 12, 31))


def test_before_the_first_snapshot_nothing_is_known_of_a_province(rulebook: Rulebook) -> None:
    assert rulebook.find_snapshot("浙", date(2017, 6, 4)) is None


@pytest.mark.parametrize(("year", "working_days"), [(2025, 248), (2026, 248)])
def test_a_published_year_has_the_known_number_of_working_days(
    year: int, working_days: int, rulebook: Rulebook
) -> None:
    count = rulebook.calendar.count_working_days(date(year - 1, 12, 31), date(year, 12, 31))
    assert count == (working_days, False)


@pytest.mark.parametrize("name", ["浙", "浙江", "Zhejiang", " zhejiang "])
def test_an_area_is_found_by_character_and_name(name: str, rulebook: Rulebook) -> None:
    assert rulebook.get_area(name).key == "浙"


def test_both_characters_of_a_province_name_the_same_area(rulebook: Rulebook) -> None:
    assert rulebook.get_area("川") == rulebook.get_area("蜀")


def test_an_unknown_rule_names_its_neighbours(rulebook: Rulebook) -> None:
    with pytest.raises(RuleUnknown) as refusal:
        rulebook.get_rule("filing.reveiw.administration")
    assert "filing.review.administration" in refusal.value.near
    assert "filing.review.administration" in refusal.value.text.zh


def test_what_is_open_or_hearsay_is_never_certain(rulebook: Rulebook) -> None:
    doubtful = 0
    for rule in rulebook.rules.values():
        for version in rule.versions:
            area = next(iter(version.provinces or [None]))
            resolution = resolve(rulebook, rule.id, version.effective_from, area)
            firm = resolution.version.status is Status.IN_FORCE and resolution.confidence is not Confidence.LOW
            assert resolution.is_certain == firm
            doubtful += not firm
    assert doubtful >= 10


def test_every_looser_or_wrong_claim_says_why_it_is_not_followed(rulebook: Rulebook) -> None:
    claims = [c for rule in rulebook.rules.values() for c in rule.claims]
    assert len(claims) >= 20
    assert [c.rule_id for c in claims if c.why_not is None] == []


@given(st.sampled_from(sorted(RULEBOOK.rules)), st.dates(date(1998, 1, 1), date(2040, 12, 31)))
def test_on_any_day_at_most_one_national_version_is_in_force_and_none_ends_early(rule_id: str, day: date) -> None:
    rule = RULEBOOK.rules[rule_id]
    national = [v for v in rule.versions if v.provinces is None]
    speaking = [v for v in national if v.is_in_force(day)]
    assert len(speaking) <= 1
    if national and national[0].effective_from <= day and national[-1].effective_to is None:
        assert len(speaking) == 1


@given(st.sampled_from(LIMITS), st.dates(date(2018, 1, 1), date(2035, 12, 31)), st.integers(0, 400))
def test_within_a_version_a_later_anchor_never_falls_due_earlier(rule_id: str, anchor: date, later: int) -> None:
    as_of = date(2026, 11, 21)
    try:
        first = compute_deadline(rule_id, anchor, as_of, rulebook=RULEBOOK)
        second = compute_deadline(rule_id, anchor + timedelta(days=later), as_of, rulebook=RULEBOOK)
    except (RuleHasNoLimit, NoRuleInForce):
        return
    assert first.due_on <= second.due_on
    assert first.advised_on <= second.advised_on
    assert first.advised_on <= first.raw_on <= first.due_on
