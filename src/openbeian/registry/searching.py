"""Finds among records that the reader may see: by name from one character, pinyin initials, domain or number."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from openbeian.registry.asking import read_question
from openbeian.registry.decisions import PERSONAL_NATURE
from openbeian.registry.models import Service, ServiceDomain, Sponsor
from openbeian.registry.name_index import filter_by_name

SPONSOR_ORDERS = ("-granted_on", "granted_on", "name", "number", "-changed_at")
SERVICE_ORDERS = ("-granted_on", "granted_on", "name", "number", "-changed_at")


def search_sponsors(sponsors: QuerySet[Sponsor], text: str) -> QuerySet[Sponsor]:
    """Those of the sponsors that answer to what was typed; all of them when nothing was."""
    text = text.strip()
    if not text:
        return sponsors
    question = read_question(text)
    if question.kind == "sponsor_number":
        return sponsors.filter(number=question.value)
    if question.kind == "service_number":
        return sponsors.filter(services__number=question.value)
    if question.kind == "domain":
        return sponsors.filter(pk__in=_services_under(question.value).values("service__sponsor_id"))
    named = Q(pk__in=filter_by_name(Sponsor.objects.all(), text).values("pk"))
    # People stand outside the index of names, so that the public cannot feel its way to one.
    return sponsors.filter(named | Q(nature=PERSONAL_NATURE, name__icontains=text) | _by_letters(text))


def search_services(services: QuerySet[Service], text: str) -> QuerySet[Service]:
    """As for sponsors; a service answers to its sponsor's name as well."""
    text = text.strip()
    if not text:
        return services
    question = read_question(text)
    if question.kind == "sponsor_number":
        return services.filter(sponsor__number=question.value)
    if question.kind == "service_number":
        return services.filter(number=question.value)
    if question.kind == "domain":
        return services.filter(pk__in=_services_under(question.value).values("service_id"))
    own = Q(pk__in=filter_by_name(Service.objects.all(), text).values("pk"))
    of_sponsor = Q(sponsor_id__in=filter_by_name(Sponsor.objects.all(), text).values("pk"))
    return services.filter(own | of_sponsor | _by_letters(text))


def _services_under(domain: str) -> QuerySet[ServiceDomain]:
    return ServiceDomain.objects.filter(domain=domain)


def _by_letters(text: str) -> Q:
    """Pinyin initials, or some digits of a number."""
    if not (text.isascii() and text.isalnum()):
        return Q(pk__in=[])
    return Q(initials__startswith=text.lower()) | (Q(number__contains=text) if text.isdigit() else Q(pk__in=[]))
