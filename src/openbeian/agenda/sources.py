"""The sources of dates that stand on record: open cases, certificates, police filings, re-confirmation by policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import F, QuerySet

from openbeian.agenda.ports import Dated
from openbeian.cases.queries import get_procedure, list_cases_visible_to
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.policies.queries import list_policies
from openbeian.registry.models import Service, Sponsor, Standing
from openbeian.registry.queries import compute_police_filing_due, list_sponsors_visible_to
from openbeian.rules.deadlines import compute_deadline
from openbeian.rules.errors import NoRuleInForce, RuleHasNoLimit

CYCLE = "filing.reconfirmation.cycle"
_MOST_ROWS = 2000


def list_case_dates(actor: Actor, first: date, last: date, *, sponsor_id: int | None = None) -> Iterator[Dated]:
    """Until when the one who must act next in an open case should have acted."""
    cases = list_cases_visible_to(actor).filter(is_open=True, due_on__range=(first, last)).defer("form", "before")
    if sponsor_id is not None:
        cases = cases.filter(sponsor_id=sponsor_id)
    for case in cases.order_by("due_on", "pk")[:_MOST_ROWS]:
        assert case.due_on is not None
        procedure = get_procedure(case.procedure)
        state = procedure.state(case.state)
        yield Dated(
            key=f"case:{case.pk}",
            kind="case",
            on=case.due_on,
            title=Text(
                f"{procedure.label.zh} {case.reference}：{state.label.zh}",
                f"{procedure.label.en} {case.reference}: {state.label.en}",
            ),
            subject=case.title,
            path=f"/cases/{case.pk}/",
            rule_id=state.limit,
            provisional=case.due_is_provisional,
            record=("case", case.pk),
        )


def list_certificate_dates(actor: Actor, first: date, last: date, *, sponsor_id: int | None = None) -> Iterator[Dated]:
    """The last valid day of certificates: the sponsor's own, its responsible person's, its services' persons'."""
    sponsors = _own_sponsors(actor, sponsor_id)
    for sponsor in sponsors.filter(certificate_until__range=(first, last))[:_MOST_ROWS]:
        assert sponsor.certificate_until is not None
        what = Text("主办单位证件到期", "The sponsor's certificate expires")
        yield _of_sponsor(sponsor, f"certificate:sponsor:{sponsor.pk}", sponsor.certificate_until, what)
    for sponsor in sponsors.filter(person__certificate_until__range=(first, last)).select_related("person")[
        :_MOST_ROWS
    ]:
        assert sponsor.person.certificate_until is not None
        what = Text("主体负责人证件到期", "The responsible person's certificate expires")
        yield _of_sponsor(sponsor, f"certificate:person:{sponsor.pk}", sponsor.person.certificate_until, what)
    services = _own_services(actor, sponsor_id).filter(person__certificate_until__range=(first, last))
    # A service often names the sponsor's own person; the same certificate is told once.
    others = services.exclude(person__certificate_fingerprint=F("sponsor__person__certificate_fingerprint"))
    for service in others.select_related("person")[:_MOST_ROWS]:
        assert service.person.certificate_until is not None
        what = Text("服务负责人证件到期", "The service's responsible person's certificate expires")
        key, until = f"certificate:service:{service.pk}", service.person.certificate_until
        yield Dated(
            key,
            "document",
            until,
            _with_number(what, service.number),
            service.name,
            f"/services/{service.pk}/",
            record=("service", service.pk),
        )


def list_police_dates(actor: Actor, first: date, last: date, *, sponsor_id: int | None = None) -> Iterator[Dated]:
    """By when a service is filed with the police, by the rule of the day it was granted."""
    for service in _own_services(actor, sponsor_id).order_by("-granted_on", "pk")[:_MOST_ROWS]:
        try:
            deadline = compute_police_filing_due(service)
        except NoRuleInForce:
            continue
        if first <= deadline.due_on <= last:
            what = Text("公安联网备案期限", "Filing with the police is due")
            yield Dated(
                key=f"police:{service.pk}",
                kind="police_filing",
                on=deadline.due_on,
                title=_with_number(what, service.number),
                subject=service.name,
                path=f"/services/{service.pk}/",
                record=("service", service.pk),
                rule_id=deadline.rule,
                advised_on=deadline.advised_on,
                provisional=deadline.provisional,
            )


def list_reconfirmation_dates(
    actor: Actor, first: date, last: date, *, sponsor_id: int | None = None
) -> Iterator[Dated]:
    """The next re-confirmation, where a policy asks for one; the law does not, so without a policy there is none."""
    policies, today = list_policies(actor.organisation_id), clock.today()
    if not any(policy.rule_id == CYCLE for policy in policies):
        return
    for sponsor in _own_sponsors(actor, sponsor_id).order_by("confirmed_on", "pk")[:_MOST_ROWS]:
        try:
            deadline = compute_deadline(CYCLE, sponsor.confirmed_on, today, sponsor.province, policies)
        except (NoRuleInForce, RuleHasNoLimit):
            continue
        if first <= deadline.due_on <= last:
            what = Text("备案信息复核（内部政策，并非法律规定）", "Re-confirm the filed data (own policy, not law)")
            yield Dated(
                key=f"reconfirmation:{sponsor.pk}",
                kind="reconfirmation",
                on=deadline.due_on,
                title=_with_number(what, sponsor.number),
                subject=sponsor.name,
                path=f"/sponsors/{sponsor.pk}/",
                record=("sponsor", sponsor.pk),
                rule_id=CYCLE,
                advised_on=deadline.advised_on,
                provisional=deadline.provisional,
                policy=deadline.policy,
            )


def _own_sponsors(actor: Actor, sponsor_id: int | None) -> QuerySet[Sponsor]:
    """An administration sees a whole province's records; whose dates they are is their owners' business."""
    own = list_sponsors_visible_to(actor).filter(organisation_id=actor.organisation_id or 0)
    own = own.exclude(standing=Standing.CANCELLED)
    return own if sponsor_id is None else own.filter(pk=sponsor_id)


def _own_services(actor: Actor, sponsor_id: int | None) -> QuerySet[Service]:
    sponsors = _own_sponsors(actor, sponsor_id).values("pk")
    services = Service.objects.filter(sponsor__in=sponsors).exclude(standing=Standing.CANCELLED)
    return services.select_related("sponsor")


def _of_sponsor(sponsor: Sponsor, key: str, until: date, what: Text) -> Dated:
    title, path = _with_number(what, sponsor.number), f"/sponsors/{sponsor.pk}/"
    return Dated(key, "document", until, title, sponsor.name, path, record=("sponsor", sponsor.pk))


def _with_number(what: Text, number: str) -> Text:
    return Text(f"{what.zh}：{number}", f"{what.en}: {number}")
