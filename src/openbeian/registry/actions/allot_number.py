"""Takes the next filing number of an administration and year, without gaps or doubles."""

from __future__ import annotations

from django.db import IntegrityError, connection, transaction

from openbeian.kernel.numbers import format_filing_number
from openbeian.registry.errors import SeriesExhausted
from openbeian.registry.models import NumberSeries, Sponsor

_LAST_SERIAL = 999_999


def allot_number(province: str, year: int) -> str:
    """`京ICP备2026000123号`. The series' row stays locked until the caller's transaction ends, and a rollback
    gives the number back; that is what leaves no gap.

    Raises: SeriesExhausted after 999999.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a number is allotted in the transaction that uses it")
    locked = NumberSeries.objects.select_for_update().filter(province=province, year=year)
    series = locked.first()
    if series is None:
        try:
            with transaction.atomic():
                NumberSeries.objects.create(province=province, year=year)
        except IntegrityError:
            pass  # another process opened the year's series in between; take turns with it
        series = locked.get()
    while True:
        if series.last_serial >= _LAST_SERIAL:
            raise SeriesExhausted(province=province, year=year)
        series.last_serial += 1
        number = format_filing_number(province, year, series.last_serial)
        # A number that was taken over with a portfolio is never given again.
        if not Sponsor.objects.filter(number=number).exists():
            break
    series.save(update_fields=["last_serial"])
    return number
