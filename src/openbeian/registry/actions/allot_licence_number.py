"""Takes the next licence number of an authority and year, without gaps or doubles."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, connection, transaction

from openbeian.registry.errors import SeriesExhausted
from openbeian.registry.licence_values import MINISTRY
from openbeian.registry.models import Licence, LicenceSeries

_LAST_SERIAL = 9999


def allot_licence_number(authority: str, codes: Iterable[str], year: int) -> str:
    """`京B2-20260001`, of the ministry `合字B1.B2-20260001`; the series stays locked until the transaction ends.

    Raises: SeriesExhausted after 9999.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a number is allotted in the transaction that uses it")
    locked = LicenceSeries.objects.select_for_update().filter(authority=authority, year=year)
    series = locked.first()
    if series is None:
        try:
            with transaction.atomic():
                LicenceSeries.objects.create(authority=authority, year=year)
        except IntegrityError:
            pass  # another process opened the year's series in between; take turns with it
        series = locked.get()
    head = "合字" if authority == MINISTRY else authority
    classes = ".".join(sorted({code[:2] for code in codes}))
    while True:
        if series.last_serial >= _LAST_SERIAL:
            raise SeriesExhausted(province=authority, year=year)
        series.last_serial += 1
        # The serial is the authority's, whatever the classes: a number that stands on record is passed over.
        tail = f"-{year:04}{series.last_serial:04}"
        if not Licence.objects.filter(authority=authority, number__endswith=tail).exists():
            break
    series.save(update_fields=["last_serial"])
    return f"{head}{classes}{tail}"
