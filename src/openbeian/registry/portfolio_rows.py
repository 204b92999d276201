"""What a row of a portfolio says once it has been read, and what is wrong with one that cannot be. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import compress
from typing import Any

from openbeian.kernel.errors import Problem
from openbeian.kernel.text import Text
from openbeian.registry.decisions import ServiceValues, SponsorValues
from openbeian.registry.portfolio_columns import BY_KEY, SERVICE_KEYS, SPONSOR_KEYS


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one cell. `value` is masked where it is personal."""

    row: int
    column: Text
    value: str
    problem: Problem

    def as_json(self) -> dict[str, Any]:
        return {
            "row": self.row,
            "column": self.column.as_json(),
            "value": self.value,
            "rule": self.problem.rule,
            "message": self.problem.message.as_json(),
            "fix": self.problem.fix.as_json(),
        }


def problem_at(row: int, key: str, value: str, problem: Problem) -> RowProblem:
    column = BY_KEY[key]
    return RowProblem(row, column.heading, column.show(value)[:60], problem)


@dataclass(frozen=True, slots=True)
class HeldSponsor:
    """A sponsor as a row tells of it."""

    number: str
    province: str
    granted_on: date | None
    values: SponsorValues
    cells: tuple[str, ...]

    @property
    def said(self) -> frozenset[str]:
        """The columns that were filled."""
        return frozenset(compress(SPONSOR_KEYS, self.cells))


@dataclass(frozen=True, slots=True)
class HeldService:
    """A service as a row tells of it; `claim` is its place in its sponsor's sequence, whatever its kind."""

    number: str
    base: str
    sequence: int
    granted_on: date
    values: ServiceValues
    cells: tuple[str, ...]

    @property
    def claim(self) -> str:
        return f"{self.base}-{self.sequence}"

    @property
    def said(self) -> frozenset[str]:
        """The columns that were filled."""
        return frozenset(compress(SERVICE_KEYS, self.cells))


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """A readable row; without a service when all its cells about one were empty."""

    number: int
    sponsor: HeldSponsor
    service: HeldService | None

    @property
    def granted_on(self) -> date:
        """When the sponsor was granted: its own day, else the service's."""
        day = self.sponsor.granted_on or (self.service.granted_on if self.service else None)
        if day is None:
            raise ValueError(f"row {self.number} has no day")
        return day
