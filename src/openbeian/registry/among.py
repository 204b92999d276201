"""Thousands of texts as one parameter of a query, where `IN` with a parameter for each takes longer than the search."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import connection
from django.db.models.expressions import RawSQL


def among(texts: Iterable[str]) -> RawSQL:
    """What a column of text is compared with: `filter(number__in=among(numbers))`."""
    listed = list(texts)
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::text[])", [listed])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(listed)])
