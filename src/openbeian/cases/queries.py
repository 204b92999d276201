"""Reading cases: whose they are, what is open for a sponsor, what a person may do with one now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from django.conf import settings
from django.db.models import Q, QuerySet

from openbeian.cases.decisions.turns import Channel, Channels, Possible, list_possible
from openbeian.cases.errors import CaseNotYours
from openbeian.cases.models import Case
from openbeian.kernel.actor import Actor
from openbeian.rules.forms import Form, Material, load_form, load_materials
from openbeian.rules.procedures import Procedure, Side, load_procedures
from openbeian.rules.reasons import ReasonCatalogue, load_reasons


def _rulebook() -> Path:
    return settings.RULEBOOK_FOLDER


def list_procedures() -> list[Procedure]:
    """Every procedure of the rulebook in force."""
    return list(load_procedures(_rulebook() / "procedures").values())


def get_procedure(procedure_id: str) -> Procedure:
    """Raises: KeyError."""
    return load_procedures(_rulebook() / "procedures")[procedure_id]


def get_form(form_id: str) -> Form:
    return load_form(_rulebook() / "forms" / f"{form_id}.yaml")


def get_materials(form_id: str) -> dict[str, Material]:
    return load_materials(_rulebook() / "forms" / f"{form_id}_materials.yaml")


_REASONS_IN = {"filing": "filing", "licence": "licences"}


def get_reasons(flow_id: str = "filing") -> ReasonCatalogue:
    """The reasons for which cases of a flow are returned or refused."""
    return load_reasons(_rulebook() / _REASONS_IN[flow_id] / "reasons.yaml")


def list_cases_visible_to(actor: Actor) -> QuerySet[Case]:
    """Own cases; for a provider those submitted to it; for an administration those forwarded to it."""
    cases = Case.objects.select_related("organisation", "provider", "sponsor", "licence__sponsor")
    if not actor.may("case.read") or actor.organisation_id is None:
        return cases if actor.is_system else cases.none()
    return cases.filter(
        Q(organisation_id=actor.organisation_id)
        | Q(provider__organisation_id=actor.organisation_id, submitted_at__isnull=False)
        | Q(administration_id=actor.organisation_id, forwarded_at__isnull=False)
    )


def get_case(actor: Actor, case_id: int, *, lock: bool = False) -> Case:
    """Raises: CaseNotYours, also when there is none, so that nobody can tell the difference."""
    cases = list_cases_visible_to(actor)
    if lock:
        cases = cases.select_for_update(of=("self",))
    try:
        return cases.get(pk=case_id)
    except Case.DoesNotExist:
        raise CaseNotYours from None


def get_sides(actor: Actor, case: Case) -> frozenset[Side]:
    """The sides on which this actor stands in this case."""
    if actor.is_system:
        return frozenset({"system"})
    sides: set[Side] = set()
    if actor.organisation_id is not None:
        if case.organisation_id == actor.organisation_id and actor.may("case.write"):
            sides.add("applicant")
        if case.provider and case.provider.organisation_id == actor.organisation_id and actor.may("case.review"):
            sides.add("provider")
        if case.administration_id == actor.organisation_id and actor.may("case.decide"):
            sides.add("administration")
    return frozenset(sides)


def get_channels(case: Case) -> Channels:
    """Over which channel each party's steps run."""
    inside = case.provider is not None and case.provider.organisation_id is not None
    return Channels("inside" if inside else "outside", cast(Channel, case.channel))


def list_states_acted_at(case: Case, user_id: int | None) -> list[str]:
    """The states at which this person acted since the case was last submitted."""
    if user_id is None:
        return []
    last = case.steps.filter(verb="submit").order_by("-pk").values_list("pk", flat=True).first() or 0
    return list(case.steps.filter(pk__gt=last, actor_id=user_id).values_list("from_state", flat=True))


def list_possible_turns(actor: Actor, case: Case) -> list[Possible]:
    """What this person can do with the case now; the buttons of its page."""
    return list_possible(
        get_procedure(case.procedure),
        case.state,
        get_sides(actor, case),
        get_channels(case),
        acted_at=list_states_acted_at(case, actor.user_id),
    )


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case that stands in the way of another for the same sponsor."""

    reference: str
    procedure: str


def find_open_case(
    *,
    sponsor_id: int | None,
    certificate_fingerprint: str,
    licence_id: int | None = None,
    other_than: int | None = None,
) -> OpenCase | None:
    """The open case of a sponsor, on record or known only by its certificate; or of a licence."""
    same: Q | None = None
    if sponsor_id is not None:
        same = Q(sponsor_id=sponsor_id)
    if certificate_fingerprint:
        by_certificate = Q(certificate_fingerprint=certificate_fingerprint)
        same = by_certificate if same is None else same | by_certificate
    if licence_id is not None:
        of_licence = Q(licence_id=licence_id)
        same = of_licence if same is None else same | of_licence
    if same is None:
        return None
    found = (
        Case.objects.filter(same, is_open=True)
        .exclude(pk=other_than or 0)
        .values_list("reference", "procedure")
        .first()
    )
    return OpenCase(*found) if found else None


def list_open_states(procedures: Iterable[Procedure]) -> list[str]:
    """States in which a case is not closed, over all procedures."""
    return sorted({s.id for p in procedures for s in p.list_states() if not s.is_closed})
