"""Every channel against the other side's own rules: signatures, codes inside HTTP 200, addresses that are off limits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from tests.notifications.receivers import SECRET, open_mail_server, open_receiver

from openbeian.kernel.public_addresses import is_public_address
from openbeian.notifications.dingtalk import DingTalkRobot, make_inert
from openbeian.notifications.errors import AddressForbidden, MailNotConfigured, MessageRefused, MessageUndelivered
from openbeian.notifications.feishu import FeishuRobot
from openbeian.notifications.guarded_post import GuardedPost
from openbeian.notifications.ports import Line, Message, Sender
from openbeian.notifications.smtp import Mail
from openbeian.notifications.webhook import Webhook
from openbeian.notifications.wecom import WeComRobot

OPEN = GuardedPost(allows_private=True)
HOSTILE = "<script>alert(1)</script> [点我](https://evil.example/) ![x](http://evil.example/i.png) @all **粗**"
SENDERS: dict[str, Callable[[str, str], Sender]] = {
    "dingtalk": lambda url, secret: DingTalkRobot(url, secret, OPEN),
    "wecom": lambda url, secret: WeComRobot(url, OPEN),
    "feishu": lambda url, secret: FeishuRobot(url, secret, OPEN),
    "webhook": lambda url, secret: Webhook(url, secret, OPEN),
}


def make_message(sentence: str = "「测试」已提交。", **fields: object) -> Message:
    values = {
        "key": "abcdef0123456789",
        "language": "zh",
        "title": "有新的办件",
        "lines": (Line(sentence, "https://p.cn/c/1/"),),
    }
    return Message(**{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", SENDERS)
def test_a_signed_message_is_taken_and_the_answer_is_the_proof(kind: str) -> None:
    with open_receiver(kind) as receiver:
        answer = SENDERS[kind](receiver.url, SECRET).deliver_message(make_message())
    assert len(receiver.received) == 1
    assert answer.startswith("HTTP 200")
    assert "t0ken" not in answer


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", "webhook"])
def test_a_wrong_secret_is_a_refusal_although_the_answer_is_http_200(kind: str) -> None:
    with open_receiver(kind) as receiver, pytest.raises(MessageRefused) as refusal:
        SENDERS[kind](receiver.url, "another-secret-of-16").deliver_message(make_message())
    assert receiver.received == []
    assert "sign" in refusal.value.answer


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("dingtalk", b'{"errcode":300001,"errmsg":"token is not exist"}'),
        ("wecom", b'{"errcode":93000,"errmsg":"invalid webhook url"}'),
        ("feishu", b'{"StatusCode":19024,"StatusMessage":"Key Words Not Found"}'),
    ],
)
def test_a_code_other_than_zero_is_a_refusal_although_the_status_is_200(kind: str, body: bytes) -> None:
    with open_receiver(kind) as receiver:
        receiver.answer = (200, body)
        with pytest.raises(MessageRefused):
            SENDERS[kind](receiver.url, SECRET).deliver_message(make_message())


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("dingtalk", (200, b'{"errcode":130101,"errmsg":"send too fast"}')),
        ("wecom", (200, b'{"errcode":45009,"errmsg":"api freq out of limit"}')),
        ("feishu", (200, b'{"code":9499,"msg":"too many request"}')),
        ("dingtalk", (200, b"<html>maintenance</html>")),
        ("wecom", (502, b"bad gateway")),
        ("feishu", (200, b"[" * 5000)),
        ("wecom", (200, b'{"errcode":"0"}')),
        ("webhook", (503, b"")),
        ("webhook", (429, b"slow down")),
        ("webhook", (200, b"x" * 70_000)),
    ],
)
def test_what_may_pass_is_tried_again(kind: str, answer: tuple[int, bytes]) -> None:
    with open_receiver(kind) as receiver:
        receiver.answer = answer
        with pytest.raises(MessageUndelivered):
            SENDERS[kind](receiver.url, SECRET).deliver_message(make_message())


def test_a_redirect_is_not_followed() -> None:
    with open_receiver("webhook") as receiver:
        receiver.answer = (302, b"")
        with pytest.raises(MessageRefused):
            SENDERS["webhook"](receiver.url, SECRET).deliver_message(make_message())
    assert len(receiver.received) == 1


def test_a_webhook_says_no_in_its_body_and_names_the_message_by_the_same_key_each_time() -> None:
    with open_receiver("webhook") as receiver:
        sender = SENDERS["webhook"](receiver.url, SECRET)
        receiver.answer = (200, b'{"accepted":false,"reason":"full"}')
        with pytest.raises(MessageRefused):
            sender.deliver_message(make_message())
        receiver.answer = (204, b"")
        sender.deliver_message(make_message(is_repeat=True))
    assert [h["Idempotency-Key"] for h in receiver.headers] == ["abcdef0123456789"] * 2
    assert [m["repeat"] for m in receiver.received] == [False, True]


def test_nobody_listening_is_an_outage() -> None:
    with open_receiver("webhook") as receiver:
        url = receiver.url
    with pytest.raises(MessageUndelivered):
        SENDERS["webhook"](url, SECRET).deliver_message(make_message())


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "http://8.8.8.8/x",
        "ftp://8.8.8.8/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest/meta-data",
        "https://user:secret@8.8.8.8/",
        "https://8.8.8.8:0/",
        "https://8.8.8.8:99999/",
        "https:///x",
        "",
        "https://8.8.8.8/" + "x" * 500,
    ],
)
def test_an_address_in_a_private_network_is_not_contacted(url: str) -> None:
    with pytest.raises(AddressForbidden):
        GuardedPost().post(url, b"{}", {})


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2400:3200::1", True),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_means_public(address: str, public: bool) -> None:
    assert is_public_address(address) is public


def test_hostile_text_is_inert_in_every_robot() -> None:
    received = {}
    for kind, make_sender in SENDERS.items():
        with open_receiver(kind) as receiver:
            make_sender(receiver.url, SECRET).deliver_message(make_message(HOSTILE, mention=("13800138000",)))
        received[kind] = receiver.received[0]
    markdown = received["dingtalk"]["markdown"]["text"]
    assert markdown.count("](") == 1
    assert "[打开](https://p.cn/c/1/)" in markdown
    assert "<script" not in markdown
    assert "@all" not in markdown
    assert received["dingtalk"]["at"] == {"atMobiles": ["13800138000"], "isAtAll": False}
    assert received["wecom"]["msgtype"] == "text"
    assert received["wecom"]["text"]["mentioned_mobile_list"] == ["13800138000"]
    first = received["feishu"]["content"]["post"]["zh_cn"]["content"][0]
    assert [part["tag"] for part in first] == ["text", "a"]
    assert first[1]["href"] == "https://p.cn/c/1/"
    assert received["webhook"]["lines"][0]["sentence"] == HOSTILE


@given(st.text())
def test_no_text_becomes_markup_of_the_markdown_robot(text: str) -> None:
    assert not set("[]()<>*_`#!@") & set(make_inert(text))


def test_a_long_digest_stays_within_the_robots_limits() -> None:
    lines = tuple(Line("很长的一句话" * 30, "https://p.cn/", f"负责人{n}") for n in range(50))
    with open_receiver("wecom") as receiver:
        SENDERS["wecom"](receiver.url, "").deliver_message(make_message(lines=lines))
    content = receiver.received[0]["text"]["content"]
    assert len(content.encode()) <= 2048
    assert "ABCDEF01" in content
    with open_receiver("dingtalk") as receiver:
        SENDERS["dingtalk"](receiver.url, SECRET).deliver_message(make_message(lines=lines))
    assert len(receiver.received[0]["markdown"]["text"].encode()) < 20_000


def test_a_letter_carries_its_fixed_id_and_hostile_names_stay_text() -> None:
    with open_mail_server() as (mailbox, port), real_mail(port):
        proof = Mail("person@example.cn").deliver_message(make_message(HOSTILE))
    letter = mailbox.letters[0]
    assert letter["Message-ID"] == "<abcdef0123456789@example.cn>"
    assert proof == "250 <abcdef0123456789@example.cn>"
    assert str(letter["Subject"]) == "有新的办件 [ABCDEF01]"
    html = letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert html.count("<a ") == 1
    assert HOSTILE in letter.get_body(("plain",)).get_content().replace("\n", " ")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("reply", "raised"), [("451 try later", MessageUndelivered), ("554 5.7.1 no such person", MessageRefused)]
)
def test_the_mail_servers_no_is_read_for_whether_it_may_pass(reply: str, raised: type[Exception]) -> None:
    with open_mail_server() as (mailbox, port), real_mail(port):
        mailbox.replies.append(reply)
        with pytest.raises(raised) as refusal:
            Mail("person@example.cn").deliver_message(make_message())
    assert reply[:3] in refusal.value.answer  # type: ignore[attr-defined]


def test_without_a_mail_server_nothing_pretends_to_be_sent() -> None:
    with override_settings(OPENBEIAN_MAIL=""), pytest.raises(MailNotConfigured):
        Mail("person@example.cn").deliver_message(make_message())


def real_mail(port: int) -> override_settings:
    return override_settings(
        OPENBEIAN_MAIL=f"smtp://127.0.0.1:{port}",
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        DEFAULT_FROM_EMAIL="OpenBeian <beian@example.cn>",
    )
