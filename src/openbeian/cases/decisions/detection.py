"""Which procedure fits, before anything is filled in, and why the others do not.

Source: the exclusivity rules of the field (one open case per sponsor, no change and addition together, an
access is added only to what is on record, cancelling a sponsor needs all services gone).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from openbeian.cases.errors import ProcedureUnfit
from openbeian.kernel.text import Text
from openbeian.rules.procedures import Procedure

Wish = Literal["file", "move", "change", "confirm", "stop"]


@dataclass(frozen=True, slots=True)
class Situation:
    """What is on record and what the person named.

    sponsor_standing: "" when the sponsor is not on record.
    open_case: (reference, label) of a case that is under way for the sponsor.
    """

    sponsor_standing: str = ""
    live_services: int = 0
    service_standing: str = ""
    access_at_provider: bool = False
    live_accesses: int = 0
    provider_chosen: bool = False
    certificate_known_elsewhere: bool = False
    open_case: tuple[str, Text] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a procedure fits, and the sentence that says why or why not."""

    procedure: Procedure
    fits: bool
    why: Text
    proposed: bool = field(default=False)


_NOT_ON_RECORD = Text("主体尚未备案，先办首次备案。", "The sponsor is not on record; make a first filing.")
_PICK_SERVICE = Text("先选定一项已备案的服务。", "Pick a service on record first.")


def judge(procedure: Procedure, s: Situation) -> tuple[bool, Text]:
    """Whether one procedure can be started in this situation."""
    if s.open_case:
        reference, label = s.open_case
        return False, Text(
            "该主体已有在办的办件 {reference}（{label}），先完成、撤销或放弃那一笔。",
            "This sponsor has an open case {reference} ({label}); finish, withdraw or abandon it first.",
        ).format(reference=reference, label=label)
    if procedure.subject == "nothing":
        if s.sponsor_standing in {"active", "shell"} or s.certificate_known_elsewhere:
            return False, Text(
                "主体已有备案号，请办新增服务；证件号码不同才是另一个主体。",
                "The sponsor already has a number: add a service. Only another certificate is another sponsor.",
            )
        return True, procedure.summary
    if not s.sponsor_standing:
        return False, _NOT_ON_RECORD
    if s.sponsor_standing == "cancelled":
        return False, Text("主体已注销，号码不再使用；重新办理首次备案。", "The sponsor is cancelled; file anew.")
    if procedure.subject in {"service", "access"}:
        return _judge_service(procedure, s)
    if procedure.id == "cancel_sponsor" and s.live_services:
        return False, Text(
            "名下还有 {count} 项服务，先逐一注销。", "{count} services remain; cancel each of them first."
        ).format(count=s.live_services)
    return True, procedure.summary


def _judge_service(procedure: Procedure, s: Situation) -> tuple[bool, Text]:
    if not s.service_standing:
        return False, _PICK_SERVICE
    if s.service_standing == "cancelled":
        return False, Text("该服务已注销；请新增服务。", "The service is cancelled; add a service instead.")
    if "record_accesses" in procedure.outcome and s.provider_chosen and s.access_at_provider:
        return False, Text(
            "该服务在这家接入服务商已有接入；改动请办变更接入。",
            "The service already has an access at this provider; change that one instead.",
        )
    if {"change_accesses", "cancel_access"} & set(procedure.outcome):
        if not s.live_accesses:
            return False, Text("该服务没有在用的接入；请办新增接入。", "The service has no access; add one instead.")
        if s.provider_chosen and not s.access_at_provider:
            return False, Text("该服务不在这家接入服务商。", "The service has no access at this provider.")
    return True, procedure.summary


def check_fits(procedure: Procedure, situation: Situation) -> None:
    """Raises: ProcedureUnfit."""
    fits, why = judge(procedure, situation)
    if not fits:
        raise ProcedureUnfit(label=procedure.label, why=why)


# What each wish leads to, first choice first.
_ANSWERS: dict[Wish, tuple[str, ...]] = {
    "file": ("first_filing", "add_service"),
    "move": ("add_access", "change_access"),
    "change": ("change_sponsor", "change_service", "change_access"),
    "confirm": ("reconfirmation",),
    "stop": ("cancel_access", "cancel_service", "cancel_sponsor"),
}


def detect(wish: Wish, procedures: Iterable[Procedure], situation: Situation) -> list[Verdict]:
    """Every procedure with its verdict: the proposed one first, then others that fit, then those that do not."""
    by_id = {p.id: p for p in procedures}
    order = [by_id[i] for i in _ANSWERS[wish] if i in by_id]
    order += [p for p in by_id.values() if p not in order]
    verdicts, proposed = [], False
    for procedure in order:
        fits, why = judge(procedure, situation)
        serves = procedure.id in _ANSWERS[wish]
        if fits and not serves:
            why = Text("与您想办的事不符：", "Not what you want to do: ").format()
            why = Text(why.zh + procedure.summary.zh, why.en + procedure.summary.en)
        first = fits and serves and not proposed
        proposed = proposed or first
        verdicts.append(Verdict(procedure, fits and serves, why, proposed=first))
    return sorted(verdicts, key=lambda v: (not v.proposed, not v.fits))
