"""How a finding is opened, and how probes and people move it; each move with its entry in the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openbeian.journal.actions.record_event import record_event
from openbeian.journal.actions.record_events import Fact, record_events
from openbeian.journal.events import Event
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM, Actor
from openbeian.registry.models import Access
from openbeian.rules.deadlines import Deadline
from openbeian.supervision.catalogue import Catalogue, Stake, compute_due, find_stake
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

_PACKS_AT_ONCE = 5
_Key = tuple[int, str]


def list_concerned(finding: Finding) -> tuple[int | None, ...]:
    """The organisations that hear of a finding: whose record it is, and who gives access."""
    return _list_all_concerned([finding])[finding.service_id, finding.organisation_id]


def _list_all_concerned(findings: Iterable[Finding]) -> dict[tuple[int, int], tuple[int | None, ...]]:
    """The same for many, by service and organisation."""
    about = {(f.service_id, f.organisation_id) for f in findings}
    rows = Access.objects.filter(service_id__in={service for service, _ in about}, cancelled_on__isnull=True)
    providers: dict[int, list[int | None]] = {}
    for service, organisation in rows.values_list("service_id", "provider__organisation_id"):
        providers.setdefault(service, []).append(organisation)
    return {(service, owner): (owner, *providers.get(service, ())) for service, owner in about}


def record_turn(actor: Actor, event: Event, finding: Finding, before: str, **more: Any) -> None:
    """One move of a finding in the journal."""
    fact = _tell_turn(event, finding, before, list_concerned(finding), **more)
    record_event(event, actor, fact.subject, concerns=fact.concerns, before=fact.before, after=fact.after)


def _tell_turn(event: Event, finding: Finding, before: str, concerned: tuple[int | None, ...], **more: Any) -> Fact:
    after = {
        "state": finding.state,
        "check": finding.check_kind,
        "service": finding.service_id,
        "due_on": finding.due_on.isoformat(),
        **more,
    }
    return Fact(event, ("finding", finding.pk), concerned, {"state": before} if before else None, after)


def follow_all(judged: Mapping[_Key, Judged], findings: Mapping[_Key, Finding], catalogue: Catalogue) -> dict[str, int]:
    """Does to the finding of each fault what its judgement asks for; counts by what that was.

    However many there are, findings are opened, evidence is tied to them and the journal written in one go. Call it
    last in the transaction of the settling.
    """
    steps = {
        key: follow_judgement(findings[key].state if key in findings else None, judged[key].judgement)
        for key in sorted(judged)
    }
    counts: dict[str, int] = {}
    for step in steps.values():
        counts[step] = counts.get(step, 0) + 1
    moved = {key: step for key, step in steps.items() if step is not Follow.NOTHING}
    touched = _open({key: judged[key] for key, step in moved.items() if step is Follow.OPEN}, catalogue)
    touched |= {key: findings[key] for key in moved if key not in touched}
    facts = {key: _move(judged[key], touched[key], step) for key, step in moved.items()}
    evidence = _tie_evidence({key: (touched[key], judged[key], moved[key]) for key in moved})
    concerned = _list_all_concerned(touched.values())
    told: list[Fact] = []
    for key, moves in facts.items():
        finding = touched[key]
        hears = concerned[finding.service_id, finding.organisation_id]
        told += [_tell_turn(event, finding, before, hears, **more) for event, before, more in moves]
        told += [Fact(EvidenceKept, ("finding", finding.pk), hears, after=_tell_pack(p)) for p in evidence[key]]
    record_events(SYSTEM, told)
    return counts


_Move = tuple[Event, str, dict[str, Any]]
"""The event, the state before, and what else the entry says."""


def _move(judged: Judged, finding: Finding, step: Follow) -> list[_Move]:
    """Moves a finding; returns what the journal says of it."""
    if step is Follow.OPEN:
        return [(FindingOpened, "", {"severity": finding.severity})]
    before = finding.state
    if step is Follow.CLOSE:
        finding.recovered_at = finding.recovered_at or judged.judgement.since
        _end(finding, ClosedHow.RECOVERED, "", SYSTEM.name)
        return [(FindingClosed, before, {"how": ClosedHow.RECOVERED, "why": ""})]
    if step is Follow.RECOVERING:
        if finding.recovered_at is None:
            finding.recovered_at = judged.probe.started_at
        if finding.state in {State.TO_RECTIFY, State.RECTIFYING}:
            finding.state = State.TO_RECHECK
        finding.save()
        return [(FindingRecovering, before, {})] if finding.state != before else []
    finding.seen_at, finding.recovered_at = judged.probe.started_at, None
    for name, value in _describe(judged).items():
        setattr(finding, name, value)
    if step is Follow.SEEN_AGAIN:
        finding.state = State.RECTIFYING
    finding.save()
    return [(FindingSeenAgain, before, {})] if step is Follow.SEEN_AGAIN else []


def _open(faults: Mapping[_Key, Judged], catalogue: Catalogue) -> dict[_Key, Finding]:
    now, today = clock.now(), clock.today()
    stakes: dict[tuple[str, str], tuple[Stake, Deadline]] = {}
    opened = {}
    for key, judged in faults.items():
        kind, site = catalogue.kinds[str(judged.check.kind)], judged.site
        sponsor = site.service.sponsor
        where = str(kind.kind), sponsor.province
        if where not in stakes:
            stakes[where] = find_stake(kind, today, sponsor.province), compute_due(kind, today, sponsor.province)
        stake, due = stakes[where]
        opened[key] = Finding(
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
    Finding.objects.bulk_create(opened.values())
    return opened


def _describe(judged: Judged) -> dict[str, Any]:
    check = judged.check
    return {
        "reason": (judged.judgement.reason or check.reason)[:60],
        "detail_zh": check.detail.zh,
        "detail_en": check.detail.en,
        "words": judged.probe.answers.get(WORDS, []) if str(check.kind) == "content" else [],
    }


def close(actor: Actor, finding: Finding, how: ClosedHow, note: str) -> None:
    """Closes a finding; an extension that still waits for its answer needs none any more."""
    before = finding.state
    _end(finding, how, note, actor.name)
    record_turn(actor, FindingClosed, finding, before, how=how, why=note)


def _end(finding: Finding, how: ClosedHow, note: str, by: str) -> None:
    finding.state, finding.closed_at = State.CLOSED, clock.now()
    finding.closed_how, finding.closed_note = how, note
    finding.save()
    waiting = Petition.objects.filter(finding=finding, decided_at__isnull=True)
    waiting.update(decided_at=clock.now(), decided_by_name=by, answer="已恢复，无需处理。 No longer needed.")


_SHOWS_FAULT = {Follow.OPEN: True, Follow.SEEN_AGAIN: True, Follow.CLOSE: False}


def _tie_evidence(moved: Mapping[_Key, tuple[Finding, Judged, Follow]]) -> dict[_Key, list[EvidencePack]]:
    """Ties the packs of faults that were opened, seen again or closed to their findings; returns those newly tied."""
    tied: dict[_Key, list[EvidencePack]] = {key: [] for key in moved}
    wanted = {key: entry for key, entry in moved.items() if entry[2] in _SHOWS_FAULT}
    if not wanted:
        return tied
    since = {key: judged.judgement.since or judged.probe.started_at for key, (_, judged, _) in wanted.items()}
    packs: dict[int, list[EvidencePack]] = {}
    rows = EvidencePack.objects.filter(site_id__in={site for site, _ in wanted}, seen_at__gte=min(since.values()))
    for pack in rows.order_by("pk"):
        packs.setdefault(pack.site_id, []).append(pack)
    links = EvidencePack.findings.through
    known = set(
        links.objects.filter(finding_id__in=[finding.pk for finding, _, _ in wanted.values()]).values_list(
            "finding_id", "evidencepack_id"
        )
    )
    for key, (finding, _, step) in wanted.items():
        mine = (p for p in packs.get(key[0], ()) if p.seen_at >= since[key] and p.shows_fault == _SHOWS_FAULT[step])
        tied[key] = [pack for pack in mine if (finding.pk, pack.pk) not in known][:_PACKS_AT_ONCE]
    links.objects.bulk_create(
        links(finding_id=wanted[key][0].pk, evidencepack_id=pack.pk) for key, found in tied.items() for pack in found
    )
    return tied


def _tell_pack(pack: EvidencePack) -> dict[str, Any]:
    files = [{"name": item["name"], "sha256": item["sha256"]} for item in pack.items]
    return {"pack": pack.pk, "sha256": pack.sha256, "files": files}
