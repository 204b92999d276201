"""Writing a new report, of a licence or of a number resource, with every figure that something here already knows."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.journal.events import Event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.registry.models import Licence
from openbeian.supervision.reporting.errors import ReportOnRecord
from openbeian.supervision.reporting.events import ReportStarted
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.prefilling import Drawn, draw_first_values, list_reports_of
from openbeian.supervision.reporting.queries import get_report_rules, get_state
from openbeian.supervision.reporting.subjects import Subject, find_assigner, list_codes
from openbeian.supervision.reporting.turning import name_subject


def begin_report(actor: Actor, subject: Subject, year: int, regime: str, *, is_policy: bool = False) -> AnnualReport:
    """A draft for the subject's organisation. Raises: ReportOnRecord where there is one already."""
    found = list_reports_of(subject, year, regime).first()
    if found is not None:
        raise ReportOnRecord(number=subject.number, year=year, state=get_state(found).label)
    # The figures are drawn before the transaction: traffic is read from files, which may take a while.
    drawn = draw_first_values(get_report_rules(regime), subject, year, regime)
    return write_report(actor, subject, year, regime, drawn, ReportStarted, is_policy=is_policy)


def write_report(
    actor: Actor,
    subject: Subject,
    year: int,
    regime: str,
    drawn: Mapping[str, Drawn],
    event: Event,
    *,
    is_policy: bool = False,
) -> AnnualReport:
    """The draft with what was drawn, and the event of its beginning. Raises: ReportOnRecord."""
    rules, now = get_report_rules(regime), clock.now()
    licence, resource = (subject, None) if isinstance(subject, Licence) else (None, subject)
    try:
        with transaction.atomic():
            report = AnnualReport.objects.create(
                organisation_id=subject.organisation_id,
                licence=licence,
                number_resource=resource,
                authority=find_assigner(resource) if resource is not None else "",
                year=year,
                regime=regime,
                is_policy=is_policy,
                state=rules.flows[regime].initial,
                codes=list(list_codes(subject)),
                figures={path: one.value for path, one in drawn.items()},
                origins={path: one.as_origin() for path, one in drawn.items()},
                created_at=now,
                saved_at=now,
            )
            record_event(
                event,
                actor,
                ("report", report.pk),
                concerns=(report.organisation_id,),
                after={name_subject(report): subject.number, "year": year, "regime": regime},
            )
    except IntegrityError:
        # Two people began it at the same moment: the constraint let one through.
        other = list_reports_of(subject, year, regime).get()
        raise ReportOnRecord(number=subject.number, year=year, state=get_state(other).label) from None
    return report
