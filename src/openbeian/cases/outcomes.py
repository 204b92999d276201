"""What a grant changes on record: one function per kind of outcome that a procedure file may name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openbeian.cases.decisions.record_values import read_services, read_sponsor
from openbeian.cases.licensing import choose_licence_authority, read_form
from openbeian.cases.models import Case
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.registry.actions.amend_licence import amend_licence
from openbeian.registry.actions.cancel_access import cancel_access
from openbeian.registry.actions.cancel_licence import cancel_licence
from openbeian.registry.actions.cancel_service import cancel_service
from openbeian.registry.actions.cancel_sponsor import cancel_sponsor
from openbeian.registry.actions.change_service import change_service
from openbeian.registry.actions.change_sponsor import change_sponsor
from openbeian.registry.actions.confirm_sponsor import confirm_sponsor
from openbeian.registry.actions.grant_licence import grant_licence
from openbeian.registry.actions.grant_number_resource import grant_number_resource
from openbeian.registry.actions.record_access import record_access
from openbeian.registry.actions.record_service import record_service
from openbeian.registry.actions.record_sponsor import record_sponsor
from openbeian.registry.actions.renew_licence import renew_licence
from openbeian.registry.actions.replace_licence import replace_licence
from openbeian.registry.models import Sponsor
from openbeian.rules.procedures import Procedure


@dataclass(slots=True)
class Granting:
    """A grant under way: what later outcomes need from earlier ones, and what the journal will tell."""

    actor: Actor
    case: Case
    on: date
    sponsor_number: str
    service_numbers: tuple[str, ...]
    service_ids: list[int] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    @property
    def concerns(self) -> tuple[int | None, ...]:
        case = self.case
        return (case.organisation_id, case.provider.organisation_id if case.provider else None, case.administration_id)

    @property
    def sponsor(self) -> Sponsor:
        assert self.case.sponsor is not None
        return self.case.sponsor


def _record_sponsor(g: Granting) -> None:
    g.case.sponsor = record_sponsor(
        g.actor,
        g.case.organisation_id,
        g.case.province,
        read_sponsor(g.case.form),
        g.on,
        number=g.sponsor_number,
        concerns=g.concerns,
    )
    g.numbers.append(g.case.sponsor.number)


def _record_services(g: Granting) -> None:
    for i, values in enumerate(read_services(g.case.form)):
        number = g.service_numbers[i] if i < len(g.service_numbers) else ""
        service = record_service(g.actor, g.sponsor.pk, values, g.on, number=number, concerns=g.concerns)
        g.service_ids.append(service.pk)
        g.numbers.append(service.number)


def _ids(g: Granting) -> list[int]:
    """The services of the form, on record since this grant or before it."""
    return g.service_ids or [int(s["key"]) for s in g.case.form["services"]]


def _write_accesses(g: Granting) -> None:
    for service_id, values in zip(_ids(g), read_services(g.case.form), strict=True):
        for access in values.accesses:
            record_access(g.actor, service_id, access, g.on, concerns=g.concerns)


def _change_sponsor(g: Granting) -> None:
    change_sponsor(g.actor, g.sponsor.pk, read_sponsor(g.case.form), g.on, concerns=g.concerns)


def _change_services(g: Granting) -> None:
    for service_id, values in zip(_ids(g), read_services(g.case.form), strict=True):
        change_service(g.actor, service_id, values, g.on, concerns=g.concerns)


def _confirm_sponsor(g: Granting) -> None:
    confirm_sponsor(g.actor, g.sponsor.pk, g.on, concerns=g.concerns)


def _cancel_access(g: Granting) -> None:
    assert g.case.provider_id is not None
    cancel_access(g.actor, _ids(g)[0], g.case.provider_id, g.on, concerns=g.concerns)


def _cancel_service(g: Granting) -> None:
    cancel_service(g.actor, _ids(g)[0], g.on, concerns=g.concerns)


def _cancel_sponsor(g: Granting) -> None:
    cancel_sponsor(g.actor, g.sponsor.pk, g.on, concerns=g.concerns)


def _licence_id(g: Granting) -> int:
    assert g.case.licence_id is not None
    return g.case.licence_id


def _grant_licence(g: Granting) -> None:
    authority = choose_licence_authority(g.case)
    raw = read_form(g.case.form)
    licence = grant_licence(
        g.actor, g.case.organisation_id, raw, g.on, authority=authority, number=g.sponsor_number, concerns=g.concerns
    )
    g.case.licence = licence
    g.numbers.append(licence.number)


def _renew_licence(g: Granting) -> None:
    """What the form says is open is brought on record first: only that is renewed."""
    amend_licence(g.actor, _licence_id(g), read_form(g.case.form), g.on, concerns=g.concerns)
    renewed = renew_licence(g.actor, _licence_id(g), g.on, is_deemed=g.actor.is_system, concerns=g.concerns)
    g.numbers.append(renewed.number)


def _change_licence(g: Granting) -> None:
    amend_licence(g.actor, _licence_id(g), read_form(g.case.form), g.on, concerns=g.concerns)


def _cancel_licence(g: Granting) -> None:
    cancel_licence(g.actor, _licence_id(g), g.on, concerns=g.concerns)


def _replace_licence(g: Granting) -> None:
    replace_licence(g.actor, _licence_id(g), g.on, concerns=g.concerns)


def _record_number(g: Granting) -> None:
    number = g.case.form["number"]
    assigned = {**number, "number": g.sponsor_number or number["number"], "assigned_on": g.on.isoformat()}
    resource = grant_number_resource(g.actor, g.case.organisation_id, assigned, concerns=g.concerns)
    g.numbers.append(resource.number)


OUTCOMES: dict[str, Callable[[Granting], None]] = {
    "record_sponsor": _record_sponsor,
    "record_services": _record_services,
    "record_accesses": _write_accesses,
    "change_sponsor": _change_sponsor,
    "change_service": _change_services,
    "change_services": _change_services,
    "change_accesses": _write_accesses,
    "confirm_sponsor": _confirm_sponsor,
    "cancel_access": _cancel_access,
    "cancel_service": _cancel_service,
    "cancel_sponsor": _cancel_sponsor,
    "grant_licence": _grant_licence,
    "renew_licence": _renew_licence,
    "change_licence": _change_licence,
    "cancel_licence": _cancel_licence,
    "replace_licence": _replace_licence,
    "record_number": _record_number,
}


def apply_outcome(
    actor: Actor, case: Case, procedure: Procedure, sponsor_number: str, service_numbers: tuple[str, ...]
) -> dict[str, Any]:
    """Runs the procedure's outcomes in order, in the caller's transaction; returns what the journal adds."""
    granting = Granting(actor, case, clock.today(), sponsor_number, service_numbers)
    for outcome in procedure.outcome:
        OUTCOMES[outcome](granting)
    return {"numbers": granting.numbers} if granting.numbers else {}
