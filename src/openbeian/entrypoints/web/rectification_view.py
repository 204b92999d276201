"""How the list of everything to put right looks: one line a finding, of the watch or of an inspection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from openbeian.entrypoints.web.watch_view import SEVERITY_TONES, Said, make_finding_line, say_state
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.supervision.catalogue import get_catalogue
from openbeian.supervision.decisions import SEVERITIES, find_next_step
from openbeian.supervision.inspections.checklist import name_item
from openbeian.supervision.inspections.models import Fault
from openbeian.supervision.models import Finding
from openbeian.supervision.rectification import SOURCES


@dataclass(frozen=True, slots=True)
class RectifyLine:
    """One finding with where it leads and what comes next for this reader. `where` names domain or record number."""

    url: str
    source: Text
    reference: str
    title: Text
    about: str
    where: str
    severity: Said
    state: Said
    due_on: date
    is_provisional: bool
    opened_at: datetime
    closed_at: datetime | None
    fine: str
    ground: Text
    owner: str
    next_step: Text
    detail: Text


def make_rectify_lines(actor: Actor, rows: Iterable[Finding | Fault]) -> list[RectifyLine]:
    """In the order of the rows."""
    catalogue = get_catalogue()
    lines = []
    for row in rows:
        severity = Said(SEVERITIES[row.severity], SEVERITY_TONES[row.severity], "flag")
        is_own = row.organisation_id == actor.organisation_id
        owner = row.owner.name if row.owner else ""
        next_step, ground = find_next_step(row.state, is_own=is_own), Text(row.citation_zh, row.citation_en)
        if isinstance(row, Fault):
            title, about, where = name_item(row.item), row.inspection.title, row.inspection.number
            source, url, fine = SOURCES["inspection"], reverse("inspection_fault", args=[row.pk]), ""
            detail = Text(row.note, row.note)
        else:
            line = make_finding_line(row, catalogue)
            title, about, where = line.kind.title, row.service.name, row.site.domain
            source, url, fine = SOURCES["watch"], reverse("finding", args=[row.pk]), line.fine
            detail = line.detail
        lines.append(
            RectifyLine(
                url,
                source,
                row.reference,
                title,
                about,
                where,
                severity,
                say_state(row.state),
                row.due_on,
                row.due_is_provisional,
                row.opened_at,
                row.closed_at,
                fine,
                ground,
                owner,
                next_step,
                detail,
            )
        )
    return lines
