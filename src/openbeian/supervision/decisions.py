"""The life of a finding and what probes do to it; availability; which cells of a register differ. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from openbeian.kernel.answers import Answer
from openbeian.kernel.text import Text
from openbeian.observation.probing.judgement import Judgement, Observed, is_reached
from openbeian.observation.probing.record import CheckKind, ProbeRecord, Whose


class State(StrEnum):
    """Where a finding stands."""

    TO_RECTIFY = "to_rectify"
    RECTIFYING = "rectifying"
    EXTENSION_ASKED = "extension_asked"
    APPEALED = "appealed"
    TO_RECHECK = "to_recheck"
    CLOSED = "closed"


STATES: dict[str, Text] = {
    State.TO_RECTIFY: Text("待整改", "To be rectified"),
    State.RECTIFYING: Text("整改中", "Being rectified"),
    State.EXTENSION_ASKED: Text("已申请延期", "Extension asked for"),
    State.APPEALED: Text("申诉中", "Under appeal"),
    State.TO_RECHECK: Text("待复查", "To be checked again"),
    State.CLOSED: Text("已关闭", "Closed"),
}

SEVERITIES: dict[str, Text] = {
    "grave": Text("严重", "Grave"),
    "serious": Text("较重", "Serious"),
    "minor": Text("一般", "Minor"),
}

PETITIONS: dict[str, Text] = {"extension": Text("延期申请", "Extension"), "appeal": Text("申诉", "Appeal")}


class ClosedHow(StrEnum):
    """Why a finding is closed."""

    RECOVERED = "recovered"
    APPEAL_GRANTED = "appeal_granted"
    BY_HAND = "by_hand"


CLOSED_HOW: dict[str, Text] = {
    ClosedHow.RECOVERED: Text("复查正常", "Found in order"),
    ClosedHow.APPEAL_GRANTED: Text("申诉成立", "The appeal was granted"),
    ClosedHow.BY_HAND: Text("人工关闭", "Closed by hand"),
}

ANSWERS: dict[str, Text] = {
    Answer.MET: Text("正常", "In order"),
    Answer.NOT_MET: Text("有问题", "Not in order"),
    Answer.CANNOT_TELL: Text("无法判断", "Cannot tell"),
}


class Verb(StrEnum):
    """What people do to a finding."""

    START = "start"
    ASK_EXTENSION = "ask_extension"
    APPEAL = "appeal"
    REPORT_FIXED = "report_fixed"
    GRANT = "grant"
    REFUSE = "refuse"
    CLOSE = "close"


_OPEN = frozenset(State) - {State.CLOSED}
_AT_WORK = frozenset({State.TO_RECTIFY, State.RECTIFYING})
_ASKED = frozenset({State.EXTENSION_ASKED, State.APPEALED})

TURNS: Mapping[Verb, tuple[frozenset[State], State]] = {
    Verb.START: (frozenset({State.TO_RECTIFY}), State.RECTIFYING),
    Verb.ASK_EXTENSION: (_AT_WORK, State.EXTENSION_ASKED),
    Verb.APPEAL: (_AT_WORK | {State.TO_RECHECK}, State.APPEALED),
    Verb.REPORT_FIXED: (_AT_WORK | {State.EXTENSION_ASKED}, State.TO_RECHECK),
    # A refusal sends it back to work; what a grant leads to differs, see `after_grant`.
    Verb.GRANT: (_ASKED, State.RECTIFYING),
    Verb.REFUSE: (_ASKED, State.RECTIFYING),
    Verb.CLOSE: (_OPEN - _ASKED, State.CLOSED),
}

DECIDING = frozenset({Verb.GRANT, Verb.REFUSE, Verb.CLOSE})
"""What is decided by somebody else than those who must rectify."""


def find_turn(state: str, verb: Verb) -> State | None:
    """Where the verb leads from a state; None when it is not open there."""
    sources, target = TURNS[verb]
    return target if State(state) in sources else None


def after_grant(petition_kind: str) -> State:
    """A granted extension is worked on until the new day; a granted appeal means there was no fault."""
    return State.CLOSED if petition_kind == "appeal" else State.RECTIFYING


_NEXT_OF_OWNER: dict[str, Text] = {
    State.TO_RECTIFY: Text("查看说明，开始整改", "See what is wrong and begin"),
    State.RECTIFYING: Text("改好后报告，申请复查", "Put it right, then report it fixed"),
    State.EXTENSION_ASKED: Text("等待决定，原期限仍然有效", "Wait for the decision; the day still stands"),
    State.APPEALED: Text("等待申诉决定", "Wait for the decision on the appeal"),
    State.TO_RECHECK: Text("等待复查", "Wait for the re-check"),
    State.CLOSED: Text("无需处理", "Nothing"),
}
_WAITS = Text("等待对方整改", "Wait for them to put it right")
_NEXT_OF_DECIDER: dict[str, Text] = {
    State.EXTENSION_ASKED: Text("决定是否同意延期", "Decide on the extension"),
    State.APPEALED: Text("决定申诉", "Decide on the appeal"),
    State.TO_RECHECK: Text("复查", "Check again"),
    State.CLOSED: Text("无需处理", "Nothing"),
}


def find_next_step(state: str, *, is_own: bool) -> Text:
    """What comes next for those who must rectify, or for those on the other side."""
    return _NEXT_OF_OWNER[state] if is_own else _NEXT_OF_DECIDER.get(state, _WAITS)


class Follow(StrEnum):
    """What a judgement means for a finding, or for a fault without one."""

    NOTHING = "nothing"
    OPEN = "open"
    SEEN = "seen"
    SEEN_AGAIN = "seen_again"
    RECOVERING = "recovering"
    CLOSE = "close"


def follow_judgement(state: str | None, judgement: Judgement) -> Follow:
    """`state` is that of the open finding, None without one.

    One failed probe opens nothing, and one good one closes nothing: it asks for a second look (待复查). What is under
    appeal stays open until somebody decides.
    """
    if state is None:
        return Follow.OPEN if judgement.is_fault else Follow.NOTHING
    if judgement.state is Answer.CANNOT_TELL:
        return Follow.NOTHING
    if judgement.state is Answer.MET:
        return Follow.RECOVERING if state == State.APPEALED else Follow.CLOSE
    if not judgement.confirmed:
        return Follow.RECOVERING
    return Follow.SEEN_AGAIN if state == State.TO_RECHECK else Follow.SEEN


def wants_second_look(judgement: Judgement, last: Observed | None) -> bool:
    """Whether the last probe says something else than the state: a fault or a recovery that waits to be confirmed."""
    if last is None or last.outcome is Answer.CANNOT_TELL or last.whose is Whose.OURS:
        return False
    return last.outcome is not judgement.state


def summarise(answers: Iterable[str]) -> Answer:
    """One answer for a site: wrong where anything is, in order where something was seen and nothing is wrong."""
    known = set(answers)
    if Answer.NOT_MET in known:
        return Answer.NOT_MET
    return Answer.MET if Answer.MET in known else Answer.CANNOT_TELL


def compute_up(record: ProbeRecord) -> Answer:
    """For the availability: it answered below 500; it did not, by its own fault; or we could not tell."""
    if is_reached(record):
        statuses = [e.status for e in (record.http, record.https) if e is not None and e.status]
        return Answer.MET if min(statuses) < 500 else Answer.NOT_MET
    reach = [c for c in record.checks if c.kind in {CheckKind.DNS, CheckKind.HTTP, CheckKind.HTTPS}]
    failed = [c for c in reach if c.outcome is Answer.NOT_MET]
    if not failed or any(c.whose is Whose.OURS for c in reach if c.outcome is not Answer.MET):
        return Answer.CANNOT_TELL
    return Answer.NOT_MET


@dataclass(frozen=True, slots=True)
class Availability:
    """Probes of a span: `up`, `down`, `untold`, and `maintained`, which counts for neither."""

    up: int = 0
    down: int = 0
    untold: int = 0
    maintained: int = 0

    @property
    def percent(self) -> float | None:
        """Share of telling probes that reached the site; None when none could tell."""
        told = self.up + self.down
        return 100 * self.up / told if told else None

    @property
    def count(self) -> int:
        return self.up + self.down + self.untold + self.maintained

    def __add__(self, other: Availability) -> Availability:
        return Availability(
            self.up + other.up,
            self.down + other.down,
            self.untold + other.untold,
            self.maintained + other.maintained,
        )


class Cell(StrEnum):
    """How a field of a register compares with the record."""

    SAME = "same"
    DIFFERS = "differs"
    CANNOT_TELL = "cannot_tell"


def compare_cell(recorded: str, told: str) -> Cell:
    """White space, case, width and brackets apart; an empty side proves nothing."""
    ours, theirs = _plain(recorded), _plain(told)
    if not ours or not theirs:
        return Cell.CANNOT_TELL
    return Cell.SAME if ours == theirs else Cell.DIFFERS


_WIDE = {ord(c) + 0xFEE0: c for c in map(chr, range(0x21, 0x7F))}


def _plain(text: str) -> str:
    return "".join(text.translate(_WIDE).split()).lower()
