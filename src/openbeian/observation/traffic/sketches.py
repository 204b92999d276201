"""Distinct visitors that can still be united after the visitors themselves are forgotten: HyperLogLog as rows.

A sketch is a set of (register, rank) pairs, the highest rank of each register. The union of two sketches is the higher
rank per register, a plain `max … GROUP BY register`: in any order, any grouping, any number of times, on any engine.
The number is read with Ertl's improved estimator, which needs no tables and no corrections by range.

Source: O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017, algorithms 4 to 6.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

PRECISION = 14
REGISTERS = 1 << PRECISION
_REST = 64 - PRECISION
HIGHEST_RANK = _REST + 1

STANDARD_ERROR_PERCENT = round(104 / math.sqrt(REGISTERS), 2)
"""Two estimates in three lie within this of the truth, 19 in 20 within twice this."""


def register_sql(visitor: str) -> str:
    """The register of a 64-bit pseudonym: its first 14 bits."""
    return f"CAST({visitor} >> {_REST} AS INTEGER)"


def rank_sql(visitor: str) -> str:
    """The place of the first 1 among the remaining 50 bits, counted from 1; 51 if there is none."""
    rest = f"({visitor} & {(1 << _REST) - 1})"
    return f"CAST(CASE WHEN {rest} = 0 THEN {HIGHEST_RANK} ELSE {HIGHEST_RANK} - strlen(bin({rest})) END AS INTEGER)"


def estimate(registers_of_rank: Mapping[int, int]) -> int:
    """The number of distinct visitors in a sketch, from how many registers have each rank (1 … 51).

    Standard error 0.81 %; up to a few hundred visitors nearly always the exact number.
    """
    empty = REGISTERS - sum(registers_of_rank.values())
    if empty == REGISTERS:
        return 0
    z = REGISTERS * _tau(1 - registers_of_rank.get(HIGHEST_RANK, 0) / REGISTERS)
    for rank in range(HIGHEST_RANK - 1, 0, -1):
        z = 0.5 * (z + registers_of_rank.get(rank, 0))
    z += REGISTERS * _sigma(empty / REGISTERS)
    return round(REGISTERS * REGISTERS / (2 * math.log(2) * z))


def _sigma(x: float) -> float:
    y, z, before = 1.0, x, -1.0
    while z != before:
        x, before = x * x, z
        z += x * y
        y += y
    return z


def _tau(x: float) -> float:
    if x in {0.0, 1.0}:
        return 0.0
    y, z, before = 1.0, 1 - x, -1.0
    while z != before:
        x, before, y = math.sqrt(x), z, 0.5 * y
        z -= (1 - x) ** 2 * y
    return z / 3
