"""What is read by a short way is read as the long way reads it: a blank, a dot or an invisible mark forces the long one."""

from __future__ import annotations

import idna
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin
from pypinyin.seg.simpleseg import seg
from stdnum.cn import uscc

from openbeian.kernel.certificates import _compute_credit_check
from openbeian.kernel.contacts import _read_plan, parse_phone
from openbeian.kernel.domains import _encode_label, parse_domain
from openbeian.kernel.errors import ValueRefused
from openbeian.kernel.initials import _cut_chinese, compute_initials
from openbeian.kernel.ip_ranges import _SPECIAL, normalise_ip_range, parse_ip_range
from openbeian.kernel.numbers import FilingNumber, ServiceNumber, parse_number, read_suffix
from openbeian.kernel.writing import fold


def outcome(read: object, text: str) -> object:
    try:
        return read(text)  # type: ignore[operator]
    except ValueRefused as refusal:
        return refusal.problem.rule


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.sampled_from("京备号，〇龥")))
def test_plain_text_folds_to_itself_without_outer_blanks(text: str) -> None:
    assert fold(text) == fold(f"{text}\u200b")


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_mobile_number_is_what_the_numbering_plan_says(text: str) -> None:
    plan = _read_plan(text)
    assert outcome(parse_phone, text) == (plan if plan is not None else "phone.grammar")


def test_mobile_numbers_of_every_head_are_read_by_either_way_alike() -> None:
    for head in range(1300, 2000):
        text = f"{head}1234567"
        assert outcome(parse_phone, text) == outcome(parse_phone, f" {text}"), text


@given(
    st.from_regex(
        r"(www\.|a-b\.)?[a-z0-9-]{1,12}\.(cn|com\.cn|COM|bj\.cn|ck|www\.ck|city\.kawasaki\.jp|nosuch)", fullmatch=True
    )
)
def test_a_plain_domain_is_read_like_one_with_the_roots_dot(text: str) -> None:
    assert outcome(parse_domain, text) == outcome(parse_domain, f"{text}.")


@given(
    st.from_regex(
        r"[a-z0-9京东书]{1,6}(\.[a-z0-9屋云]{1,4})?\.(中国|公司|cn|xn--fiqs8s|xn--55qx5d|xn--nosuch|xn--a)",
        fullmatch=True,
    )
)
def test_a_chinese_domain_is_read_like_one_with_the_roots_dot(text: str) -> None:
    assert outcome(parse_domain, text) == outcome(parse_domain, f"{text}.")


def test_every_common_chinese_character_is_encoded_as_idna_says() -> None:
    for first in range(0x4E00, 0xA000, 16):
        label = "".join(map(chr, range(first, first + 16)))
        assert _encode_label(label) == idna.encode(label, uts46=True, std3_rules=True).decode()


@given(st.text(st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"), min_size=17, max_size=17))
def test_the_check_character_of_a_credit_code_is_stdnums(text: str) -> None:
    assert _compute_credit_check(text) == uscc.calc_check_digit(text)


@given(st.from_regex(r"[京川蜀香]ICP[备证]([0-9]{6,11})号(-[0-9]{1,7}[AXKB]?)?", fullmatch=True))
def test_a_normal_number_is_read_like_one_with_blanks_around(text: str) -> None:
    assert outcome(parse_number, text) == outcome(parse_number, f" {text} ")


@given(
    base=st.from_regex(r"[京川]ICP备([0-9]{8}|[0-9]{10})号|粤B2-20090059|京ICP证030173号", fullmatch=True),
    rest=st.from_regex(r"(-[0-9]{1,7}[AXKB]?)?号?| ?-1", fullmatch=True),
)
def test_a_suffix_is_read_as_in_the_whole_number(base: str, rest: str) -> None:
    if outcome(lambda text: parse_number(text).normal, base) != base:
        return
    suffix = read_suffix(base + rest, base)
    whole = outcome(parse_number, base + rest)
    if suffix is not None:
        assert isinstance(whole, ServiceNumber)
        assert (whole.sequence, whole.service_kind, whole.base.normal) == (*suffix, base)
        assert whole.normal == base + rest
    elif isinstance(whole, ServiceNumber) and isinstance(whole.base, FilingNumber):
        assert whole.normal != base + rest


@given(st.ip_addresses(v=4))
def test_an_address_is_public_when_it_lies_in_no_special_block(address: object) -> None:
    is_special = any(address in block for block in _SPECIAL)
    assert outcome(parse_ip_range, str(address)) == (
        "ip_range.not_public" if is_special else parse_ip_range(f"{address}/32")
    )


@given(st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){2,4}\.?", fullmatch=True) | st.ip_addresses(v=4).map(str))
def test_an_address_has_the_normal_form_of_its_range(text: str) -> None:
    assert outcome(normalise_ip_range, text) == outcome(lambda t: parse_ip_range(t).normal, text)


@given(st.text(st.sampled_from("重庆银行长春西安音乐厦门会计师事务所一心一意中华人民共和国"), max_size=20))
def test_chinese_names_are_cut_as_pypinyin_cuts_them(name: str) -> None:
    assert _cut_chinese(name) == (seg(name) if name else [])


@given(st.text(st.sampled_from("重庆银行长春西安音乐厦门AaZ9 -示例都㐀"), max_size=20))
def test_initials_are_those_of_the_whole_name(name: str) -> None:
    whole = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors=lambda run: run)).lower()
    assert compute_initials(name) == "".join(c for c in whole if c.isascii() and c.isalnum())
