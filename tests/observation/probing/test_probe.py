"""A whole probe against servers on loopback: what is seen, what is answered, and what is never contacted."""

from __future__ import annotations

import asyncio
import itertools
import json
import ssl
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.observation.probing.servers import (
    PAGE,
    Authority,
    Handler,
    Table,
    answer,
    read_head,
    serve,
    serve_names,
)

from openbeian.kernel.answers import Answer
from openbeian.kernel.clock import now
from openbeian.observation.content.page import PageReading
from openbeian.observation.probing.doors import Doors
from openbeian.observation.probing.names import DnsResolvers
from openbeian.observation.probing.probe import Prober, probe_site, read_with_shipped_lexicon
from openbeian.observation.probing.record import CheckKind, DnsAnswers, ProbeRecord, ProbeTarget, Whose
from openbeian.observation.probing.settings import ProbeSettings

SETTINGS = ProbeSettings(
    allows_private=True,
    dns_timeout_s=1.0,
    connect_timeout_s=1.0,
    read_timeout_s=1.0,
    fetch_timeout_s=2.0,
    probe_timeout_s=6.0,
    host_pause_s=0.0,
)
TARGET = ProbeTarget(
    7,
    "site.cn",
    filed_name="清泉茶业",
    province="粤",
    expected_numbers=("粤ICP备2021001858号-3",),
    holder="清泉茶业有限公司",
)


def probe(
    http: Handler | None,
    *,
    https: Handler | None = None,
    context: ssl.SSLContext | None = None,
    target: ProbeTarget = TARGET,
    settings: ProbeSettings = SETTINGS,
    names: Table | None = None,
) -> ProbeRecord:
    """One probe of a site whose doors behave like this; a door of None is shut."""

    async def run() -> ProbeRecord:
        async with serve(http or answer()) as plain, serve(https or answer(), context) as sealed:
            shut = 1  # nothing listens there
            own = replace(settings, http_port=plain if http else shut, https_port=sealed if https else shut)
            async with Prober(own, names=names or Table({"site.cn": ("127.0.0.1",)})) as prober:
                return await prober.probe(target)

    return asyncio.run(run())


def said(record: ProbeRecord, kind: CheckKind) -> tuple[Answer, str]:
    check = record.find_check(kind)
    assert check is not None
    return check.outcome, check.reason


def test_a_good_site_is_met_and_everything_seen_is_kept(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    record = probe(
        answer(),
        https=answer(),
        context=authority.context(["site.cn"]),
        settings=replace(SETTINGS, trust_file=authority.trust_file),
    )
    for kind in (CheckKind.DNS, CheckKind.HTTP, CheckKind.HTTPS, CheckKind.CERTIFICATE, CheckKind.TITLE):
        assert said(record, kind) == (Answer.MET, "")
    assert said(record, CheckKind.FOOTER_NUMBER) == (Answer.MET, "")
    assert said(record, CheckKind.FOOTER_LINK) == (Answer.MET, "")
    assert said(record, CheckKind.CONTENT) == (Answer.MET, "")
    assert said(record, CheckKind.ACCESS) == (Answer.CANNOT_TELL, "nothing_declared")
    assert said(record, CheckKind.DOMAIN_EXPIRY) == (Answer.CANNOT_TELL, "no_registration_service")
    assert (record.title, record.language, record.charset) == ("清泉茶业官网", "zh-CN", "utf-8")
    assert record.page == PAGE
    assert record.certificate is not None
    assert (record.certificate.is_trusted, record.certificate.matches_host) == (True, True)
    assert [check.kind for check in record.checks] == list(CheckKind)
    assert ProbeRecord.from_json(json.loads(json.dumps(record.to_json()))) == record


@pytest.mark.parametrize(
    ("names", "days", "self_signed", "reason"),
    [
        (["site.cn"], (-90, -1), False, "certificate_expired"),
        (["site.cn"], (1, 90), False, "certificate_not_yet_valid"),
        (["other.cn"], (-10, 90), False, "certificate_host_mismatch"),
        (["*.site.cn"], (-10, 90), False, "certificate_host_mismatch"),
        (["site.cn"], (-10, 90), True, "certificate_self_signed"),
    ],
)
def test_a_bad_certificate_is_named_and_the_page_still_read(
    tmp_path: Path, names: list[str], days: tuple[int, int], self_signed: bool, reason: str
) -> None:
    authority = Authority(tmp_path)
    record = probe(
        None,
        https=answer(),
        context=authority.context(names, days=days, self_signed=self_signed),
        settings=replace(SETTINGS, trust_file=authority.trust_file),
    )
    assert said(record, CheckKind.CERTIFICATE) == (Answer.NOT_MET, reason)
    assert said(record, CheckKind.FOOTER_NUMBER) == (Answer.MET, "")
    assert said(record, CheckKind.HTTP) == (Answer.MET, "https_only")


def test_a_chain_to_nobody_known_is_untrusted_and_one_that_ends_soon_says_so(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    record = probe(None, https=answer(), context=authority.context(["site.cn"]))
    assert said(record, CheckKind.CERTIFICATE) == (Answer.NOT_MET, "certificate_untrusted")
    soon = probe(
        None,
        https=answer(),
        context=authority.context(["site.cn"], days=(-10, 10)),
        settings=replace(SETTINGS, trust_file=authority.trust_file),
    )
    assert said(soon, CheckKind.CERTIFICATE) == (Answer.MET, "certificate_expires_soon")


def test_a_site_without_https_breaks_no_law() -> None:
    record = probe(answer())
    assert said(record, CheckKind.HTTP) == (Answer.MET, "")
    assert said(record, CheckKind.HTTPS) == (Answer.CANNOT_TELL, "no_https")
    assert said(record, CheckKind.CERTIFICATE) == (Answer.CANNOT_TELL, "no_https")


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        ("403 Forbidden", Answer.CANNOT_TELL, "blocked"),
        ("429 Too Many", Answer.CANNOT_TELL, "blocked"),
        ("404 Not Found", Answer.NOT_MET, "page_missing"),
        ("502 Bad Gateway", Answer.NOT_MET, "server_error"),
    ],
)
def test_an_error_page_says_nothing_of_the_footer(status: str, outcome: Answer, reason: str) -> None:
    record = probe(answer(b"<p>error</p>", status=status))
    assert said(record, CheckKind.HTTP) == (outcome, reason)
    assert said(record, CheckKind.FOOTER_NUMBER) == (Answer.CANNOT_TELL, "page_not_read")
    assert record.page == b"<p>error</p>"


@pytest.mark.parametrize(
    ("page", "number", "link"),
    [
        ("<p>好茶</p>", "number_missing", "number_missing"),
        ('<a href="https://beian.miit.gov.cn/">京ICP备16020626号-1</a>', "number_differs", ""),
        ('<a href="https://beian.miit.gov.cn/">粤ICP备2021001858号-3</a>', "number_form_differs", ""),
        ("粤ICP备2021001858号", "", "link_missing"),
        ('<a href="http://www.miibeian.gov.cn/">粤ICP备2021001858号</a>', "", "link_obsolete"),
        ('<a href="https://evil.example/">粤ICP备2021001858号</a>', "", "link_wrong"),
    ],
)
def test_the_footer_is_compared_with_the_record(page: str, number: str, link: str) -> None:
    record = probe(answer(f"<html><title>清泉茶业</title><body>{page}</body></html>".encode("gb18030")))
    assert said(record, CheckKind.FOOTER_NUMBER) == (Answer.NOT_MET if number else Answer.MET, number)
    expected = Answer.CANNOT_TELL if link == "number_missing" else Answer.NOT_MET if link else Answer.MET
    assert said(record, CheckKind.FOOTER_LINK) == (expected, link)


def test_words_and_a_foreign_title_are_found() -> None:
    record = probe(answer("<title>环球贸易</title><p>我们是全国第一品牌，国家级最佳</p>粤ICP备2021001858号".encode()))
    assert said(record, CheckKind.TITLE) == (Answer.NOT_MET, "title_differs")
    assert said(record, CheckKind.CONTENT) == (Answer.NOT_MET, "words_found")
    assert record.words


def test_silence_of_all_resolvers_is_ours_and_absence_is_the_sites() -> None:
    silent = probe(answer(), names=Table(trouble="timeout"))
    check = silent.find_check(CheckKind.DNS)
    assert check is not None
    assert (check.outcome, check.reason, check.whose) == (Answer.CANNOT_TELL, "resolvers_silent", Whose.OURS)
    absent = probe(answer(), names=Table())
    assert said(absent, CheckKind.DNS) == (Answer.NOT_MET, "no_resolution")
    assert said(absent, CheckKind.HTTP) == (Answer.CANNOT_TELL, "no_resolution")
    assert [check.kind for check in absent.checks] == list(CheckKind)


def test_a_site_that_lives_under_www_alone_is_found() -> None:
    record = probe(answer(), names=Table({"www.site.cn": ("127.0.0.1",)}))
    assert said(record, CheckKind.HTTP) == (Answer.MET, "")
    assert record.http is not None
    assert record.http.final_url.startswith("http://www.site.cn:")


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [("silent", "resolvers_silent"), ("garbage", "resolvers_silent"), ("servfail", "resolution_failed")],
)
def test_name_servers_that_misbehave_end_in_time(behaviour: str, reason: str) -> None:
    async def run() -> ProbeRecord:
        async with serve_names({}, behaviour) as server:
            return await probe_site(TARGET, replace(SETTINGS, resolvers=(server,)))

    start = time.monotonic()
    assert said(asyncio.run(run()), CheckKind.DNS) == (Answer.CANNOT_TELL, reason)
    assert time.monotonic() - start < 2 * 2 * SETTINGS.dns_timeout_s + 1


def test_aliases_zones_and_both_families_are_looked_up() -> None:
    records = {
        ("site.cn", "CNAME"): ["site.cn.w.kunlunaq.com."],
        ("site.cn.w.kunlunaq.com", "A"): ["127.0.0.1", "127.0.0.2"],
        ("site.cn.w.kunlunaq.com", "AAAA"): ["::1"],
        ("site.cn", "NS"): ["ns1.dns.cn.", "ns2.dns.cn."],
        ("site.cn", "SOA"): ["ns1.dns.cn. admin.dns.cn. 2026 1 2 3 4"],
    }

    async def run() -> tuple[DnsAnswers, tuple[tuple[str, ...], str]]:
        async with serve_names(records) as good, serve_names({}, "silent") as silent:
            names = DnsResolvers((good, silent), timeout_s=0.4)
            return await names.look_up("site.cn"), await names.look_up_zone("site.cn")

    answers, zone = asyncio.run(run())
    assert answers.addresses == ("127.0.0.1", "127.0.0.2", "::1")
    assert answers.aliases == ("site.cn.w.kunlunaq.com",)
    assert [each.trouble for each in answers.resolvers] == ["", "timeout"]
    assert zone == (("ns1.dns.cn", "ns2.dns.cn"), "ns1.dns.cn. admin.dns.cn. 2026 1 2 3 4")


def test_an_alias_that_leads_to_itself_ends() -> None:
    records = {("a.cn", "CNAME"): ["b.cn."], ("b.cn", "CNAME"): ["a.cn."]}

    async def run() -> DnsAnswers:
        async with serve_names(records) as server:
            return await DnsResolvers((server,), timeout_s=0.5).look_up("a.cn")

    assert asyncio.run(run()).addresses == ()


GUARDED = replace(SETTINGS, allows_private=False)
PRIVATE_PLACES = [
    "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[fe80::1%25eth0]/",
    "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/", "http://intranet/",
    "http://user@127.0.0.1/", "http://rebound.cn/", "http://printer.local/", "//127.0.0.1/", "http://１２７.０.０.１/",
    "http://127。0。0。1/", "http://[0:0:0:0:0:0:0:1]/", "http://0/", "https://127.0.0.1:443/", "http://a.localhost/",
]  # fmt: skip


@pytest.mark.parametrize("place", PRIVATE_PLACES)
def test_no_redirect_leads_into_private_space(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer is made up, so that a public site need not exist; what matters is what is asked for next."""
    contacted: list[str] = []

    async def run() -> tuple[str, list[str]]:
        async with Doors(GUARDED, _resolved) as doors:
            made = doors._make_socket

            def watch(target: object) -> object:
                contacted.append(target[4][0])  # type: ignore[index]
                return made(target)

            monkeypatch.setattr(doors, "_make_socket", watch)
            get = doors._get

            async def first(seen: object, url: object, pinned: tuple[str, ...], accept: str) -> str:
                return place if str(url) == "http://site.cn/" else await get(seen, url, pinned, accept)  # type: ignore[arg-type]

            monkeypatch.setattr(doors, "_get", first)
            exchange, body = await doors.fetch("http://site.cn/", ("8.8.8.8",))
            assert body == b""
            return exchange.trouble, contacted

    trouble, contacted_places = asyncio.run(run())
    assert trouble in {"address_not_public", "bad_redirect", "no_resolution"}
    assert contacted_places == []


async def _resolved(name: str) -> tuple[str, ...]:
    return {"rebound.cn": ("192.168.1.1", "::ffff:10.0.0.1")}.get(name, ("127.0.0.1",))


def test_a_name_is_asked_once_and_the_connection_goes_where_it_was_checked() -> None:
    """DNS rebinding: the second answer would be another address, but there is no second question."""

    async def run() -> tuple[list[str], int]:
        hits = 0

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal hits
            hits += 1
            await answer()(reader, writer)

        async with serve(handler) as port:
            names = Table({"site.cn": ("127.0.0.1",)})
            own = replace(SETTINGS, http_port=port, kinds=frozenset({CheckKind.HTTP}))
            async with Prober(own, names=names) as prober:
                await prober.probe(TARGET)
            return names.asked, hits

    assert asyncio.run(run()) == (["site.cn"], 1)


def test_the_last_gate_refuses_a_socket_whatever_led_there() -> None:
    async def run() -> str:
        async with Doors(GUARDED, _resolved) as doors:
            doors.is_allowed = lambda address: address == "once"  # type: ignore[method-assign,assignment]
            seen = await doors.fetch("http://site.cn/", ("127.0.0.1",))
            return seen[0].trouble

    assert asyncio.run(run()) == "address_not_public"


def test_private_addresses_of_a_site_are_told_and_not_contacted() -> None:
    record = probe(answer(), settings=GUARDED)
    assert said(record, CheckKind.HTTP) == (Answer.CANNOT_TELL, "address_not_public")
    assert said(record, CheckKind.CERTIFICATE) == (Answer.CANNOT_TELL, "address_not_public")
    assert record.page == b""


def registration(days: int, holder: str = "清泉茶业有限公司") -> Handler:
    form = {
        "ldhName": "SITE.CN",
        "events": [
            {"eventAction": "registration", "eventDate": "2010-01-01T00:00:00Z"},
            {"eventAction": "expiration", "eventDate": (now() + timedelta(days=days)).isoformat()},
        ],
        "entities": [
            {"roles": ["registrant"], "vcardArray": ["vcard", [["fn", {}, "text", ""], ["org", {}, "text", holder]]]},
            {"roles": ["registrar"], "vcardArray": ["vcard", [["fn", {}, "text", "某注册商"]]]},
        ],
        "status": ["active"],
    }
    return answer(json.dumps(form).encode(), headers="Content-Type: application/rdap+json\r\n")


REGISTRATIONS: list[tuple[Handler, tuple[Answer, str]]] = [
    (registration(400), (Answer.MET, "")),
    (registration(10), (Answer.MET, "domain_expires_soon")),
    (registration(-1), (Answer.NOT_MET, "domain_expired")),
    (registration(400, "别家有限公司"), (Answer.CANNOT_TELL, "holder_differs")),
    (registration(400, "REDACTED FOR PRIVACY"), (Answer.MET, "")),
    (answer(b"{}", status="404 Not Found"), (Answer.CANNOT_TELL, "not_registered")),
    (answer(b"[" * 200_000), (Answer.CANNOT_TELL, "registration_unreadable")),
    (answer(b"<html>"), (Answer.CANNOT_TELL, "registration_unreadable")),
    (answer(b'{"ldhName": "other.cn"}'), (Answer.CANNOT_TELL, "registration_unreadable")),
]


@pytest.mark.parametrize(("service", "expected"), REGISTRATIONS)
def test_the_registration_is_read(service: Handler, expected: tuple[Answer, str]) -> None:
    async def run() -> ProbeRecord:
        async with serve(service) as port:
            own = replace(
                SETTINGS,
                http_port=port,
                registration_url=f"http://registry.cn:{port}/rdap",
                kinds=frozenset({CheckKind.DOMAIN_EXPIRY}),
            )
            names = Table({"site.cn": ("127.0.0.1",), "registry.cn": ("127.0.0.1",)})
            async with Prober(own, names=names) as prober:
                return await prober.probe(TARGET)

    record = asyncio.run(run())
    assert said(record, CheckKind.DOMAIN_EXPIRY) == expected


def test_visits_to_one_host_keep_their_distance() -> None:
    async def run() -> list[float]:
        times: list[float] = []

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_head(reader)
            times.append(time.monotonic())
            await answer()(reader, writer)

        async with serve(handler) as port:
            own = replace(SETTINGS, http_port=port, host_pause_s=0.2)
            async with Doors(own, _resolved) as doors:
                await asyncio.gather(*(doors.fetch(f"http://site.cn:{port}/", ("127.0.0.1",)) for _ in range(3)))
        return times

    times = asyncio.run(run())
    assert all(later - earlier > 0.15 for earlier, later in itertools.pairwise(times))


def test_a_page_that_waits_to_be_read_makes_neither_the_probe_longer_nor_others_time_out_late() -> None:
    """Ten slow pages beside a site that hangs: its time runs out when it should, and no page's reading counts."""

    async def hang_or_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if "hang.cn" in await read_head(reader):
            await asyncio.sleep(10)
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE)
        await writer.drain()

    def read_slowly(page: bytes, charset: str | None) -> PageReading:
        time.sleep(0.08)
        return read_with_shipped_lexicon(page, charset)

    async def run() -> list[ProbeRecord]:
        async with serve(hang_or_answer) as port:
            kinds = frozenset({CheckKind.HTTP, CheckKind.TITLE})
            own = replace(SETTINGS, http_port=port, fetch_timeout_s=0.5, read_timeout_s=0.5, kinds=kinds)
            hosts = ["hang.cn", *(f"site{number}.cn" for number in range(10))]
            names = Table(dict.fromkeys(hosts, ("127.0.0.1",)))
            async with Prober(replace(own, address_concurrency=20), names=names, read=read_slowly) as prober:
                return await asyncio.gather(*(prober.probe(replace(TARGET, domain=host)) for host in hosts))

    hung, *others = asyncio.run(run())
    assert said(hung, CheckKind.HTTP) == (Answer.NOT_MET, "timeout")
    assert said(hung, CheckKind.TITLE) == (Answer.CANNOT_TELL, "page_not_read")
    took = [(record.finished_at - record.started_at).total_seconds() for record in (hung, *others)]
    assert 0.45 <= took[0] < 0.75
    assert max(took[1:]) < 0.5  # all were heard before the first pages were read: reading them takes 0.8 s
    assert {said(record, CheckKind.TITLE)[0] for record in others} == {Answer.MET}
