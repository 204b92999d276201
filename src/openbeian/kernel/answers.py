"""The three values of every check: met, not met, and cannot tell, which is never a breach."""

from __future__ import annotations

from enum import StrEnum


class Answer(StrEnum):
    """What we could not see is `CANNOT_TELL`: it keeps the last known good and raises no alarm by itself."""

    MET = "met"
    NOT_MET = "not_met"
    CANNOT_TELL = "cannot_tell"
