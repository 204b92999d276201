"""Contacts: a person's mobile is told from landlines and service numbers; mailboxes have real domains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.kernel.contacts import PhoneKind, check_mobile, parse_mailbox, parse_phone
from openbeian.kernel.errors import ValueRefused


@pytest.mark.parametrize(
    ("written", "normal", "kind", "national"),
    [
        ("13800138000", "+8613800138000", PhoneKind.MOBILE, "13800138000"),
        ("+86 138-0013-8000", "+8613800138000", PhoneKind.MOBILE, "13800138000"),
        ("０１３８００１３８０００"[1:], "+8613800138000", PhoneKind.MOBILE, "13800138000"),
        ("010-62345678", "+861062345678", PhoneKind.LANDLINE, "010-62345678"),
        ("(020) 8888 6666", "+862088886666", PhoneKind.LANDLINE, "020-88886666"),
        ("0755-86013388-801", "+8675586013388", PhoneKind.LANDLINE, "0755-86013388-801"),
        ("01062345678转12", "+861062345678", PhoneKind.LANDLINE, "010-62345678-12"),
        ("10086", "10086", PhoneKind.SERVICE, "10086"),
        ("12345", "12345", PhoneKind.SERVICE, "12345"),
        ("110", "110", PhoneKind.SERVICE, "110"),
        ("95588", "95588", PhoneKind.SERVICE, "95588"),
        ("400-800-1234", "4008001234", PhoneKind.SERVICE, "4008001234"),
    ],
)
def test_each_kind_of_number_has_one_normal_form(written: str, normal: str, kind: PhoneKind, national: str) -> None:
    phone = parse_phone(written)
    assert (phone.normal, phone.kind, phone.national) == (normal, kind, national)


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("10086", "phone.service"),
        ("4008001234", "phone.service"),
        ("010-62345678", "phone.not_mobile"),
        ("1380013800", "phone.grammar"),
        ("138001380001", "phone.grammar"),
        ("12345678901", "phone.grammar"),
        ("+852 91234567", "phone.grammar"),
        ("13800138000转1", "phone.grammar"),
        ("62345678", "phone.grammar"),
        ("电话", "phone.grammar"),
        ("", "phone.grammar"),
        ("1" * 100, "text.too_long"),
    ],
)
def test_only_a_mobile_number_belongs_to_a_responsible_person(written: str, rule: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        check_mobile(written)
    assert refusal.value.problem.rule == rule


def test_a_mailbox_keeps_its_name_and_has_its_domain_in_ascii() -> None:
    assert parse_mailbox(" Zhang.San@Example.CN ") == "Zhang.San@example.cn"
    assert parse_mailbox("zhang@例子.中国") == "zhang@xn--fsqu00a.xn--fiqs8s"


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("zhang", "mailbox.grammar"),
        ("zhang@", "mailbox.domain"),
        ("@example.cn", "mailbox.grammar"),
        ("a@b@example.cn", "mailbox.grammar"),
        (".a@example.cn", "mailbox.grammar"),
        ("a..b@example.cn", "mailbox.grammar"),
        ("张三@example.cn", "mailbox.grammar"),
        ("a" * 65 + "@example.cn", "mailbox.grammar"),
        ("a@[8.8.8.8]", "mailbox.domain"),
        ("a@com.cn", "mailbox.domain"),
        ("a@localhost", "mailbox.domain"),
        ("a" * 60 + "@" + "b." * 98 + "cn", "mailbox.too_long"),
        ("a" * 400, "text.too_long"),
    ],
)
def test_what_is_no_mailbox_is_refused(written: str, rule: str) -> None:
    with pytest.raises(ValueRefused) as refusal:
        parse_mailbox(written)
    assert refusal.value.problem.rule == rule


@given(st.text(max_size=80) | st.from_regex(r"[0-9+() -]{1,25}(转[0-9]{1,3})?", fullmatch=True))
def test_any_text_is_a_stable_phone_number_or_is_refused(text: str) -> None:
    try:
        phone = parse_phone(text)
    except ValueRefused:
        return
    assert parse_phone(phone.national) == phone


@given(st.text(max_size=80) | st.emails())
def test_any_text_is_a_stable_mailbox_or_is_refused(text: str) -> None:
    try:
        mailbox = parse_mailbox(text)
    except ValueRefused:
        return
    assert parse_mailbox(mailbox) == mailbox
