"""The public look-up: found in every spelling, masked, cacheable, limited, and deaf to hostile input."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from openbeian.documents.actions.issue_extract import issue_extract
from openbeian.entrypoints.web.views import public
from openbeian.registry.actions.cancel_service import cancel_service
from tests.registry.factories import SYSTEM, make_actor, make_organisation, make_service, make_sponsor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limit(settings: Settings) -> Iterator[None]:
    """No test spends what another may ask."""
    settings.PUBLIC_LOOKUPS_PER_MINUTE = 1_000_000
    yield
    public.limit.forget()
    cache.clear()


def ask(client: Client, text: str) -> dict[str, Any]:
    response = client.get("/public/lookup.json", {"q": text})
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.parametrize(
    "text",
    [
        "example-a.cn",
        "WWW.Example-A.CN.",
        "https://shop.example-a.cn:8443/path?q=1#top",
        "http://user:secret@www.example-a.cn/",
        "//www.example-a.cn/",
        "ｅｘａｍｐｌｅ－ａ．ｃｎ",
        "www。example-a。cn",
    ],
)
def test_a_domain_is_found_in_every_spelling(client: Client, text: str) -> None:
    service = make_service(domains=("example-a.cn",))
    assert [r["number"] for r in ask(client, text)["results"]] == [service.number]


@pytest.mark.parametrize("text", ["例子.中国", "xn--fsqu00a.xn--fiqs8s", "http://商城.例子.中国/"])
def test_a_chinese_domain_is_found_in_both_forms(client: Client, text: str) -> None:
    service = make_service(domains=("xn--fsqu00a.xn--fiqs8s",))
    assert [r["number"] for r in ask(client, text)["results"]] == [service.number]


@pytest.mark.parametrize(
    "spell", [str, str.lower, lambda n: n.replace("ICP", " icp "), lambda n: n.replace("号", " 号 ")]
)
def test_a_number_is_found_in_every_spelling(client: Client, spell: Any) -> None:
    sponsor = make_sponsor()
    first, second = make_service(sponsor), make_service(sponsor, kind="app", domains=())
    assert [r["number"] for r in ask(client, spell(sponsor.number))["results"]] == [first.number, second.number]
    assert [r["number"] for r in ask(client, spell(second.number))["results"]] == [second.number]


def test_a_sponsor_without_services_is_found_by_its_number(client: Client) -> None:
    sponsor = make_sponsor()
    (record,) = ask(client, sponsor.number)["results"]
    assert (record["kind"], record["number"]) == ("sponsor", sponsor.number)


@pytest.mark.parametrize("text", ["鹏", "程万", "鹏程万里", "里书", "京鹏", "有限公司", "ｂ站书屋", "B站"])
def test_a_name_is_found_from_one_character_at_any_place(client: Client, text: str) -> None:
    service = make_service(make_sponsor(name="北京鹏程科技有限公司"), name="鹏程万里书屋")
    other = make_service(make_sponsor(name="上海东方贸易有限公司"), name="B站书屋")
    numbers = [r["number"] for r in ask(client, text)["results"]]
    wanted = {"有限公司": {service.number, other.number}, "ｂ站书屋": {other.number}, "B站": {other.number}}
    assert set(numbers) == wanted.get(text, {service.number})


def test_the_same_name_comes_first_then_beginnings_then_parts(client: Client) -> None:
    part, beginning, same = (make_service(name=name) for name in ("大明月楼", "明月楼台", "明月楼"))
    numbers = [r["number"] for r in ask(client, "明月楼")["results"]]
    assert numbers == [same.number, beginning.number, part.number]


def test_a_person_is_masked_and_not_found_by_name(client: Client) -> None:
    sponsor = make_sponsor(nature="individual", name="王小明")
    service = make_service(sponsor, name="小站笔记", domains=("wang.cn",))
    for text in ("wang.cn", sponsor.number, service.number, "小站"):
        answer = client.get("/public/lookup.json", {"q": text}).content.decode()
        assert service.number in answer
        assert "王小明" not in answer
        assert "王**" in answer
        assert "王小明" not in client.get("/public/", {"q": text}).content.decode()
    for text in ("王小明", "王小", "小明"):
        assert ask(client, text)["results"] == []


def test_a_cancelled_service_is_found_by_its_number_only(client: Client) -> None:
    service = make_service(name="落日书屋", domains=("luori.cn",))
    cancel_service(SYSTEM, service.pk, date(2026, 11, 1))
    assert ask(client, "luori.cn")["results"] == []
    assert ask(client, "落日书屋")["results"] == []
    (record,) = ask(client, service.number)["results"]
    assert record["standing"] == "cancelled"


def test_a_renamed_service_is_found_by_its_new_name_only(client: Client) -> None:
    service = make_service(name="旧时书屋")
    service.name, service.name_grams = "新晴书屋", "新 晴 书 屋 新晴 晴书 书屋"
    service.save()
    assert ask(client, "旧时")["results"] == []
    assert len(ask(client, "新晴")["results"]) == 1


@pytest.mark.parametrize("text", ["example-a.cn", "京ICP备2026000001号", "京ICP备2026000001号-1"])
def test_a_domain_or_number_takes_one_query_and_no_session(client: Client, text: str) -> None:
    make_service(domains=("example-a.cn",))
    client.get("/public/lookup.json", {"q": text})
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/public/lookup.json", {"q": text})
    assert len(queries) == 1
    assert response.json()["results"]
    assert not response.cookies
    assert not client.get("/public/", {"q": text}).cookies


def test_an_answer_may_be_kept_for_a_minute_and_is_not_sent_twice(client: Client) -> None:
    make_service(domains=("example-a.cn",))
    for path in ("/public/lookup.json", "/public/"):
        first = client.get(path, {"q": "example-a.cn"})
        assert first["Cache-Control"] == "public, max-age=60"
        again = client.get(path, {"q": "example-a.cn"}, headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]


def test_the_strict_headers_stand_on_the_short_way_too(client: Client) -> None:
    for path in ("/public/lookup.json", "/public/", "/verify/x/"):
        response = client.get(path)
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"


def test_who_asks_too_often_is_told_how_long_to_wait(client: Client, settings: Settings) -> None:
    settings.PUBLIC_LOOKUPS_PER_MINUTE = 3
    address = {"REMOTE_ADDR": "198.51.100.7"}
    codes = [client.get("/public/lookup.json", {"q": "a.cn"}, **address).status_code for _ in range(8)]
    # The minute may turn over in between; then counting starts anew.
    assert codes[:3] == [200, 200, 200]
    assert 429 in codes
    refused = client.get("/public/", {"q": "a.cn"}, **address)
    if refused.status_code == 429:
        assert 1 <= int(refused["Retry-After"]) <= 60
        assert refused["Cache-Control"] == "no-store"
    assert client.get("/public/lookup.json", {"q": "a.cn"}, REMOTE_ADDR="198.51.100.8").status_code == 200


def test_processes_count_together(settings: Settings) -> None:
    from openbeian.entrypoints.web.rate_limits import RateLimit

    one, other = RateLimit("together"), RateLimit("together")
    passed = sum(r.seconds_to_wait("203.0.113.5", 20) == 0 for _ in range(20) for r in (one, other))
    assert 20 <= passed <= 2 * (20 + 2 * 2)
    assert passed < 40


def test_neighbours_in_one_ipv6_network_count_as_one() -> None:
    from openbeian.entrypoints.web.rate_limits import RateLimit

    limit = RateLimit("network")
    waits = [limit.seconds_to_wait(f"2001:db8::{n:x}", 5) for n in range(12)]
    assert waits[0] == 0
    assert any(waits)


HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "' OR 1=1 --",
    '" OR name_grams:*',
    "NEAR(京 东)",
    "京 AND 东",
    "*",
    "%",
    "_",
    "\x00",
    "京\x00东",
    "\ud800",
    "-" * 301,
    "a" * 5000,
    "http://",
    "://@:/",
    "192.0.2.1",
    "[::1]",
    "京公网安备11010802012345号",
    "\u202e反",
    "{{ 7*7 }}",
    "@@body@@ @@text@@",
    "{% t %}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_answered_and_stay_inert(client: Client, text: str) -> None:
    make_service(name="京东书屋")
    sendable = text.encode("utf-8", "replace").decode()
    answer = ask(client, sendable)
    assert answer["results"] == [] or answer["kind"] == "name"
    shown = client.get("/public/", {"q": sendable})
    assert shown.status_code == 200
    assert b"<script>alert" not in shown.content
    assert b"<img src=x" not in shown.content


@given(st.text(max_size=80))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_are_answered(client: Client, text: str) -> None:
    assert set(ask(client, text.encode("utf-8", "replace").decode())) >= {"kind", "asked", "results", "more"}


def test_a_post_is_not_answered_and_head_has_no_body(client: Client) -> None:
    assert client.post("/public/lookup.json").status_code == 405
    assert client.head("/public/lookup.json?q=a.cn").status_code == 200


def test_the_page_speaks_the_readers_language(client: Client) -> None:
    assert 'lang="zh-CN"' in client.get("/public/").content.decode()
    english = client.get("/public/?lang=en&q=nothing-here.cn")
    assert '<html lang="en">' in english.content.decode()
    assert english["Content-Language"] == "en"


def test_an_extract_is_verified_and_told_apart_once_the_record_changed(client: Client) -> None:
    organisation = make_organisation()
    sponsor = make_sponsor(organisation)
    service = make_service(sponsor, name="云上书屋")
    extract = issue_extract(make_actor(organisation), sponsor.pk)
    for code in (extract.code, extract.code.lower().replace("-", ""), extract.code.replace("0", "O")):
        shown = client.get(f"/verify/{code}/").content.decode()
        assert "云上书屋" in shown
        assert "不是官方证书" in shown
        assert "没有变化" in shown
    assert ask(client, extract.code)["extract"]["is_current"] is True
    cancel_service(SYSTEM, service.pk, date(2026, 11, 1))
    assert "已有变化" in client.get(f"/verify/{extract.code}/").content.decode()
    assert "云上书屋" in client.get("/public/", {"q": extract.code}).content.decode()


@pytest.mark.parametrize("code", ["0000-0000-0000-0000", "x", "<script>", "A" * 300])
def test_a_code_never_issued_is_said_to_be_unknown(client: Client, code: str) -> None:
    response = client.get(f"/verify/{code}/")
    assert response.status_code == 404
    assert b"<script>" not in response.content.replace(b"<script src", b"")


def test_every_public_view_is_marked_as_such() -> None:
    for view in (public.show_lookup, public.look_up_as_json, public.verify):
        assert view.permissions == ("public",)


def test_a_record_with_hostile_names_is_shown_inert_alone_and_among_others(client: Client) -> None:
    sponsor = make_sponsor(name="<b>坏</b>@@number@@公司")
    make_service(sponsor, name="<script>alert(1)</script>", domains=("bad-name.cn",))
    for text in ("bad-name.cn", sponsor.number):
        shown = client.get("/public/", {"q": text}).content.decode()
        assert "&lt;b&gt;坏&lt;/b&gt;@@number@@公司" in shown
        assert "<script>alert" not in shown
        assert "bad-name.cn" in shown
        make_service(sponsor, name="另一个")
