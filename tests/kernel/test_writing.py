"""Writing: what people type is folded to one form, bounded first, and freed of what the eye cannot see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.kernel.errors import ValueRefused
from openbeian.kernel.writing import count_han, fold, squeeze


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("　ＡＢＣ１２３　", "ABC123"), ("a—b–c−d", "a-b-c-d"), ("a\u200bb\ufeff", "ab"), ("a\u202eb", "ab")],
)
def test_width_dashes_and_invisible_marks_are_folded(typed: str, folded: str) -> None:
    assert fold(typed) == folded


def test_blanks_inside_go_only_when_asked() -> None:
    assert fold(" 138 0013 ") == "138 0013"
    assert squeeze(" 138 0013\t8000 ") == "13800138000"


@pytest.mark.parametrize(
    ("typed", "rule"),
    [("a" * 201, "text.too_long"), ("a\x00b", "text.control_character"), ("\x1b[2J", "text.control_character")],
)
def test_what_is_too_long_or_drives_a_terminal_is_refused(typed: str, rule: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        fold(typed)
    assert refusal.value.problem.rule == rule


def test_chinese_characters_are_counted_beyond_the_first_plane() -> None:
    assert count_han("晨星abc𠮷〇，") == 4


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    try:
        once = squeeze(text)
        assert squeeze(once, limit=100_000) == once
    except ValueRefused as refusal:
        assert refusal.problem.rule == "text.control_character"  # noqa: PT017 – the only reason left at this length
