"""The wizard is open to everybody, keeps its answers in the address, and survives hostile ones."""

from __future__ import annotations

import pytest

from tests.web.pages import text_of
from tests.web.portal import browse, make_operator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def installed() -> None:
    make_operator()


def test_the_answer_names_business_authority_and_ground_with_a_link() -> None:
    page = browse().get("/licences/wizard/?does=marketplace&area=several&foreign=none&capital=10000000")
    said = text_of(page)
    assert "需要经营许可证" in said
    assert "B21" in said
    assert "工信部" in said
    assert "/rules/licence.issuer/" in page.content.decode()


def test_without_an_answer_the_page_asks_and_judges_nothing() -> None:
    said = text_of(browse().get("/licences/wizard/"))
    assert "我需要哪种许可" in said
    assert "需要经营许可证" not in said


@pytest.mark.parametrize(
    "query",
    ["does=<script>&area=moon", "does=hosting&capital=9e99&percent=101&pilot=%00", "does=hosting&province=x" * 50],
)
def test_answers_the_page_never_offered_are_left_out(query: str) -> None:
    page = browse().get(f"/licences/wizard/?{query}")
    assert page.status_code == 200
    assert "<script>&" not in page.content.decode()
