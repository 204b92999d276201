"""Writing into a draft: which paths a procedure opens, what really differs, and what lists show of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openbeian.cases.decisions.form_values import find_value, matches, walk_form, with_value
from openbeian.cases.errors import CaseFrozen, CaseNotYours
from openbeian.cases.events import CaseSaved
from openbeian.cases.licensing import is_licence_case
from openbeian.cases.limits import compute_due
from openbeian.cases.models import Case
from openbeian.cases.queries import get_form, get_procedure, get_sides
from openbeian.cases.turning import lock_case
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.initials import compute_initials
from openbeian.registry.models import Provider
from openbeian.rules.procedures import Procedure


def is_open_to_edits(procedure: Procedure, path: str) -> bool:
    """Whether a procedure lets this path be changed."""
    return any(pattern == "*" or matches(path, pattern) for pattern in procedure.edits)


def open_draft(actor: Actor, case_id: int, revision: int | None) -> Case:
    """The case, locked, if its applicant may write into it now. Raises: CaseNotYours, CaseMovedOn, CaseFrozen."""
    case = lock_case(actor, case_id, revision)
    state = get_procedure(case.procedure).state(case.state)
    if "applicant" not in get_sides(actor, case):
        raise CaseNotYours
    if not state.is_editable:
        raise CaseFrozen(state=state.label)
    return case


def keep_draft(actor: Actor, case: Case, form: dict[str, Any], changed: list[str]) -> None:
    """Writes the form, the summary that lists show, and which fields changed.

    The journal names the fields and not what was typed: a draft is sealed, and the journal keeps nothing personal.
    """
    case.saved_at = clock.now()
    if changed:
        case.form = form
        case.revision += 1
        _write_summary(case)
        state = get_procedure(case.procedure).state(case.state)
        # Saving is progress: the days after which a draft lapses start anew.
        case.due_on, case.due_is_provisional = compute_due(state, clock.today(), case.province)
    case.save()
    if changed:
        record_event(CaseSaved, actor, ("case", case.pk), after={"fields": changed})


def apply_typed(
    procedure: Procedure, form: dict[str, Any], typed: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """The form with the typed values that the procedure lets change, and the paths that really differ."""
    spec = get_form(procedure.form)
    known = {e.path for e in walk_form(spec, form, {})}
    changed = []
    for path, value in typed.items():
        if path in known and is_open_to_edits(procedure, path) and find_value(form, path) != value:
            form = with_value(form, path, value)
            changed.append(path)
    return form, sorted(changed)


def _write_summary(case: Case) -> None:
    case.title = str(find_value(case.form, "sponsor.name") or find_value(case.form, "holder.name") or "")[:200]
    case.initials = compute_initials(case.title)
    if is_licence_case(case):
        return
    names = [str(s.get("name") or "") for s in case.form.get("services", [])]
    case.service_names = "、".join(n for n in names if n)[:400]
    provider = str(case.form.get("provider_id") or "")
    case.provider = Provider.objects.filter(pk=int(provider), is_active=True).first() if provider.isdigit() else None
