"""Domains: IDNA 2008 and the public suffix list decide; what is no registrable domain is refused with the stripped name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.kernel.domains import check_filing_domain, is_domain, parse_domain
from openbeian.kernel.errors import ValueRefused


@pytest.mark.parametrize(
    ("written", "name", "readable"),
    [
        ("Example.CN", "example.cn", "example.cn"),
        (" example.com.cn. ", "example.com.cn", "example.com.cn"),
        ("ｅｘａｍｐｌｅ。ｃｎ", "example.cn", "example.cn"),
        ("例子.中国", "xn--fsqu00a.xn--fiqs8s", "例子.中国"),
        ("xn--fsqu00a.xn--fiqs8s", "xn--fsqu00a.xn--fiqs8s", "例子.中国"),
        ("例子.bj.cn", "xn--fsqu00a.bj.cn", "例子.bj.cn"),
    ],
)
def test_both_forms_of_a_name_are_one_domain(written: str, name: str, readable: str) -> None:
    domain = check_filing_domain(written)
    assert (domain.name, domain.unicode) == (name, readable)


def test_a_sub_domain_is_read_but_not_filed() -> None:
    domain = parse_domain("www.example.com.cn")
    assert (domain.registrable, domain.suffix, domain.is_registrable) == ("example.com.cn", "com.cn", False)
    with pytest.raises(ValueRefused) as refusal:
        check_filing_domain("www.example.com.cn")
    assert refusal.value.problem.rule == "domain.sub_domain"
    assert "example.com.cn" in refusal.value.problem.fix.zh


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("cn", "domain.bare_suffix"),
        ("com.cn", "domain.bare_suffix"),
        ("中国", "domain.bare_suffix"),
        ("8.8.8.8", "domain.address"),
        ("8.8.8.8:80", "domain.address"),
        ("http://8.8.8.8/", "domain.address"),
        ("[2400:3200::1]", "domain.address"),
        ("2400:3200::1", "domain.address"),
        ("https://example.cn", "domain.url"),
        ("example.cn/path?q=1", "domain.url"),
        ("example.cn:8080", "domain.url"),
        ("me@example.cn", "domain.mailbox"),
        ("*.example.cn", "domain.wildcard"),
        ("a_b.cn", "domain.underscore"),
        ("-a.cn", "domain.idna"),
        ("a..cn", "domain.idna"),
        ("xn--a.cn", "domain.idna"),
        ("a;b.cn", "domain.idna"),
        ("example.123", "domain.numeric"),
        ("example.localdomain", "domain.unknown_suffix"),
        ("a" * 64 + ".cn", "domain.too_long"),
        ("a." * 130 + "cn", "domain.too_long"),
        ("a" * 2000, "text.too_long"),
        ("", "domain.empty"),
    ],
)
def test_what_is_no_domain_is_refused(written: str, rule: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        parse_domain(written)
    assert refusal.value.problem.rule == rule


def test_a_url_is_answered_with_the_name_in_it() -> None:
    with pytest.raises(ValueRefused) as refusal:
        parse_domain("https://www.example.cn:8443/a?b#c")
    assert "www.example.cn" in refusal.value.problem.fix.en
    assert ":" not in refusal.value.problem.fix.en


def test_an_unknown_top_level_domain_is_not_refused_with_certainty() -> None:
    with pytest.raises(ValueRefused) as refusal:
        parse_domain("example.brandnewtld")
    assert refusal.value.problem.certain is False


@given(st.text(max_size=300) | st.from_regex(r"[a-z0-9:/@.*_\[\]-]{1,60}", fullmatch=True))
def test_any_text_is_a_stable_domain_or_is_refused(text: str) -> None:
    if is_domain(text):
        domain = parse_domain(text)
        assert parse_domain(domain.unicode) == domain
        assert parse_domain(domain.name) == domain
        assert len(domain.name) <= 253


@pytest.mark.parametrize("text", ["a b.cn", "exa mple.cn", "a.cn b.cn"])
def test_a_space_inside_a_domain_is_refused_and_not_swallowed(text: str) -> None:
    with pytest.raises(ValueRefused, match=r"space|URL") as refusal:
        parse_domain(text)
    assert refusal.value.problem.rule.startswith("domain")


def test_blanks_around_a_domain_do_no_harm() -> None:
    assert parse_domain("  example.cn ").name == "example.cn"
