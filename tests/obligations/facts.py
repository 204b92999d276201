"""Facts and reckoners for the tests of obligations: one call, sensible values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from openbeian.obligations.decisions import Facts, Owed, Reckoner
from openbeian.rules.obligation_kinds import ObligationKinds, load_obligation_kinds
from openbeian.rules.rulebook import current_rulebook

RULEBOOK = Path(__file__).parents[2] / "rulebook"


@cache
def kinds() -> ObligationKinds:
    return load_obligation_kinds(RULEBOOK / "obligations")


def noon(day: date) -> datetime:
    """Noon in China."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def make_reckoner(today: date, **changes: Any) -> Reckoner:
    return Reckoner(current_rulebook(), kinds(), noon(today), **changes)


def make_facts(subject_kind: str = "service", **changes: Any) -> Facts:
    """An active record of 京, known since 2000, with no days."""
    values: dict[str, Any] = {
        "subject_id": 1,
        "organisation_id": 1,
        "sponsor_id": 1,
        "province": "京",
        "days": {},
        "words": {"standing": "active"},
        "known_since": date(2000, 1, 1),
    }
    return Facts(subject_kind, **{**values, **changes})


def make_licence(issued_on: date, valid_until: date, **changes: Any) -> Facts:
    return make_facts("licence", days={"issued_on": issued_on, "valid_until": valid_until}, **changes)


def find_owed(owed: list[Owed], kind: str, cycle: str | None = None) -> Owed | None:
    """The one obligation of that kind (and cycle), None when it is not owed."""
    found = [o for o in owed if o.reckoning.kind.id == kind and cycle in {None, o.reckoning.cycle}]
    assert len(found) <= 1, found
    return found[0] if found else None
