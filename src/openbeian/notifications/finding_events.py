"""Whom a finding's events are for, and what is said of it: by service name and domain, never by a person's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from openbeian.journal.models import Entry
from openbeian.kernel.text import Text
from openbeian.notifications.audience import People
from openbeian.notifications.kinds import KINDS
from openbeian.notifications.telling import Occurrence
from openbeian.supervision.catalogue import get_catalogue
from openbeian.supervision.finding_turns import list_concerned
from openbeian.supervision.inspections.checklist import name_item
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.models import Finding

_PERMISSIONS = {"applicant": "finding.write", "provider": "finding.decide", "administrator": "finding.decide"}


def load_findings(ids: Iterable[str]) -> dict[str, Finding]:
    """The findings of a batch of entries, by the subject id that the journal keeps."""
    wanted = [int(i) for i in ids if i.isdecimal()]
    rows = Finding.objects.filter(pk__in=wanted).select_related("service", "site")
    return {str(row.pk): row for row in rows}


def tell_finding(entry: Entry, finding: Finding, people: People) -> Iterator[Occurrence]:
    """One for each organisation whose side hears of it; the person who did it need not be told."""
    kind = get_catalogue().kinds[finding.check_kind]
    told: set[int] = set()
    for side in KINDS[entry.event].sides:
        owner = finding.owner_id if side == "applicant" else None
        for organisation_id in _list_organisations(finding, side):
            if organisation_id in told:
                continue
            told.add(organisation_id)
            chosen, owner_id = people.choose(organisation_id, _PERMISSIONS[side], owner)
            yield Occurrence(
                name=f"event:{entry.sequence}",
                kind=entry.event,
                organisation_id=organisation_id,
                people=chosen - {entry.actor_id or 0},
                title=f"{kind.title.zh}：{finding.service.name}（{finding.site.domain}）"[:200],
                subject=("finding", str(finding.pk)),
                path=f"/findings/{finding.pk}/",
                due_on=finding.due_on,
                detail=Text(finding.detail_zh, finding.detail_en),
                owner_id=owner_id,
            )


def load_faults(ids: Iterable[str]) -> dict[str, Fault]:
    """The findings of inspections of a batch of entries, by the subject id that the journal keeps."""
    wanted = [int(i) for i in ids if i.isdecimal()]
    return {str(row.pk): row for row in Fault.objects.filter(pk__in=wanted).select_related("inspection")}


def tell_fault(entry: Entry, fault: Fault, people: People) -> Iterator[Occurrence]:
    """To the inspected or to the administration that inspected; the person who did it need not be told."""
    item, about = name_item(fault.item), fault.inspection.title
    for side in KINDS[entry.event].sides:
        is_own = side == "applicant"
        organisation_id = fault.organisation_id if is_own else fault.inspection.administration_id
        permission = _PERMISSIONS["applicant" if is_own else "administrator"]
        chosen, owner_id = people.choose(organisation_id, permission, fault.owner_id if is_own else None)
        yield Occurrence(
            name=f"event:{entry.sequence}",
            kind=entry.event,
            organisation_id=organisation_id,
            people=chosen - {entry.actor_id or 0},
            title=f"{item.zh}：{about}（{fault.reference}）"[:200],
            title_en=f"{item.en}: {about} ({fault.reference})"[:200],
            subject=("inspection_fault", str(fault.pk)),
            path=f"/inspections/faults/{fault.pk}/",
            due_on=fault.due_on,
            detail=Text(fault.note[:200], fault.note[:200]),
            owner_id=owner_id,
        )


def _list_organisations(finding: Finding, side: str) -> list[int]:
    if side != "provider":
        return [finding.organisation_id]
    return sorted({i for i in list_concerned(finding)[1:] if i is not None})
