"""Text from outside as it may be stored: one line, bounded, without what databases or terminals choke on."""

from __future__ import annotations

import unicodedata

LONGEST_DETAIL = 400
_INERT = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def make_storable(text: str, longest: int = LONGEST_DETAIL) -> str:
    """Control, format, unpaired and unassigned characters become blanks; blanks are drawn together; cut at `longest`."""
    short = text[: longest * 4]
    shown = "".join(" " if unicodedata.category(c) in _INERT else c for c in short)
    return " ".join(shown.split())[:longest]


def read_reason(text: str) -> str:
    """A reason as people type it, on one line. Raises: ReasonMissing when too short or too long."""
    from openbeian.supervision.errors import ReasonMissing

    reason = " ".join(text.split())
    if not 2 <= len(reason) <= 500 or not reason.isprintable():
        raise ReasonMissing
    return reason
