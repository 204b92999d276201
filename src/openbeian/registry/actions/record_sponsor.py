"""Puts a sponsor on record and gives it its number."""

from __future__ import annotations

from datetime import date

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.privacy.fields import compute_fingerprint
from openbeian.registry.actions.allot_number import allot_number
from openbeian.registry.decisions import SponsorValues
from openbeian.registry.errors import NumberTaken, SponsorOnRecord
from openbeian.registry.events import SponsorRecorded
from openbeian.registry.journal_view import view_sponsor
from openbeian.registry.models import Sponsor, Standing
from openbeian.registry.recording import fill_sponsor, save_person


def record_sponsor(
    actor: Actor,
    organisation_id: int,
    province: str,
    values: SponsorValues,
    on: date,
    *,
    number: str = "",
    concerns: tuple[int | None, ...] = (),
) -> Sponsor:
    """Records the sponsor on a day; without `number` the province's series allots one.

    Raises: SponsorOnRecord, NumberTaken, SeriesExhausted.
    """
    fingerprint = compute_fingerprint(values.certificate_number, "certificate")
    existing = Sponsor.objects.filter(certificate_fingerprint=fingerprint).exclude(standing=Standing.CANCELLED).first()
    if existing:
        raise SponsorOnRecord(number=existing.number)
    if number and Sponsor.objects.filter(number=number).exists():
        raise NumberTaken(number=number)
    sponsor = Sponsor(
        organisation_id=organisation_id,
        province=province,
        nature=values.nature,
        certificate_type=values.certificate_type,
        certificate_number=values.certificate_number,
        certificate_fingerprint=fingerprint,
        granted_on=on,
        confirmed_on=on,
        person=save_person(values.person),
        number=number or allot_number(province, on.year),
    )
    fill_sponsor(sponsor, values)
    sponsor.save()
    record_event(
        SponsorRecorded,
        actor,
        ("sponsor", sponsor.pk),
        concerns=(organisation_id, *concerns),
        after=view_sponsor(sponsor),
    )
    return sponsor
