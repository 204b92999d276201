"""Hosts served, by registrable domain, against the filings on record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.observation.traffic.generator import START, Event, caddy_json

from openbeian.observation.traffic.errors import LogUnreadable
from openbeian.observation.traffic.hosts import list_hosts, read_filed, registrable_domain

EVENT = Event(START, "1.2.3.4", "Mozilla/5.0 Firefox/120.0", "GET", "/", "", 200, 1, "")
SERVED = {
    "www.filed.cn": 3, "filed.cn:8080": 1, "a.unfiled.com.cn": 2, "b.unfiled.com.cn": 5, "例子.中国": 1,
    "203.0.113.1": 4, "[2001:db8::1]:443": 1, "com.cn": 1, "\x1b[31mevil": 1, "x" * 300: 1,
}  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Path:
    events = [
        replace(EVENT, host=host, moment=START + 60 * i) for host, count in SERVED.items() for i in range(count)
    ] + [replace(EVENT, host="inside.cn", address="10.0.0.1")]
    path = tmp_path / "access.log"
    path.write_text("\n".join(map(caddy_json, events)) + "\n", encoding="utf-8")
    return path


def test_domains_without_a_filing_are_listed_with_counts_and_times(log: Path, tmp_path: Path) -> None:
    filed = tmp_path / "filed.txt"
    filed.write_text("\ufeff# on record\nWWW.Filed.cn\n\nother.cn # closed\n", encoding="utf-8")
    report = list_hosts([str(log)], filed=read_filed(filed))
    assert [(d.domain, d.requests, d.filed) for d in report.unfiled] == [("unfiled.com.cn", 7, False)]
    assert [(d.domain, d.requests, d.filed) for d in report.filed] == [("filed.cn", 4, True)]
    assert [(h.host, h.requests) for h in report.unfiled[0].hosts] == [("a.unfiled.com.cn", 2), ("b.unfiled.com.cn", 5)]
    answer = report.as_json()["unfiled"][0]
    assert (answer["first_at"], answer["last_at"]) == ("2025-12-31T00:00:00+08:00", "2025-12-31T00:04:00+08:00")


def test_addresses_suffixes_and_rubbish_are_counted_apart_and_nothing_is_lost(log: Path) -> None:
    report = list_hosts([str(log)])
    named = sum(domain.requests for domain in report.unfiled)
    assert {host.host for host in report.without_domain} == {"", "203.0.113.1", "[2001:db8::1]", "com.cn"}
    assert named + sum(host.requests for host in report.without_domain) == report.lines.counted == sum(SERVED.values())
    assert report.lines.excluded == {"internal": 1}
    assert all(domain.filed is None for domain in report.unfiled)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.例子.com.cn", "xn--fsqu00a.com.cn"),
        ("A.B.Example.COM.", "example.com"),
        ("cn", None),
        ("::1", None),
        ("a..b", None),
        ("", None),
    ],
)
def test_the_registrable_domain_is_found_or_there_is_none(host: str, domain: str | None) -> None:
    assert registrable_domain(host) == domain


def test_a_list_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"\xff\xfe\x00")
    for name in ("list", "missing"):
        with pytest.raises(LogUnreadable):
            read_filed(tmp_path / name)
