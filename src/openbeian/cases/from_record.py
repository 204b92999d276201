"""Starting a case from the record: today's values in the shape of the form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openbeian.cases.decisions.record_values import write_service, write_sponsor
from openbeian.registry.models import Service, Sponsor
from openbeian.registry.record_values import service_values, sponsor_values


def write_record(sponsor: Sponsor, services: Iterable[Service]) -> dict[str, Any]:
    """The sponsor and these services in the shape of the form."""
    values = sponsor_values(sponsor)
    return {
        "sponsor": write_sponsor(values),
        "services": [
            write_service(service_values(s), key=str(s.pk), number=s.number, sponsor_person=values.person)
            for s in services
        ],
    }
