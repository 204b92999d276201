"""The public scam check: judges, explains, stores nothing, and shows hostile text as text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openbeian.entrypoints.web.views import scam
from openbeian.journal.models import Entry
from tests.web.pages import parse, text_of
from tests.web.portal import browse, make_operator

pytestmark = pytest.mark.django_db
FRAUD = "【备案中心】您的网站备案已到期，请今日内缴纳续期费300元至个人账户，否则关闭网站 http://beian-miit.cn.pay.top"


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    make_operator()
    yield
    cache.clear()


def test_a_demand_for_a_renewal_fee_is_fraud_with_reasons_sources_and_what_to_do() -> None:
    said = text_of(browse().post("/scam/", {"message": FRAUD}))
    assert "很可能是诈骗" in said
    assert "应当这样做" in said
    assert "来源" in said


def test_a_confirmation_code_of_the_ministry_shows_no_sign() -> None:
    genuine = "【工信部】您的备案核验码为 482913，请在24小时内登录 beian.miit.gov.cn 完成短信核验，请勿告诉他人。"
    assert "未发现诈骗迹象" in text_of(browse().post("/scam/", {"message": genuine}))


def test_too_little_to_judge_by_is_said_so() -> None:
    assert "无法判断" in text_of(browse().post("/scam/", {"message": "你好"}))


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>备案已到期请缴费", "备案到期\u202e缴费\x1b[2J续费", "</textarea><img src=x onerror=x>"],
)
def test_hostile_text_is_shown_as_text(hostile: str) -> None:
    response = browse().post("/scam/", {"message": hostile})
    tree = parse(response)
    assert response.status_code == 200
    assert tree.css_first("main script, main img") is None
    assert all("\u202e" not in q.text() and "\x1b" not in q.text() for q in tree.css("q"))


def test_a_text_too_long_is_refused_with_a_sentence() -> None:
    response = browse().post("/scam/", {"message": "备案" * 40_000})
    assert response.status_code in {413, 422}
    assert parse(response).css_first("[role=alert]") is not None


def test_nothing_is_kept_of_the_message_and_no_cache_may_keep_it() -> None:
    before = Entry.objects.count()
    response = browse().post("/scam/", {"message": FRAUD})
    assert Entry.objects.count() == before
    assert "no-store" in response.headers["Cache-Control"]
    assert browse().get("/scam/").status_code == 200
    assert "300元" not in browse().get("/scam/?message=300元").content.decode()


def test_one_address_cannot_ask_without_end_and_keeps_its_text() -> None:
    client = browse(address="203.0.113.9")
    for _ in range(scam.MOST_CHECKS):
        assert client.post("/scam/", {"message": "你好"}).status_code == 200
    refused = client.post("/scam/", {"message": "你好吗"})
    assert refused.status_code == 429
    assert "你好吗" in refused.content.decode()


def test_the_public_look_up_leads_to_it() -> None:
    assert parse(browse().get("/public/")).css_first("a[href='/scam/']") is not None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    cache.clear()
    assert browse().post("/scam/", {"message": text.encode("utf-8", "ignore").decode()}).status_code == 200
