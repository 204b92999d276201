"""How the watch looks: tones of answers and findings, the availability of the last days as a drawing, shares in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from openbeian.kernel import clock
from openbeian.kernel.answers import Answer
from openbeian.kernel.text import Text
from openbeian.observation.probing.knowledge import Reason, load_knowledge
from openbeian.supervision.catalogue import Catalogue, FaultKind, get_catalogue
from openbeian.supervision.decisions import ANSWERS, CLOSED_HOW, SEVERITIES, STATES, Availability, State
from openbeian.supervision.models import CheckState, Finding
from openbeian.supervision.queries import SPARK_DAYS

ANSWER_TONES: dict[str, tuple[str, str]] = {
    Answer.MET: ("good", "circle-check"),
    Answer.NOT_MET: ("bad", "circle-x"),
    Answer.CANNOT_TELL: ("calm", "circle-question-mark"),
}
STATE_TONES: dict[str, tuple[str, str]] = {
    State.TO_RECTIFY: ("bad", "circle-x"),
    State.RECTIFYING: ("warn", "wrench"),
    State.EXTENSION_ASKED: ("info", "clock"),
    State.APPEALED: ("info", "scale"),
    State.TO_RECHECK: ("info", "refresh-cw"),
    State.CLOSED: ("good", "circle-check"),
}
SEVERITY_TONES = {"grave": "bad", "serious": "warn", "minor": "calm"}
_BAR_WIDTH, _BAR_HEIGHT = 4, 24


@dataclass(frozen=True, slots=True)
class Said:
    """A word with its tone and icon."""

    label: Text
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the drawing; `tone` is empty for a day without a probe."""

    x: int
    top: int
    height: int
    tone: str
    title: str


@dataclass(frozen=True, slots=True)
class Spark:
    """The last 60 days as bars, and the share in words for who cannot see it."""

    bars: list[Bar]
    width: int
    height: int
    percent: str
    days: int


def say_answer(answer: str) -> Said:
    tone, icon = ANSWER_TONES[answer]
    return Said(ANSWERS[answer], tone, icon)


def say_state(state: str) -> Said:
    tone, icon = STATE_TONES[state]
    return Said(STATES[state], tone, icon)


def say_percent(availability: Availability) -> str:
    """Two decimals, never rounded up to a hundred; a dash when nothing could tell."""
    share = availability.percent
    if share is None:
        return "—"
    return "100%" if share == 100 else f"{min(share, 99.99):.2f}%"


def draw_spark(days: Mapping[date, Availability]) -> Spark:
    """Green where every telling probe reached the site, red as high as the share that did not."""
    today = clock.today()
    bars, total = [], Availability()
    for place in range(SPARK_DAYS):
        day = today - timedelta(days=SPARK_DAYS - 1 - place)
        fared = days.get(day)
        if fared is None:
            bars.append(Bar(place * _BAR_WIDTH, _BAR_HEIGHT - 2, 2, "", day.isoformat()))
            continue
        total += fared
        bars.append(_draw_bar(place * _BAR_WIDTH, day, fared))
    return Spark(bars, SPARK_DAYS * _BAR_WIDTH, _BAR_HEIGHT, say_percent(total), total.count)


def _draw_bar(x: int, day: date, fared: Availability) -> Bar:
    share = fared.percent
    title = f"{day.isoformat()} {say_percent(fared)}"
    if share is None:
        return Bar(x, _BAR_HEIGHT // 2, _BAR_HEIGHT // 2, "info" if fared.maintained else "calm", title)
    if share == 100:
        return Bar(x, 0, _BAR_HEIGHT, "good", title)
    height = max(6, round(_BAR_HEIGHT * (100 - share) / 100))
    return Bar(x, _BAR_HEIGHT - height, height, "bad", title)


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding on a page."""

    row: Finding
    kind: FaultKind
    state: Said
    severity: Said
    fine: str
    reason: Text | None
    advice: Text | None
    detail: Text
    closed_how: Text | None


def make_finding_lines(rows: list[Finding]) -> list[FindingLine]:
    catalogue = get_catalogue()
    return [make_finding_line(row, catalogue) for row in rows]


def make_finding_line(row: Finding, catalogue: Catalogue | None = None) -> FindingLine:
    kind = (catalogue or get_catalogue()).kinds[row.check_kind]
    reason = find_reason(row.reason)
    severity = Said(SEVERITIES[row.severity], SEVERITY_TONES[row.severity], "flag")
    return FindingLine(
        row,
        kind,
        say_state(row.state),
        severity,
        say_fine(row),
        reason.label if reason else None,
        reason.advice if reason else None,
        Text(row.detail_zh, row.detail_en),
        CLOSED_HOW.get(row.closed_how),
    )


def find_reason(code: str) -> Reason | None:
    """What the rulebook says of a probe's reason; None for one that a newer version wrote."""
    return load_knowledge().reasons.get(code) if code else None


def say_fine(row: Finding) -> str:
    """`5,000–50,000`, a single amount, or nothing."""
    if row.fine_max_yuan is None:
        return ""
    if row.fine_min_yuan in {None, row.fine_max_yuan}:
        return f"{row.fine_max_yuan:,}"
    return f"{row.fine_min_yuan:,}–{row.fine_max_yuan:,}"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """What may be said about one kind of check of one site."""

    kind: FaultKind
    state: CheckState
    said: Said
    reason: Text | None
    detail: Text

    @property
    def is_doubtful(self) -> bool:
        """Whether the newest telling answer waits to be confirmed."""
        return not self.state.is_confirmed and self.state.in_a_row > 0


def make_check_lines(states: list[CheckState]) -> list[CheckLine]:
    """In the order of the catalogue."""
    kinds = get_catalogue().kinds
    by_kind = {state.check_kind: state for state in states}
    return [
        CheckLine(
            kind,
            state,
            say_answer(state.answer),
            reason.label if (reason := find_reason(state.reason)) else None,
            Text(state.detail_zh, state.detail_en),
        )
        for name, kind in kinds.items()
        if (state := by_kind.get(name))
    ]
