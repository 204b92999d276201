"""Starts a licence application: blank for a new one, or filled from the licence on record."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from openbeian.cases.decisions.form_values import blank_form
from openbeian.cases.decisions.licence_checks import refuse_late_renewal
from openbeian.cases.errors import OpenCaseExists, ProcedureUnfit
from openbeian.cases.events import CaseStarted
from openbeian.cases.licensing import FORM, compute_renewal_deadline, find_contact, write_licence
from openbeian.cases.models import Case
from openbeian.cases.queries import find_open_case, get_form, get_procedure
from openbeian.cases.references import new_reference
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.kernel.initials import compute_initials
from openbeian.kernel.text import Text
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.models import Licence, Standing
from openbeian.rules.procedures import Procedure


def start_licence_case(actor: Actor, procedure_id: str, *, licence_id: int | None = None) -> Case:
    """A draft for a licence of the actor's own organisation, or for none yet.

    Raises: NotPermitted, RecordNotYours, OpenCaseExists, ProcedureUnfit – for a renewal also when it comes too
    late, with what follows from that.
    """
    check_permitted(actor, "case.write")
    if actor.organisation_id is None:
        raise NotPermitted(permission="case.write")
    procedure = get_procedure(procedure_id)
    if procedure.form != FORM:
        why = Text("这不是许可证业务。", "This is no licence procedure.")
        raise ProcedureUnfit(label=procedure.label, why=why)
    with transaction.atomic():
        licence = _lock_licence(actor, procedure, licence_id)
        now = clock.now()
        form: dict[str, Any] = write_licence(licence) if licence else blank_form(get_form(FORM))
        if licence:
            form["holder"] |= find_contact(licence)
        title = licence.holder if licence else ""
        case = Case.objects.create(
            reference=new_reference(),
            procedure=procedure.id,
            state=procedure.flow.initial,
            organisation_id=actor.organisation_id,
            created_by_id=actor.user_id,
            licence=licence,
            title=title,
            initials=compute_initials(title),
            service_names=licence.number if licence else "",
            form=form,
            before=form if licence else {},
            created_at=now,
            saved_at=now,
            entered_state_at=now,
        )
        record_event(
            CaseStarted,
            actor,
            ("case", case.pk),
            after={"reference": case.reference, "procedure": procedure.id, "licence": licence and licence.number},
        )
        return case


def _lock_licence(actor: Actor, procedure: Procedure, licence_id: int | None) -> Licence | None:
    if procedure.subject != "licence":
        return None
    # The lock puts two starts for one licence in line; the unique constraint is the second guard.
    own = Licence.objects.select_for_update(of=("self",)).select_related("sponsor")
    licence = own.filter(pk=licence_id or 0, organisation_id=actor.organisation_id or 0).first()
    if licence is None:
        raise RecordNotYours
    if licence.standing == Standing.CANCELLED:
        why = Text("许可证已注销。", "The licence is cancelled.")
        raise ProcedureUnfit(label=procedure.label, why=why)
    other = find_open_case(sponsor_id=None, certificate_fingerprint="", licence_id=licence.pk)
    if other:
        raise OpenCaseExists(reference=other.reference, label=get_procedure(other.procedure).label)
    if procedure.id == "licence_renewal":
        _check_in_time(procedure, licence)
    return licence


def _check_in_time(procedure: Procedure, licence: Licence) -> None:
    apply_by = compute_renewal_deadline(licence.valid_until).due_on
    if clock.today() > apply_by:
        message, fix = refuse_late_renewal(apply_by, licence.valid_until)
        raise ProcedureUnfit(label=procedure.label, why=Text(message.zh + fix.zh, f"{message.en} {fix.en}"))
