"""Service names: each rule speaks for itself, and what it says follows from the data handed in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.kernel.service_names import CHECKS, NameRule, find_name_problems

RULES = (
    NameRule(id="fewest_han", limit=3),
    NameRule(id="most_characters", limit=10, certain=False),
    NameRule(id="only_digits"),
    NameRule(id="only_latin"),
    NameRule(id="special_characters", marks="·()"),
    NameRule(id="like_a_domain"),
    NameRule(id="national_heads", words=("中国", "国家")),
    NameRule(id="trade_words", words=("公司", "商城"), for_individuals=True),
    NameRule(id="community_words", words=("论坛", "博客"), for_individuals=True),
)


def broken(name: str, *, individual: bool = False, national_body: bool = False) -> set[str]:
    problems = find_name_problems(name, RULES, individual=individual, national_body=national_body)
    return {p.rule.removeprefix("service_name.") for p in problems}


@pytest.mark.parametrize("name", ["晨星文具网", "青山笔记", "云图（杭州）科技"])
def test_a_good_name_has_no_problem(name: str) -> None:
    assert broken(name) == set()


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("12345", {"fewest_han", "only_digits"}),
        ("Morning Star", {"fewest_han", "most_characters", "only_latin", "special_characters"}),
        ("晨星", {"fewest_han"}),
        ("晨星★文具", {"special_characters"}),
        ("晨星文具.中国", {"special_characters", "like_a_domain"}),
        ("example.com", {"fewest_han", "most_characters", "only_latin", "special_characters", "like_a_domain"}),
        ("中国晨星网", {"national_heads"}),
        ("晨星文具用品批发零售门户网站", {"most_characters"}),
        ("", {"empty"}),
    ],
)
def test_each_fault_of_a_name_is_told(name: str, rules: set[str]) -> None:
    assert broken(name) == rules


def test_trade_and_forum_words_concern_persons_only() -> None:
    assert broken("晨星商城论坛", individual=True) == {"trade_words", "community_words"}
    assert broken("晨星商城论坛") == set()


def test_a_national_body_may_call_itself_so() -> None:
    assert broken("中国晨星网", national_body=True) == set()


def test_advice_is_told_from_refusal() -> None:
    problems = find_name_problems("晨星文具用品批发零售门户网站", RULES, individual=False)
    assert [p.certain for p in problems] == [False]


@given(st.text(max_size=300), st.booleans())
def test_any_text_has_a_finite_list_of_problems(name: str, individual: bool) -> None:
    problems = find_name_problems(name, RULES, individual=individual)
    assert len(problems) <= len(CHECKS)
    assert all(p.message.zh and p.fix.en for p in problems)
