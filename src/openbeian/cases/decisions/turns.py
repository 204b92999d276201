"""Who acts next and who may do what: sides, channels and verbs, read from the procedure's flow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from openbeian.rules.procedures import Procedure, Side, Turn

Channel = Literal["inside", "interface", "outside"]


@dataclass(frozen=True, slots=True)
class Channels:
    """Over which channel the provider's and the administration's steps of one case run."""

    provider: Channel
    administration: Channel


@dataclass(frozen=True, slots=True)
class Acting:
    """Who does a verb on a case, and whether they decide themselves or record what somebody else decided.

    A recorded act needs evidence: the screenshot or notice of the outside portal.
    """

    side: Side
    records: bool = False


def compute_acting(by: Side, state_id: str, channels: Channels) -> Acting:
    """Who acts when the flow says `by`, given the case's channels."""
    recorder: Side = "provider" if channels.provider == "inside" else "applicant"
    if by == "provider" and channels.provider != "inside":
        return Acting("applicant", records=True)
    if by == "administration" or (by == "system" and state_id == "awaiting_sms"):
        if channels.administration == "outside":
            return Acting(recorder, records=True)
        if channels.administration == "interface":
            return Acting("system")
    return Acting(by)


@dataclass(frozen=True, slots=True)
class Possible:
    """A verb that somebody can do now."""

    verb: str
    turn: Turn
    records: bool


def list_possible(
    procedure: Procedure, state_id: str, sides: Iterable[Side], channels: Channels, *, acted_at: Iterable[str] = ()
) -> list[Possible]:
    """The verbs that these sides may do now, in the flow's order.

    acted_at: the states at which this very person has acted in the present round, for the second pair of eyes.
    """
    sides, acted_at = set(sides), set(acted_at)
    possible = []
    for verb in procedure.state(state_id).verbs:
        turn = procedure.find_turn(state_id, verb)
        assert turn is not None
        acting = compute_acting(turn.by, state_id, channels)
        if acting.side in sides and not (turn.other_than and turn.other_than in acted_at):
            possible.append(Possible(verb, turn, acting.records))
    return possible
