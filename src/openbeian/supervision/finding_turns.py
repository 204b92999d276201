"""How a finding is opened, and how probes and people move it; each move with its entry in the journal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openbeian.journal.actions.record_event import record_event
from openbeian.journal.events import Event
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM, Actor
from openbeian.registry.models import Access
from openbeian.rules.deadlines import Deadline
from openbeian.supervision.catalogue import Catalogue, compute_due, find_stake
from openbeian.supervision.decisions import ClosedHow, Follow, State, follow_judgement
from openbeian.supervision.events import (
    EvidenceKept,
    FindingClosed,
    FindingOpened,
    FindingRecovering,
    FindingSeenAgain,
)
from openbeian.supervision.models import EvidencePack, Finding, Petition
from openbeian.supervision.probe_rows import WORDS
from openbeian.supervision.settling import Judged


def list_concerned(finding: Finding) -> tuple[int | None, ...]:
    """The organisations that hear of a finding: whose record it is, and who gives access."""
    rows = Access.objects.filter(service_id=finding.service_id, cancelled_on__isnull=True)
    return (finding.organisation_id, *rows.values_list("provider__organisation_id", flat=True))


def record_turn(actor: Actor, event: Event, finding: Finding, before: str, **more: Any) -> None:
    """One move of a finding in the journal."""
    record_event(
        event,
        actor,
        ("finding", finding.pk),
        concerns=list_concerned(finding),
        before={"state": before} if before else None,
        after={
            "state": finding.state,
            "check": finding.check_kind,
            "service": finding.service_id,
            "due_on": finding.due_on.isoformat(),
            **more,
        },
    )


def follow(judged: Judged, finding: Finding | None, catalogue: Catalogue) -> str:
    """Does to the finding of a fault what its judgement asks for; returns what that was."""
    step = follow_judgement(finding.state if finding else None, judged.judgement)
    if step is Follow.OPEN:
        _open(judged, catalogue)
    elif finding is None or step is Follow.NOTHING:
        return Follow.NOTHING
    elif step is Follow.CLOSE:
        finding.recovered_at = finding.recovered_at or judged.judgement.since
        close(SYSTEM, finding, ClosedHow.RECOVERED, "")
        _keep_evidence([finding], judged, shows_fault=False)
    elif step is Follow.RECOVERING:
        _recover(judged, finding)
    else:
        _see(judged, finding, step)
    return step


def _open(judged: Judged, catalogue: Catalogue) -> Finding:
    kind, site, now = catalogue.kinds[str(judged.check.kind)], judged.site, clock.now()
    sponsor = site.service.sponsor
    stake = find_stake(kind, clock.today(), sponsor.province)
    due: Deadline = compute_due(kind, clock.today(), sponsor.province)
    finding = Finding.objects.create(
        organisation_id=sponsor.organisation_id,
        sponsor=sponsor,
        service=site.service,
        site=site,
        check_kind=str(kind.kind),
        **_describe(judged),
        severity=kind.severity,
        duty=kind.duty,
        fine_min_yuan=stake.fine_min_yuan,
        fine_max_yuan=stake.fine_max_yuan,
        citation_zh=stake.citation.zh[:200],
        citation_en=stake.citation.en[:300],
        limit_rule=kind.limit,
        due_on=due.due_on,
        due_is_provisional=due.provisional,
        began_at=judged.judgement.since or judged.probe.started_at,
        opened_at=now,
        seen_at=judged.probe.started_at,
    )
    record_turn(SYSTEM, FindingOpened, finding, "", severity=kind.severity)
    _keep_evidence([finding], judged, shows_fault=True)
    return finding


def _describe(judged: Judged) -> dict[str, Any]:
    check = judged.check
    return {
        "reason": (judged.judgement.reason or check.reason)[:60],
        "detail_zh": check.detail.zh,
        "detail_en": check.detail.en,
        "words": judged.probe.answers.get(WORDS, []) if str(check.kind) == "content" else [],
    }


def _see(judged: Judged, finding: Finding, step: Follow) -> None:
    before = finding.state
    finding.seen_at, finding.recovered_at = judged.probe.started_at, None
    for name, value in _describe(judged).items():
        setattr(finding, name, value)
    if step is Follow.SEEN_AGAIN:
        finding.state = State.RECTIFYING
    finding.save()
    if step is Follow.SEEN_AGAIN:
        record_turn(SYSTEM, FindingSeenAgain, finding, before)
        _keep_evidence([finding], judged, shows_fault=True)


def _recover(judged: Judged, finding: Finding) -> None:
    before = finding.state
    if finding.recovered_at is None:
        finding.recovered_at = judged.probe.started_at
    if finding.state in {State.TO_RECTIFY, State.RECTIFYING}:
        finding.state = State.TO_RECHECK
    finding.save()
    if finding.state != before:
        record_turn(SYSTEM, FindingRecovering, finding, before)


def close(actor: Actor, finding: Finding, how: ClosedHow, note: str) -> None:
    """Closes a finding; an extension that still waits for its answer needs none any more."""
    before = finding.state
    finding.state, finding.closed_at = State.CLOSED, clock.now()
    finding.closed_how, finding.closed_note = how, note
    finding.save()
    waiting = Petition.objects.filter(finding=finding, decided_at__isnull=True)
    waiting.update(decided_at=clock.now(), decided_by_name=actor.name, answer="已恢复，无需处理。 No longer needed.")
    record_turn(actor, FindingClosed, finding, before, how=how, why=note)


def _keep_evidence(findings: Iterable[Finding], judged: Judged, *, shows_fault: bool) -> None:
    """Ties the packs of this fault to its finding, and their digests to the journal."""
    since = judged.judgement.since or judged.probe.started_at
    packs = EvidencePack.objects.filter(site=judged.site, seen_at__gte=since, shows_fault=shows_fault)
    for finding in findings:
        for pack in packs.exclude(findings=finding).order_by("pk")[:5]:
            pack.findings.add(finding)
            record_event(
                EvidenceKept,
                SYSTEM,
                ("finding", finding.pk),
                concerns=list_concerned(finding),
                after={
                    "pack": pack.pk,
                    "sha256": pack.sha256,
                    "files": [{"name": i["name"], "sha256": i["sha256"]} for i in pack.items],
                },
            )
