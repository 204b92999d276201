"""Text messages: one contract for both adapters, and what the job makes of their answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.entrypoints.workers.gateway import SECRET, Gateway, open_gateway

from openbeian.cases.actions.deliver_message import deliver_message
from openbeian.cases.confirming import queue_message
from openbeian.cases.models import SentMessage
from openbeian.cases.ports import SmsNotConfigured, SmsRefused, SmsSender, SmsUnavailable
from openbeian.cases.sms.shown import ShownMessages
from openbeian.cases.sms.webhook import WebhookSms
from openbeian.entrypoints.workers.loop import Pace, Worker
from openbeian.jobs.queries import find_job
from openbeian.wiring import choose_sms_sender, is_sms_configured, list_job_kinds


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with open_gateway() as gateway:
        yield gateway


@pytest.fixture(params=["shown", "webhook"])
def sender(request: pytest.FixtureRequest, gateway: Gateway) -> SmsSender:
    return ShownMessages() if request.param == "shown" else WebhookSms(gateway.url, SECRET)


@pytest.mark.django_db
def test_every_adapter_takes_a_message_twice_under_one_key_and_gives_a_receipt(sender: SmsSender) -> None:
    first = sender.deliver_message("13800138000", "核验码 123456", "code:1")
    assert sender.deliver_message("13800138000", "核验码 123456", "code:1") == first
    assert isinstance(first, str)


@pytest.mark.django_db(transaction=True)
def test_every_adapter_leaves_a_message_marked_as_delivered_and_not_sent_again(sender: SmsSender) -> None:
    message = queue_message("code:1", "13800138000", "核验码 123456")
    assert deliver_message(message.pk, sender) is True
    delivered_at = SentMessage.objects.get().delivered_at
    assert delivered_at is not None
    assert deliver_message(message.pk, sender) is False
    assert SentMessage.objects.get().delivered_at == delivered_at


def test_the_gateway_gets_key_mobile_and_body_under_a_signature(gateway: Gateway) -> None:
    assert WebhookSms(gateway.url, SECRET).deliver_message("13800138000", "核验码 123456", "code:1") == "r-1"
    assert gateway.received == [{"key": "code:1", "mobile": "13800138000", "body": "核验码 123456"}]


def test_a_wrong_secret_is_an_outage_and_nothing_is_sent(gateway: Gateway) -> None:
    with pytest.raises(SmsUnavailable, match="401"):
        WebhookSms(gateway.url, "another").deliver_message("13800138000", "x", "code:1")
    assert gateway.sent == {}


def test_a_gateway_that_answers_200_but_does_not_accept_is_believed(gateway: Gateway) -> None:
    gateway.answer = (200, '{"accepted": false, "reason": "空号"}'.encode())
    with pytest.raises(SmsRefused, match="空号"):
        WebhookSms(gateway.url, SECRET).deliver_message("13800138000", "x", "code:1")


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"{}"),
        (302, b""),
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"accepted": "true"}'),
        (200, b"[" * 60_000),
        (200, b" " * 100_000 + b'{"accepted": true}'),
    ],
)
def test_an_answer_that_says_nothing_clear_is_an_outage(gateway: Gateway, answer: tuple[int, bytes]) -> None:
    gateway.answer = answer
    with pytest.raises(SmsUnavailable):
        WebhookSms(gateway.url, SECRET).deliver_message("13800138000", "x", "code:1")


def test_a_gateway_that_is_not_there_is_an_outage() -> None:
    with open_gateway() as gone:
        url = gone.url
    with pytest.raises(SmsUnavailable):
        WebhookSms(url, SECRET).deliver_message("13800138000", "x", "code:1")


@pytest.mark.parametrize(
    ("url", "secret"),
    [("http://sms.example.cn/", SECRET), ("ftp://127.0.0.1/", SECRET), ("https://sms.example.cn/", ""), ("x", SECRET)],
)
def test_a_gateway_without_protection_is_not_used(url: str, secret: str) -> None:
    with pytest.raises(SmsNotConfigured):
        WebhookSms(url, secret)


def test_the_wiring_takes_the_gateway_first_then_the_demo(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBEIAN_SMS_URL", raising=False)
    settings.DEMO = False
    assert not is_sms_configured()
    settings.DEMO = True
    assert isinstance(choose_sms_sender(), ShownMessages)
    monkeypatch.setenv("OPENBEIAN_SMS_URL", "https://sms.example.cn/")
    monkeypatch.setenv("OPENBEIAN_SMS_SECRET", SECRET)
    assert isinstance(choose_sms_sender(), WebhookSms)


@pytest.mark.django_db(transaction=True)
def test_without_gateway_or_demo_the_job_fails_and_says_what_to_set(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENBEIAN_SMS_URL", raising=False)
    settings.DEMO = False
    queue_message("code:1", "13800138000", "核验码 123456")
    kinds = {k: v for k, v in list_job_kinds().items() if k == "cases.deliver_message"}
    Worker(kinds, Pace(lease_s=5, beat_s=0.02, idle_s=0.01)).run(until_idle=True)
    job = find_job("cases.deliver_message", "code:1")
    assert job is not None
    assert job.state == "failed"
    assert "OPENBEIAN_SMS_URL" in job.error
    assert SentMessage.objects.get().delivered_at is None
