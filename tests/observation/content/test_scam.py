"""The scam check against labelled messages, against disguise, and against hostile text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeian.observation.content.errors import ContentTooLarge
from openbeian.observation.content.scam import MAX_MESSAGE_BYTES, Verdict, check_message

ALARMS = {Verdict.SCAM, Verdict.SUSPICIOUS}
MESSAGES = [
    tuple(line.split(" | ", 1))
    for line in Path(__file__).with_name("messages.txt").read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]


def test_precision_and_recall_on_the_labelled_messages_are_at_least_095() -> None:
    alarms = [label for label, message in MESSAGES if check_message(message).verdict in ALARMS]
    bad = sum(label == "bad" for label, _ in MESSAGES)
    precision, recall = alarms.count("bad") / len(alarms), alarms.count("bad") / bad
    assert len(MESSAGES) >= 80
    assert precision >= 0.95, f"{precision=}"
    assert recall >= 0.95, f"{recall=}"


def test_a_two_year_validity_with_a_fee_and_a_look_alike_link_is_a_scam_with_its_reasons() -> None:
    check = check_message("备案有效期两年，请续费300元 http://beian-miit.cn")
    assert check.verdict is Verdict.SCAM
    assert {"look_alike", "pays_for_filing", "two_year_validity"} <= {reason.signal for reason in check.reasons}
    assert all(reason.source and reason.instead.zh and reason.instead.en for reason in check.reasons)


@pytest.mark.parametrize(
    ("address", "signal"),
    [
        ("https://beian.miit.gov.cn@evil.example/", "user_trick"),
        ("https://beian.miit.gov.cn.evil.top/", "sub_domain_trick"),
        ("https://beian.mіit.gov.cn/", "homograph"),
        ("https://beian.miit.g0v.cn/", "homograph"),
        ("https://miitbeian.com/", "look_alike"),
        ("http://47.98.12.33/icp", "ip_link"),
        ("https://t.cn/abc", "short_link"),
        ("https://example.top/a.apk", "program_download"),
    ],
)
def test_each_trick_of_an_address_is_named(address: str, signal: str) -> None:
    assert signal in {reason.signal for reason in check_message(f"备案核验请打开 {address}").reasons}


@pytest.mark.parametrize("text", ["", "   ", "[图片]", "https://example.com/", "asdf", "Привет как дела сегодня"])
def test_too_little_to_judge_by_cannot_be_told(text: str) -> None:
    assert check_message(text).verdict is Verdict.CANNOT_TELL


@given(
    st.text(max_size=300),
    st.lists(st.sampled_from(["http://", "@", ".gov.cn", "xn--", "备案", "。", "\n", "1.1.1.1", "%"])),
)
def test_no_text_makes_the_check_fail(text: str, pieces: list[str]) -> None:
    assert check_message(text + "".join(pieces) + text).verdict in set(Verdict)


@pytest.mark.parametrize("piece", ["a.", "http://", "备案续费", "x@", "1", "。", "http://a.b/", "xn--", "1月1日"])
def test_sixty_thousand_characters_of_one_piece_are_judged(piece: str) -> None:
    assert check_message((piece * 60_000).encode()[: MAX_MESSAGE_BYTES - 3].decode("utf-8", "ignore")).version


def test_a_text_over_the_limit_is_refused() -> None:
    with pytest.raises(ContentTooLarge):
        check_message("备" * MAX_MESSAGE_BYTES)
