"""The footer to copy: the right number, the ministry's link, and nothing that could break the page it is pasted into."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.kernel.numbers import NumberNotRecognised
from openbeian.registry.display import choose_footer_number, format_footer

NUMBER = "京ICP备2026000123号-1"


def test_the_number_links_to_the_ministry() -> None:
    link = f'<a href="https://beian.miit.gov.cn/" target="_blank" rel="noopener noreferrer">{NUMBER}</a>'
    assert format_footer(NUMBER) == link


def test_a_police_number_stands_beside_it_in_its_normal_form() -> None:
    footer = format_footer(NUMBER, " 京公网安备 11010802012345 号 ")
    assert ">京公网安备11010802012345号</a>" in footer
    assert "code=11010802012345" in footer


@pytest.mark.parametrize("text", ["京ICP备2026000123号", "abc", "京公网安备110108号"])
def test_what_is_no_police_number_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NumberNotRecognised) as refused:
        format_footer(NUMBER, text)
    assert "京公网安备11010802012345号" in refused.value.problem.fix.zh


@given(st.text(max_size=60))
def test_no_number_breaks_out_of_its_link(number: str) -> None:
    footer = format_footer(number)
    assert footer.count("<") == 2
    assert footer.endswith("</a>")


def test_the_provinces_rule_chooses_the_number() -> None:
    assert choose_footer_number("粤ICP备1号", "粤ICP备1号-1", "sponsor") == "粤ICP备1号"
    assert choose_footer_number("京ICP备1号", "京ICP备1号-1", "service") == "京ICP备1号-1"
