"""Reads the journal on from where it stopped and writes the notices of what happened, cursor and notices together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction

from openbeian.cases.models import Case
from openbeian.journal.models import Cursor, Entry
from openbeian.kernel import clock
from openbeian.notifications.audience import (
    SIDE_PERMISSIONS,
    People,
    describe_case,
    find_organisation,
    find_owner,
    link_case,
    list_concerned,
)
from openbeian.notifications.finding_events import load_faults, load_findings, tell_fault, tell_finding
from openbeian.notifications.kinds import KINDS
from openbeian.notifications.report_events import load_reports, tell_report
from openbeian.notifications.telling import Occurrence, tell

READER = "notifications"
_BATCH = 200


def follow_journal() -> dict[str, int]:
    """Goes on until it has read everything; returns how many entries and notices. Safe to repeat and to cut off.

    The cursor moves in the transaction of the notices, so that no entry is told twice and none is skipped.
    """
    read = notices = 0
    while True:
        with transaction.atomic():
            Cursor.objects.get_or_create(reader=READER)
            cursor = Cursor.objects.select_for_update().get(reader=READER)
            entries = list(Entry.objects.filter(sequence__gt=cursor.sequence).order_by("sequence")[:_BATCH])
            if not entries:
                return {"read": read, "notices": notices}
            notices += tell(list(_list_occurrences(entries)))
            cursor.sequence, cursor.moved_at = entries[-1].sequence, clock.now()
            cursor.save(update_fields=["sequence", "moved_at"])
        read += len(entries)


def _list_occurrences(entries: Sequence[Entry]) -> Iterator[Occurrence]:
    told = [e for e in entries if e.event in KINDS and KINDS[e.event].sides]
    ids = [int(e.subject_id) for e in told if e.subject_kind == "case" and e.subject_id.isdigit()]
    findings = load_findings(e.subject_id for e in told if e.subject_kind == "finding")
    faults = load_faults(e.subject_id for e in told if e.subject_kind == "inspection_fault")
    reports = load_reports(e.subject_id for e in told if e.subject_kind == "report")
    cases = Case.objects.defer("before").select_related("provider", "sponsor").in_bulk(ids)
    people = People()
    for entry in told:
        if entry.subject_kind == "case":
            case = cases.get(int(entry.subject_id))
            if case is not None:
                yield from _tell_case(entry, case, people)
        elif entry.subject_kind == "finding":
            if finding := findings.get(entry.subject_id):
                yield from tell_finding(entry, finding, people)
        elif entry.subject_kind == "inspection_fault":
            if fault := faults.get(entry.subject_id):
                yield from tell_fault(entry, fault, people)
        elif entry.subject_kind == "report":
            if report := reports.get(entry.subject_id):
                yield from tell_report(entry, report, people)
        else:
            yield from _tell_administrators(entry, people)


def _tell_case(entry: Entry, case: Case, people: People) -> Iterator[Occurrence]:
    """One for each organisation whose side hears of it; the person who did it need not be told."""
    told: set[int] = set()
    for side in KINDS[entry.event].sides:
        organisation_id = find_organisation(case, side)
        if organisation_id is None or organisation_id in told:
            continue
        told.add(organisation_id)
        chosen, owner_id = people.choose(organisation_id, SIDE_PERMISSIONS[side], find_owner(case, side))
        yield Occurrence(
            name=f"event:{entry.sequence}",
            kind=entry.event,
            organisation_id=organisation_id,
            people=chosen - {entry.actor_id or 0},
            title=describe_case(case),
            subject=("case", entry.subject_id),
            path=link_case(case, side),
            owner_id=owner_id,
        )


def _tell_administrators(entry: Entry, people: People) -> Iterator[Occurrence]:
    for organisation_id in list_concerned(entry.concerns):
        yield Occurrence(
            name=f"event:{entry.sequence}",
            kind=entry.event,
            organisation_id=organisation_id,
            people=people.list_holders(organisation_id, SIDE_PERMISSIONS["administrator"]) - {entry.actor_id or 0},
            title=f"{entry.subject_kind} {entry.subject_id}",
            subject=(entry.subject_kind, entry.subject_id),
            path="/settings/",
        )
