"""The log of what went to whom, as rows for a table and as documents for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from openbeian.kernel import clock
from openbeian.kernel.text import Language, Text
from openbeian.notifications.kinds import KINDS
from openbeian.notifications.models import Notice
from openbeian.notifications.queries import describe_proof
from openbeian.notifications.rendering import render_sentence

STATES = {
    "waiting": Text("等待发送", "Waiting"),
    "delivered": Text("已送达", "Delivered"),
    "failed": Text("失败", "Failed"),
}
LOG_HEADER: dict[Language, list[str]] = {
    "zh": ["时间（北京）", "类别", "内容", "渠道", "接收人", "状态", "送达时间（北京）", "次数", "凭证"],
    "en": ["time (China)", "kind", "notice", "channel", "recipient", "state", "delivered (China)", "attempts", "proof"],
}


def list_log_rows(notices: Iterable[Notice], language: Language) -> Iterator[list[str]]:
    """One row per notice under LOG_HEADER."""
    for notice in notices:
        proof, kind = describe_proof(notice), KINDS.get(notice.kind)
        yield [
            _moment(notice.created_at),
            kind.label(language) if kind else notice.kind,
            render_sentence(notice, language),
            notice.channel.name,
            notice.channel.person.name if notice.channel.person else "",
            STATES[proof.state](language),
            _moment(proof.at),
            str(proof.attempts),
            proof.evidence,
        ]


def as_document(notice: Notice) -> dict[str, Any]:
    """One notice with its proof; instants in UTC."""
    proof = describe_proof(notice)
    return {
        "at": notice.created_at.isoformat(),
        "occurrence": notice.occurrence,
        "kind": notice.kind,
        "notice": {"zh": render_sentence(notice, "zh"), "en": render_sentence(notice, "en")},
        "channel": notice.channel_id,
        "channel_kind": notice.channel.kind,
        "person": notice.channel.person_id,
        "state": proof.state,
        "delivered_at": proof.at.isoformat() if proof.at and proof.state == "delivered" else None,
        "attempts": proof.attempts,
        "proof": proof.evidence,
    }


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(clock.CHINA):%Y-%m-%d %H:%M:%S}" if at else ""
