"""Penalties: ranges from facts, and no decision without them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.rules.conditions import read_facts
from openbeian.rules.errors import FactRefused, NotAPenalty
from openbeian.rules.loader import load_rulebook
from openbeian.rules.penalties import compute_penalties
from openbeian.rules.rulebook import Rulebook, rulebook_path

TODAY = date(2026, 11, 21)
RULEBOOK = load_rulebook(rulebook_path())


def test_a_duty_leads_to_the_penalties_it_names(rulebook: Rulebook) -> None:
    found = compute_penalties(rulebook, "service.display.number", TODAY, {})
    assert [p.resolution.rule.id for p in found] == ["penalty.number_missing", "penalty.link_missing"]


def test_a_rule_without_a_penalty_is_refused(rulebook: Rulebook) -> None:
    with pytest.raises(NotAPenalty):
        compute_penalties(rulebook, "filing.draft.lapse", TODAY, {})


def test_without_the_gain_every_range_is_only_possible(rulebook: Rulebook) -> None:
    (penalty,) = compute_penalties(rulebook, "penalty.unlicensed_operation", TODAY, {"serious": False})
    assert penalty.applies == ()
    assert len(penalty.possible) == 3
    assert penalty.missing_facts == ("illegal_gain_yuan",)


def test_confiscation_is_threatened_even_when_its_amount_is_unknown(rulebook: Rulebook) -> None:
    (penalty,) = compute_penalties(rulebook, "penalty.unlicensed_operation", TODAY, {})
    assert [(s.confiscates, s.confiscate_yuan) for s in penalty.possible[:2]] == [(True, None), (True, None)]


@given(st.integers(0, 10**12))
def test_exactly_one_range_applies_to_every_gain(gain: int) -> None:
    facts = {"illegal_gain_yuan": gain, "serious": False}
    (penalty,) = compute_penalties(RULEBOOK, "penalty.unlicensed_operation", TODAY, facts)
    least, most = penalty.fine_range
    assert len(penalty.applies) == 1
    assert penalty.missing_facts == ()
    assert least is not None
    assert most is not None
    assert 100_000 <= least <= most


def test_facts_are_read_by_their_type(rulebook: Rulebook) -> None:
    given_words = ["illegal_gain_yuan=60,000", "serious=true", "residence_proofs=student_card,residence_permit"]
    assert read_facts(given_words, rulebook.facts) == {
        "illegal_gain_yuan": 60_000,
        "serious": True,
        "residence_proofs": ("student_card", "residence_permit"),
    }


@pytest.mark.parametrize(
    "word", ["mood=bad", "illegal_gain_yuan=-1", "illegal_gain_yuan=much", "serious=perhaps", "age", ""]
)
def test_a_fact_that_cannot_be_used_is_refused_by_name(word: str, rulebook: Rulebook) -> None:
    with pytest.raises(FactRefused) as refusal:
        read_facts([word], rulebook.facts)
    assert refusal.value.faults[0].field == word.partition("=")[0]
