"""Confirmation by SMS: who must confirm, the codes, and what a code proves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from openbeian.cases.events import CodeSent
from openbeian.cases.limits import compute_sms_window
from openbeian.cases.models import Case, SentMessage, SmsConfirmation
from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.privacy.fields import compute_fingerprint
from openbeian.privacy.masking import mask_mobile

_TAIL = 6


def list_named_persons(form: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every person the form names, once, with the path to them: one human named twice confirms once."""
    seen = set()
    people = [("sponsor.person", form["sponsor"]["person"])]
    people += [
        (f"services.{i}.person", s["person"])
        for i, s in enumerate(form.get("services", []))
        if not s["person_is_sponsor_person"]
    ]
    for path, person in people:
        identity = (person["certificate_number"].strip().upper(), person["mobile"].strip())
        if identity not in seen:
            seen.add(identity)
            yield path, person


def hash_code(secret: str, code: str) -> str:
    """A code is kept only as a keyed hash bound to its confirmation."""
    return compute_fingerprint(f"{secret}:{code}", "sms_code")


def send_codes(actor: Actor, case: Case) -> None:
    """Opens a new round: one code to each named person, all valid until the same instant. In a transaction."""
    now = clock.now()
    case.confirmation_round += 1
    case.save(update_fields=["confirmation_round"])
    expires_at = now + compute_sms_window(clock.today(), case.province)
    for path, person in list_named_persons(case.form):
        secret, code = secrets.token_urlsafe(16), f"{secrets.randbelow(10**6):06d}"
        mobile = person["mobile"].strip()
        confirmation = SmsConfirmation.objects.create(
            case=case,
            round=case.confirmation_round,
            person_path=path,
            person_name=person["name"],
            mobile=mobile,
            mobile_fingerprint=compute_fingerprint(mobile, "mobile"),
            certificate_tail=person["certificate_number"].strip().upper()[-_TAIL:],
            code_hash=hash_code(secret, code),
            secret=secret,
            sent_at=now,
            expires_at=expires_at,
        )
        queue_message(
            f"code:{confirmation.pk}",
            mobile,
            _body(case, code, secret, f"{expires_at.astimezone(clock.CHINA):%m月%d日%H:%M}"),
        )
        record_event(
            CodeSent,
            actor,
            ("case", case.pk),
            concerns=(case.organisation_id,),
            after={"person": path, "mobile": mask_mobile(mobile), "expires_at": expires_at.isoformat()},
        )
    enqueue_job(
        "cases.expire_confirmations",
        f"{case.pk}:{case.confirmation_round}",
        {"case": case.pk, "round": case.confirmation_round},
        run_at=expires_at + timedelta(seconds=1),
    )


def queue_message(key: str, mobile: str, body: str) -> SentMessage:
    """A text message and the job that delivers it, in the caller's transaction."""
    message = SentMessage.objects.create(mobile=mobile, body=body, key=key, sent_at=clock.now())
    enqueue_job("cases.deliver_message", key, {"message": message.pk})
    return message


def _body(case: Case, code: str, secret: str, expires: str) -> str:
    return (
        f"【备案核验】办件 {case.reference}，核验码 {code}。请由本人在 {expires} 前到核验页面"
        f"输入核验码、手机号码和证件号码后六位：/confirm/{secret}/。工作人员不会索要核验码，备案不收费。"
    )
