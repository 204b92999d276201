"""Who decides at the simulated bureau: a standing answer, nobody, or a review desk behind a port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from openbeian.authority.errors import AuthorityError
from openbeian.authority.messages.upload import Cancellation, Change, NewAccess, NewFiling, NewSites
from openbeian.kernel.text import Text

Reviewable = NewFiling | NewSites | NewAccess | Change | Cancellation

REFUSAL = "模拟管局：资料不完整，请补充后重新提交。"


@dataclass(frozen=True, slots=True)
class Question:
    """One uploaded record that waits for a decision; `(sequence, position)` identifies it for ever."""

    sequence: int
    position: int
    record: Reviewable


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reviewer's decision; the opinion of a refusal becomes the return reason."""

    is_approved: bool
    opinion: str = ""
    reviewer: str = "模拟审核员"


class ReviewDesk(Protocol):
    """The port to whoever reviews. It is asked again and again until it decides, also after a restart."""

    def decide(self, question: Question) -> Verdict | None:
        """The decision, or None while there is none yet; the same question must always get the same decision."""
        ...


@dataclass(frozen=True, slots=True)
class StandingDesk:
    """Answers every question alike; `None` holds everything back."""

    verdict: Verdict | None

    def decide(self, question: Question) -> Verdict | None:
        return self.verdict


class DeskNotConnected(AuthorityError):
    """`--decide desk` was asked for and no review desk stands behind the port."""

    code: ClassVar[str] = "desk_not_connected"
    message = Text(
        "尚未接入审核台。请改用 --decide approve、refuse 或 hold。",
        "No review desk is connected. Use --decide approve, refuse or hold.",
    )


def choose_desk(name: str, desk: ReviewDesk | None = None) -> ReviewDesk:
    """The desk behind `approve`, `refuse`, `hold` or `desk`. Raises: DeskNotConnected."""
    standing = {
        "approve": StandingDesk(Verdict(is_approved=True)),
        "refuse": StandingDesk(Verdict(is_approved=False, opinion=REFUSAL)),
        "hold": StandingDesk(None),
    }
    chosen = standing.get(name, desk)
    if chosen is None:
        raise DeskNotConnected
    return chosen
