"""Starts a case: a blank form, or one filled from the record."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from openbeian.cases.decisions.detection import check_fits
from openbeian.cases.decisions.form_values import blank_form
from openbeian.cases.errors import OpenCaseExists, ProcedureUnfit
from openbeian.cases.events import CaseStarted
from openbeian.cases.from_record import write_record
from openbeian.cases.limits import compute_due
from openbeian.cases.models import Case
from openbeian.cases.queries import find_open_case, get_form, get_procedure
from openbeian.cases.references import new_reference
from openbeian.cases.situations import read_situation
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.kernel.text import Text
from openbeian.registry.models import Access, Provider, Service, Sponsor, Standing
from openbeian.registry.queries import get_service, get_sponsor
from openbeian.rules.procedures import Procedure


def start_case(
    actor: Actor,
    procedure_id: str,
    *,
    sponsor_id: int | None = None,
    service_id: int | None = None,
    provider_id: int | None = None,
) -> Case:
    """A draft of the procedure for a sponsor or service of the actor's own organisation.

    Raises: NotPermitted, RecordNotYours, ProcedureUnfit, OpenCaseExists.
    """
    check_permitted(actor, "case.write")
    if actor.organisation_id is None:
        raise NotPermitted(permission="case.write")
    procedure = get_procedure(procedure_id)
    if procedure.form != "filing":
        why = Text("从许可证页面办理。", "Start it from the licence's page.")
        raise ProcedureUnfit(label=procedure.label, why=why)
    with transaction.atomic():
        service = get_service(actor, service_id) if service_id else None
        named = service.sponsor_id if service else sponsor_id
        sponsor = get_sponsor(actor, named) if named else None
        check_fits(procedure, read_situation(actor, sponsor, service, provider_id))
        if sponsor:
            # The lock puts two starts for one sponsor in line; the unique constraint is the second guard.
            Sponsor.objects.select_for_update().get(pk=sponsor.pk)
            _refuse_second(sponsor.pk, sponsor.certificate_fingerprint)
            provider_id = provider_id or _find_only_provider(procedure, sponsor, service)
        now = clock.now()
        state = procedure.state(procedure.flow.initial)
        form, before = _first_values(procedure, sponsor, service, provider_id)
        due_on, provisional = compute_due(state, clock.today(), sponsor.province if sponsor else "")
        case = Case.objects.create(
            reference=new_reference(),
            procedure=procedure.id,
            state=state.id,
            organisation_id=actor.organisation_id,
            created_by_id=actor.user_id,
            sponsor=sponsor,
            service=service,
            provider=Provider.objects.filter(pk=provider_id).first() if provider_id else None,
            certificate_fingerprint=sponsor.certificate_fingerprint if sponsor else "",
            province=sponsor.province if sponsor else "",
            title=sponsor.name if sponsor else "",
            initials=sponsor.initials if sponsor else "",
            service_names=service.name if service else "",
            form=form,
            before=before,
            created_at=now,
            saved_at=now,
            entered_state_at=now,
            due_on=due_on,
            due_is_provisional=provisional,
        )
        record_event(
            CaseStarted,
            actor,
            ("case", case.pk),
            after={"reference": case.reference, "procedure": procedure.id, "sponsor": sponsor and sponsor.number},
        )
        return case


def _refuse_second(sponsor_id: int, fingerprint: str) -> None:
    other = find_open_case(sponsor_id=sponsor_id, certificate_fingerprint=fingerprint)
    if other:
        raise OpenCaseExists(reference=other.reference, label=get_procedure(other.procedure).label)


def _find_only_provider(procedure: Procedure, sponsor: Sponsor, service: Service | None) -> int | None:
    """The provider on record, where there is one and nothing new is added: the case goes to them unless changed."""
    if {"record_services", "record_accesses"} & set(procedure.outcome):
        return None
    accesses = Access.objects.filter(cancelled_on__isnull=True, provider__is_active=True)
    if service:
        accesses = accesses.filter(service=service)
    else:
        accesses = accesses.filter(service__sponsor=sponsor).exclude(service__standing=Standing.CANCELLED)
    found = set(accesses.values_list("provider_id", flat=True))
    return found.pop() if len(found) == 1 else None


def _first_values(
    procedure: Procedure, sponsor: Sponsor | None, service: Service | None, provider_id: int | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The form's first values, and what stood on record to compare with."""
    form = blank_form(get_form(procedure.form))
    form["provider_id"] = str(provider_id or "")
    if sponsor is None:
        return form, {}
    if procedure.subject in {"service", "access"} and service:
        services = [service]
    elif "change_services" in procedure.outcome:
        services = list(sponsor.services.exclude(standing=Standing.CANCELLED).order_by("sequence"))
    else:
        services = []
    record = write_record(sponsor, services)
    before = {**record, "provider_id": form["provider_id"]}
    if "record_services" not in procedure.outcome:
        form["services"] = record["services"]
    form["sponsor"] = record["sponsor"]
    if procedure.id == "add_access":
        form["services"][0]["accesses"] = blank_form(get_form(procedure.form))["services"][0]["accesses"]
    return form, before
