"""Address ranges: public, ordered and of one family, or refused with the fix."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.kernel.errors import ValueRefused, problem_with
from openbeian.kernel.ip_ranges import IpRange, parse_ip_range


@pytest.mark.parametrize(
    ("written", "normal", "size"),
    [
        ("8.8.8.8", "8.8.8.8", 1),
        (" 8.8.8.0 － 8.8.8.15 ", "8.8.8.0-8.8.8.15", 16),
        ("8.8.8.0~8.8.8.15", "8.8.8.0-8.8.8.15", 16),
        ("8.8.8.0至8.8.8.15", "8.8.8.0-8.8.8.15", 16),
        ("8.8.8.0/28", "8.8.8.0-8.8.8.15", 16),
        ("８．８．８．８", "8.8.8.8", 1),
        ("2400:3200::1", "2400:3200::1", 1),
        ("2400:3200:0:0::/64", "2400:3200::-2400:3200::ffff:ffff:ffff:ffff", 2**64),
    ],
)
def test_a_range_is_read_from_each_form(written: str, normal: str, size: int) -> None:
    found = parse_ip_range(written)
    assert (found.normal, found.size) == (normal, size)


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("8.8.8.15-8.8.8.0", "ip_range.order"),
        ("8.8.8.8-2400:3200::1", "ip_range.families"),
        ("8.8.8.1/28", "ip_range.host_bits"),
        ("8.8.8.0/33", "ip_range.grammar"),
        ("8.8.8", "ip_range.grammar"),
        ("08.8.8.8", "ip_range.grammar"),
        ("8.8.8.8-", "ip_range.grammar"),
        ("8.8.8.8-8.8.8.9-8.8.8.10", "ip_range.grammar"),
        ("example.cn", "ip_range.grammar"),
        ("", "ip_range.grammar"),
        ("fe80::1%eth0", "ip_range.scope"),
        ("10.0.0.1", "ip_range.not_public"),
        ("127.0.0.1", "ip_range.not_public"),
        ("192.0.2.1", "ip_range.not_public"),
        ("100.64.0.1", "ip_range.not_public"),
        ("224.0.0.1", "ip_range.not_public"),
        ("255.255.255.255", "ip_range.not_public"),
        ("9.0.0.0-11.255.255.255", "ip_range.not_public"),
        ("0.0.0.0/0", "ip_range.not_public"),
        ("::1", "ip_range.not_public"),
        ("fd00::1", "ip_range.not_public"),
        ("2001:db8::1", "ip_range.not_public"),
        ("::ffff:8.8.8.8", "ip_range.not_public"),
        ("2000::/3", "ip_range.not_public"),
        ("1" * 300, "text.too_long"),
    ],
)
def test_what_is_no_public_range_is_refused(written: str, rule: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        parse_ip_range(written)
    assert refusal.value.problem.rule == rule


def test_a_backward_range_is_answered_with_the_forward_one() -> None:
    with pytest.raises(ValueRefused) as refusal:
        parse_ip_range("8.8.8.15-8.8.8.0")
    assert "8.8.8.0-8.8.8.15" in refusal.value.problem.fix.en


def test_overlap_and_containment_tell_ranges_apart() -> None:
    block, inside = parse_ip_range("8.8.8.0/24"), parse_ip_range("8.8.8.7")
    astride, beside = parse_ip_range("8.8.7.255-8.8.8.0"), parse_ip_range("8.8.9.0/24")
    six = parse_ip_range("2400:3200::/32")
    assert block.contains(inside)
    assert not inside.contains(block)
    assert block.overlaps(astride)
    assert astride.overlaps(block)
    assert not block.contains(astride)
    assert not block.overlaps(beside)
    assert not block.overlaps(six)
    assert parse_ip_range("8.8.8.1-8.8.8.6").networks == ("8.8.8.1/32", "8.8.8.2/31", "8.8.8.4/31", "8.8.8.6/32")


@given(st.lists(st.ip_addresses(v=4), min_size=2, max_size=2) | st.lists(st.ip_addresses(v=6), min_size=2, max_size=2))
def test_the_normal_form_reads_back_as_the_same_range_or_is_not_public(
    ends: list[Any],
) -> None:
    made = IpRange(min(ends, key=int), max(ends, key=int))
    problem = problem_with(parse_ip_range, made.normal)
    assert problem.rule == "ip_range.not_public" if problem else parse_ip_range(made.normal) == made


@given(st.text(max_size=150) | st.text(alphabet="0123456789abcdef.:/-%~", max_size=60))
def test_any_text_is_a_range_or_is_refused(text: str) -> None:
    try:
        found = parse_ip_range(text)
    except ValueRefused:
        return
    assert found.size >= 1
