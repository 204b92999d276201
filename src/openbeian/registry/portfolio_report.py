"""What an import of a portfolio did, row by row in sum. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from openbeian.registry.portfolio_rows import RowProblem

MOST_PROBLEMS = 1_000
"""Up to here everything wrong is kept, beyond it the first thing wrong with each row: memory stays bounded by the rows."""


@dataclass(slots=True)
class ImportReport:
    """Every row is in exactly one of created, updated, unchanged, refused and held back.

    Held back are good rows of a file that was refused whole. `problems` name every
    refused row, of `problem_count` in all.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    held_back: int = 0
    sponsors: int = 0
    services: int = 0
    problem_count: int = 0
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def is_refused_whole(self) -> bool:
        return self.held_back > 0 or (self.refused > 0 and self.refused == self.rows)

    def count(self, verdict: str) -> None:
        self.rows += 1
        setattr(self, verdict, getattr(self, verdict) + 1)

    def count_created(self, services: int, sponsors: int) -> None:
        """Counts rows that each brought a service, and the sponsors that came with them."""
        self.rows += services
        self.created += services
        self.services += services
        self.sponsors += sponsors

    def refuse(self, problems: Iterable[RowProblem]) -> None:
        """Counts one refused row with what is wrong in it."""
        self.count("refused")
        for place, problem in enumerate(problems):
            self.problem_count += 1
            if place == 0 or len(self.problems) < MOST_PROBLEMS:
                self.problems.append(problem)

    def hold_back(self) -> None:
        """Nothing is written: the rows that would have been are held back."""
        self.held_back, self.created, self.updated, self.unchanged = (
            self.created + self.updated + self.unchanged,
            0,
            0,
            0,
        )
        self.sponsors = self.services = 0

    def as_json(self, *, most: int | None = None) -> dict[str, Any]:
        """The counts, and the problems or the first so many of them."""
        counts = ("rows", "created", "updated", "unchanged", "refused", "held_back", "sponsors", "services")
        return {
            **{name: getattr(self, name) for name in counts},
            "problem_count": self.problem_count,
            "problems": [p.as_json() for p in self.problems[:most]],
        }
