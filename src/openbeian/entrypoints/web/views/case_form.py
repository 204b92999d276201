"""The form of a case, step by step: kept as it is typed, never judged while it is kept, never lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openbeian.cases.actions.change_list import change_list
from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.checking import check_case
from openbeian.cases.decisions.form_values import find_value, walk_form, with_value
from openbeian.cases.errors import CaseFrozen, CaseMovedOn
from openbeian.cases.models import Case
from openbeian.cases.queries import get_case, get_form, get_procedure, get_sides
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.filing_form.merging import Conflict, find_conflicts, is_same_shape, read_shape
from openbeian.entrypoints.web.filing_form.reading import read_shown, read_typed
from openbeian.entrypoints.web.filing_form.sections import PAPERS, SUBMISSION, list_sections, list_stops
from openbeian.entrypoints.web.filing_form.showing import SHAPING, FormView, make_anchor
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.policies import find_cycle_notice
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.registry.models import Provider
from openbeian.rules.forms import Section


@needs("case.write")
@require_GET
def open_form(request: PortalRequest, case_id: int) -> HttpResponse:
    """The first step."""
    case = get_case(request.actor, case_id)
    return redirect("case_form", case.pk, list_sections(case)[0].id)


@needs("case.write")
@require_http_methods(["GET", "HEAD", "POST"])
def fill_section(request: PortalRequest, case_id: int, section_id: str) -> HttpResponse:
    """One step of the form. Posting keeps what was typed and goes where the pressed button says.

    Raises: CaseNotYours, CaseFrozen, PageMissing for a step this procedure does not have.
    """
    case = _get_editable(request, case_id)
    section = _get_section(case, section_id)
    if request.method != "POST":
        return _show(request, case, section, case.form, show_all="check" in request.GET)
    saved, conflicts = _keep(request, case)
    if conflicts:
        return _show_conflict(request, saved, section, conflicts)
    return _go(request, saved, section)


@needs("case.write")
@require_POST
def autosave(request: PortalRequest, case_id: int, section_id: str) -> HttpResponse:
    """Keeps what was typed while the page stays open; answers with the time and what to show differently.

    Raises: CaseNotYours, CaseFrozen, EntryTooLong; the page keeps what was typed in each case.
    """
    case = _get_editable(request, case_id)
    section = _get_section(case, section_id)
    saved, conflicts = _keep(request, case)
    if conflicts:
        return _show_conflict(request, saved, section, conflicts)
    form = get_form(get_procedure(saved.procedure).form)
    changed = [e for e in walk_form(form, saved.form, {}) if find_value(case.form, e.path) != e.value]
    context = _describe(request, saved, section, saved.form, show_all="check" in request.POST)
    if any(e.field.type in SHAPING for e in changed):
        response = render(request, "openbeian/cases/form_fields.html", context)
        response.headers["HX-Retarget"] = "#section-form"
        response.headers["HX-Reswap"] = "outerHTML"
    else:
        response = render(request, "openbeian/cases/form_saved.html", {**context, "out_of_band": True})
    response.headers["HX-Trigger"] = json.dumps({"saved": {"at": f"{saved.saved_at.astimezone(clock.CHINA):%H:%M}"}})
    return response


def _get_editable(request: PortalRequest, case_id: int) -> Case:
    case = get_case(request.actor, case_id)
    state = get_procedure(case.procedure).state(case.state)
    if not state.is_editable or "applicant" not in get_sides(request.actor, case):
        raise CaseFrozen(state=state.label)
    return case


def _get_section(case: Case, section_id: str) -> Section:
    for section in list_sections(case):
        if section.id == section_id and section_id not in {PAPERS, SUBMISSION}:
            return section
    raise PageMissing


def _keep(request: PortalRequest, case: Case) -> tuple[Case, list[Conflict]]:
    """Saves what this page changed. Over a newer version only where that one left the same fields alone.

    Raises: as `save_draft`, except for a stale page, which becomes the list of fields that both changed.
    """
    shown = read_shown(request.POST)
    typed = read_typed(get_form(get_procedure(case.procedure).form), request.POST, shown)
    revision = request.POST.get("revision", "")
    known = int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 9 else 0
    try:
        return save_draft(request.actor, case.pk, typed, revision=known), []
    except CaseMovedOn:
        current = _get_editable(request, case.pk)
        same_shape = is_same_shape(request.POST.get("shape", ""), current.form)
        conflicts = find_conflicts(current.form, typed, shown, same_shape=same_shape)
        if conflicts:
            return current, conflicts
        return save_draft(request.actor, case.pk, typed, revision=current.revision), []


def _describe(
    request: PortalRequest, case: Case, section: Section, values: Mapping[str, Any], *, show_all: bool
) -> dict[str, Any]:
    procedure = get_procedure(case.procedure)
    faults = check_case(case)
    view = FormView(
        procedure,
        values,
        # A page drawn after a conflict stands on the newer version: saving again is a decision, not an accident.
        saved=case.form,
        faults=faults,
        show_all=show_all,
        providers=Provider.objects.order_by("name"),
    )
    fields = view.show_section(section)
    stops = list_stops(case, section.id, faults)
    here = next(i for i, stop in enumerate(stops) if stop.is_current)
    return {
        "case": case,
        "procedure": procedure,
        "section": section,
        "fields": fields,
        "leaves": [
            leaf for one in fields for leaf in one.walk() if leaf.is_open and leaf.field.type not in {"group", "list"}
        ],
        "shape": read_shape(values),
        "stops": stops,
        "previous": stops[here - 1] if here else None,
        "next": stops[here + 1] if here + 1 < len(stops) else None,
        "show_all": show_all,
        "cycle": find_cycle_notice(procedure, case.organisation_id),
        "conflicts": [],
    }


def _show(
    request: PortalRequest, case: Case, section: Section, values: Mapping[str, Any], *, show_all: bool
) -> HttpResponse:
    context = _describe(request, case, section, values, show_all=show_all)
    return render(request, "openbeian/cases/form.html", context)


def _show_conflict(request: PortalRequest, case: Case, section: Section, conflicts: list[Conflict]) -> HttpResponse:
    """The newer version beside what was typed: both are there, and the person chooses."""
    values = case.form
    for conflict in conflicts:
        if conflict.fits:
            values = with_value(values, conflict.path, conflict.typed)
    context = _describe(request, case, section, values, show_all=False)
    view = FormView(get_procedure(case.procedure), values, providers=Provider.objects.all())
    context["conflicts"] = [c.describe(view) for c in conflicts]
    if request.htmx:
        response = render(request, "openbeian/cases/form_fields.html", context)
        response.headers["HX-Retarget"] = "#section-form"
        response.headers["HX-Reswap"] = "outerHTML"
        return response
    return render(request, "openbeian/cases/form.html", context, status=409)


def _go(request: PortalRequest, case: Case, section: Section) -> HttpResponse:
    """Where the pressed button leads: another step, or the same one with an entry more or less."""
    verb, _, rest = (request.POST.get("go") or "stay").partition(":")
    if verb in {"add", "remove"}:
        path, _, index = rest.partition(":")
        changed = change_list(
            request.actor,
            case.pk,
            path,
            "add" if verb == "add" else "remove",
            revision=case.revision,
            index=int(index) if index.isdigit() and len(index) < 4 else 0,
        )
        last = len(find_value(changed.form, path) or ()) - 1
        anchor = make_anchor(f"{path}.{last}.{_first_field(changed, path)}") if verb == "add" else make_anchor(path)
        return redirect(f"{reverse('case_form', args=[case.pk, section.id])}#{anchor}")
    if verb == "to" and rest in {s.id for s in list_sections(case)}:
        return redirect("case_form", case.pk, rest)
    if verb == "leave":
        return redirect("case", case.pk)
    messages.success(request, say_text(request, Text("已暂存。", "Draft saved.")))
    return redirect("case_form", case.pk, section.id)


def _first_field(case: Case, path: str) -> str:
    field = get_form(get_procedure(case.procedure).form).find_field(path)
    return field.fields[0].id if field and field.fields else ""
