"""Shows one masked value of a case's form to somebody who asks for it, and keeps that they asked."""

from __future__ import annotations

from django.db import transaction

from openbeian.cases.decisions.form_values import find_value
from openbeian.cases.errors import CaseNotYours
from openbeian.cases.events import PersonalDataRevealed
from openbeian.cases.queries import get_case, get_form, get_procedure
from openbeian.cases.turning import concerned
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor, check_permitted


def reveal_personal(actor: Actor, case_id: int, path: str) -> str:
    """The value in the clear. The journal keeps whose case and which field, never the value.

    Raises: NotPermitted, CaseNotYours (also for a path that holds nothing personal).
    """
    check_permitted(actor, "personal.reveal")
    with transaction.atomic():
        case = get_case(actor, case_id)
        field = get_form(get_procedure(case.procedure).form).find_field(path)
        value = find_value(case.form, path)
        if field is None or not field.is_personal or not isinstance(value, str) or not value:
            raise CaseNotYours
        record_event(PersonalDataRevealed, actor, ("case", case.pk), concerns=concerned(case), after={"field": path})
        return value
