"""A record survives being written and read, byte for byte."""

import json
from datetime import UTC, datetime

import pytest

from openbeian.kernel.answers import Answer
from openbeian.kernel.text import Text
from openbeian.observation.probing.record import (
    Certificate,
    CheckKind,
    CheckResult,
    DnsAnswers,
    Exchange,
    FooterSeen,
    Hop,
    ProbeRecord,
    ProbeTarget,
    ResolverAnswer,
    Whose,
    WordSeen,
)

AT = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC)
FULL = ProbeRecord(
    ProbeTarget(
        7, "xn--fsqu00a.cn", ("8.8.8.0-8.8.8.255",), "例子", "粤", ("粤ICP备2021001858号-3",), "/首页", "某公司"
    ),
    AT,
    AT,
    (CheckResult(CheckKind.DNS, Answer.CANNOT_TELL, "timeout", Whose.OURS, Text("超时", "Timed out")),),
    dns=DnsAnswers(
        (ResolverAnswer("1.1.1.1", ("8.8.8.8",), ("2001:4860::1",), ("a.cdn.cn",), "", 12),), ("ns1.cn",), "x"
    ),
    http=Exchange((Hop("http://a.cn/", "8.8.8.8", 200),), 200, (("Server", "x"), ("X", "\x00\x1b")), 5, 9, "ab", 3),
    certificate=Certificate("CN=a", names=("a.cn",), valid_until=AT, der=b"\x30\x00"),
    footer=FooterSeen(icp_filing=("京ICP备16020626号-1",), link="right"),
    words=(WordSeen("最佳", "absolute", "law", "最佳", 1, 3),),
    page=b"\xff\x00<html>",
)


def test_a_record_is_read_back_as_it_was_written() -> None:
    assert ProbeRecord.from_json(json.loads(json.dumps(FULL.to_json()))) == FULL


def test_an_older_record_takes_defaults_and_a_newer_one_is_still_read() -> None:
    form = FULL.to_json()
    del form["words"]
    form["invented_later"] = 1
    assert ProbeRecord.from_json(form).words == ()


def test_without_its_page_a_record_keeps_everything_else() -> None:
    short = FULL.without_page()
    assert (short.page, short.footer, short.dns) == (b"", FULL.footer, FULL.dns)


def test_what_is_no_record_is_refused() -> None:
    for source in ({}, {"target": 5}, {**FULL.to_json(), "started_at": "yesterday"}):
        with pytest.raises((ValueError, KeyError, TypeError)):
            ProbeRecord.from_json(source)
