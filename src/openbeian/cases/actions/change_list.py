"""Adds an item to a list of the form (a service, an access) or takes one out."""

from __future__ import annotations

from typing import Literal

from django.db import transaction

from openbeian.cases.decisions.form_values import blank_item, find_value, with_value
from openbeian.cases.drafting import is_open_to_edits, keep_draft, open_draft
from openbeian.cases.errors import ListFull
from openbeian.cases.models import Case
from openbeian.cases.queries import get_form, get_procedure
from openbeian.kernel.actor import Actor


def change_list(
    actor: Actor,
    case_id: int,
    path: str,
    change: Literal["add", "remove"],
    *,
    revision: int | None = None,
    index: int = 0,
) -> Case:
    """Appends a blank item to the list at `path`, or removes the one at `index`; the papers of others stay theirs.

    Raises: CaseNotYours, CaseMovedOn, CaseFrozen, ListFull at either bound.
    """
    with transaction.atomic():
        case = open_draft(actor, case_id, revision)
        procedure = get_procedure(case.procedure)
        spec = get_form(procedure.form).find_field(path)
        items = find_value(case.form, path)
        if spec is None or spec.type != "list" or not isinstance(items, list):
            raise ListFull(label=path, minimum=0, maximum=0)
        open_here = is_open_to_edits(procedure, f"{path}.{index}.{spec.fields[0].id}")
        too_many = change == "add" and len(items) >= spec.maximum
        too_few = change == "remove" and (len(items) <= spec.minimum or index >= len(items))
        if not open_here or too_many or too_few:
            raise ListFull(label=spec.label, minimum=spec.minimum, maximum=spec.maximum)
        items = [*items, blank_item(spec)] if change == "add" else [*items[:index], *items[index + 1 :]]
        keep_draft(actor, case, with_value(case.form, path, items), [path])
        return case
