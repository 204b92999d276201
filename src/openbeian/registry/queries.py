"""Reading the record: what an actor may see, what conflicts, what the public may look up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.registry.display import FooterCarries, choose_footer_number
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.models import (
    Access,
    Licence,
    NumberResource,
    Person,
    Provider,
    Service,
    ServiceDomain,
    Sponsor,
    Standing,
)
from openbeian.rules.deadlines import Deadline, compute_deadline
from openbeian.rules.obligation_kinds import load_obligation_kinds
from openbeian.rules.resolver import resolve
from openbeian.rules.rulebook import current_rulebook, rulebook_path

R = TypeVar("R", bound=Model)


def list_sponsors_visible_to(actor: Actor) -> QuerySet[Sponsor]:
    """Own sponsors; for an access provider those it gives access to; for an administration those of its province."""
    reached = _list_reached_services(actor).values("sponsor_id")
    return _keep_visible(Sponsor.objects.select_related("organisation"), actor, "", "province", reached)


def list_services_visible_to(actor: Actor) -> QuerySet[Service]:
    """As for sponsors; an access provider sees only the services it gives access to."""
    reached = _list_reached_services(actor).values("pk")
    return _keep_visible(Service.objects.select_related("sponsor"), actor, "sponsor__", "sponsor__province", reached)


def _keep_visible(
    records: QuerySet[R], actor: Actor, owner: str, province: str, reached: QuerySet[Any, Any] | None = None
) -> QuerySet[R]:
    """Those of the actor's organisation, reached by the path `owner`; for an administration those of its province as
    well; for an access provider those in `reached`."""
    if actor.is_system:
        return records
    if not actor.may("record.read") or actor.organisation_id is None:
        return records.none()
    mine = Q(**{f"{owner}organisation_id": actor.organisation_id})
    if actor.organisation_kind == "administration":
        mine |= Q(**{province: actor.province})
    elif actor.organisation_kind == "access_provider" and reached is not None:
        mine |= Q(pk__in=reached)
    return records.filter(mine)


def _list_reached_services(actor: Actor) -> QuerySet[Service]:
    """The services that an access provider gives access to."""
    organisation_id: Any = actor.organisation_id
    return Service.objects.filter(
        accesses__provider__organisation_id=organisation_id, accesses__cancelled_on__isnull=True
    )


def get_sponsor(actor: Actor, sponsor_id: int) -> Sponsor:
    """Raises: RecordNotYours, also when there is none."""
    try:
        return list_sponsors_visible_to(actor).select_related("person").get(pk=sponsor_id)
    except Sponsor.DoesNotExist:
        raise RecordNotYours from None


def get_service(actor: Actor, service_id: int) -> Service:
    """Raises: RecordNotYours, also when there is none."""
    try:
        return list_services_visible_to(actor).select_related("person").get(pk=service_id)
    except Service.DoesNotExist:
        raise RecordNotYours from None


def list_licences_visible_to(actor: Actor) -> QuerySet[Licence]:
    """Own licences; for an administration those it issued. Access providers see none but their own."""
    return _keep_visible(Licence.objects.select_related("sponsor"), actor, "", "authority")


def get_licence(actor: Actor, licence_id: int) -> Licence:
    """Raises: RecordNotYours, also when there is none."""
    try:
        return list_licences_visible_to(actor).get(pk=licence_id)
    except Licence.DoesNotExist:
        raise RecordNotYours from None


def list_number_resources_visible_to(actor: Actor) -> QuerySet[NumberResource]:
    """Those of one's own organisation; for an administration those under the licences it issued."""
    return _keep_visible(NumberResource.objects.select_related("licence"), actor, "", "licence__authority")


def list_accesses_visible_to(actor: Actor, service: Service) -> QuerySet[Access]:
    """The live accesses of a service the actor may see; an access provider sees its own, not its competitors'."""
    accesses = Access.objects.filter(service=service, cancelled_on__isnull=True).select_related("provider")
    is_own = service.sponsor.organisation_id == actor.organisation_id
    if actor.organisation_kind == "access_provider" and actor.organisation_id is not None and not is_own:
        return accesses.filter(provider__organisation_id=actor.organisation_id)
    return accesses


def find_live_sponsor(certificate_fingerprint: str) -> Sponsor | None:
    """The sponsor on record under a certificate, whosever it is; for checks, not for showing."""
    return (
        Sponsor.objects.filter(certificate_fingerprint=certificate_fingerprint)
        .exclude(standing=Standing.CANCELLED)
        .first()
    )


def list_taken_domains(domains: list[str], *, except_service_ids: list[int]) -> list[str]:
    """Which of these domains stand in another live filing."""
    return list(
        ServiceDomain.objects.filter(domain__in=domains, is_live=True)
        .exclude(service_id__in=except_service_ids)
        .values_list("domain", flat=True)
    )


def is_mobile_of_other_sponsor(mobile_fingerprint: str, certificate_fingerprint: str) -> bool:
    """Whether a mobile is already named on the live filing of another sponsor and another person."""
    people = Person.objects.filter(mobile_fingerprint=mobile_fingerprint).values("pk")
    others = Q(person__in=people) & ~Q(certificate_fingerprint=certificate_fingerprint)
    return (
        Sponsor.objects.filter(others).exclude(standing=Standing.CANCELLED).exists()
        or Service.objects.filter(Q(person__in=people) & ~Q(sponsor__certificate_fingerprint=certificate_fingerprint))
        .exclude(standing=Standing.CANCELLED)
        .exists()
    )


def list_providers(*, province: str = "", service_kinds: tuple[str, ...] = ()) -> list[Provider]:
    """The providers an applicant may choose, by name: those that work in the province and take the kinds asked."""
    return [
        p
        for p in Provider.objects.filter(is_active=True).order_by("name")
        if (not p.provinces or not province or province in p.provinces)
        and (not p.service_kinds or set(service_kinds) <= set(p.service_kinds))
    ]


def get_certificate_warning() -> timedelta:
    """How long before a sponsor's certificate ends it is first mentioned. Source: rulebook/obligations/filing.yaml."""
    return _first_lead("sponsor.certificate")


def get_renewal_lead() -> timedelta:
    """How long before a licence ends its renewal is offered: when it is first reminded of.

    Source: rulebook/obligations/licences.yaml.
    """
    return _first_lead("licence.renewal")


def _first_lead(kind: str) -> timedelta:
    return timedelta(days=max(load_obligation_kinds(rulebook_path() / "obligations").kinds[kind].lead_days))


def get_footer_number(service: Service) -> str:
    """The number this service's footer shows: the sponsor's or its own, by the rule of the sponsor's province.

    Raises: NoRuleInForce.
    """
    rule = resolve(current_rulebook(), "service.display.number", clock.today(), service.sponsor.province)
    carries: FooterCarries = "sponsor" if rule.value == "sponsor" else "service"
    return choose_footer_number(service.sponsor.number, service.number, carries)


def compute_police_filing_due(service: Service) -> Deadline:
    """By when the service is filed with the police, counted from its grant, the earliest day it may go online.

    Raises: NoRuleInForce.
    """
    return compute_deadline("service.police_filing", service.granted_on, province=service.sponsor.province)
