"""Shows a person how a sweep goes: a bar and what is being probed at a terminal, a line now and then elsewhere."""

from __future__ import annotations

import shutil
import sys
import time

from openbeian.entrypoints.cli.output import inert, language, say
from openbeian.kernel.answers import Answer
from openbeian.kernel.text import Text
from openbeian.observation.probing.figures import worst_of
from openbeian.observation.probing.record import ProbeRecord, ProbeTarget

_SIGNS = {
    Answer.MET: Text("✓ 正常", "✓ met"),
    Answer.NOT_MET: Text("✗ 异常", "✗ not met"),
    Answer.CANNOT_TELL: Text("? 无法判断", "? cannot tell"),
}
_BAR_WIDTH = 24
_MOST_SHOWN = 3
_REDRAW_S = 0.1
_LINE_EVERY_S = 15.0
_LINE = Text(
    "{done}/{total}  正常 {met}  异常 {not_met}  无法判断 {cannot_tell}",
    "{done}/{total}  met {met}  not met {not_met}  cannot tell {cannot_tell}",
)


class SweepProgress:
    """Told of every site that is begun and finished; writes to stderr only."""

    def __init__(self, total: int, done: int) -> None:
        self._total, self._done = total, done
        self._states = dict.fromkeys(Answer, 0)
        self._under_way: dict[str, None] = {}
        self._is_terminal = sys.stderr.isatty()
        self._drawn_at = 0.0

    def begun(self, target: ProbeTarget) -> None:
        self._under_way[target.domain] = None
        self._draw()

    def finished(self, record: ProbeRecord) -> None:
        """Shows the site's own line at a terminal when something is wrong with it, and the bar anew."""
        self._under_way.pop(record.target.domain, None)
        self._done += 1
        state = worst_of(record)
        self._states[state] += 1
        if self._is_terminal:
            reasons = [f"{c.kind.value}.{c.reason}" for c in record.checks if c.outcome is Answer.NOT_MET]
            self._write(f"{_SIGNS[state](language())}  {record.target.domain}  {' '.join(reasons)}\n")
        self._draw()

    def close(self) -> None:
        """Leaves the last state standing."""
        self._draw(at_once=True)
        if self._is_terminal:
            self._write("\n")

    def _draw(self, *, at_once: bool = False) -> None:
        present = time.monotonic()
        if not at_once and present - self._drawn_at < (_REDRAW_S if self._is_terminal else _LINE_EVERY_S):
            return
        self._drawn_at = present
        line = _LINE.format(done=self._done, total=self._total, **{a.value: n for a, n in self._states.items()})
        if not self._is_terminal:
            say(line)
            return
        filled = _BAR_WIDTH * self._done // max(1, self._total)
        shown = " ".join(list(self._under_way)[:_MOST_SHOWN])
        self._write(f"[{'█' * filled}{'░' * (_BAR_WIDTH - filled)}] {line(language())}  {shown}")

    def _write(self, text: str) -> None:
        ends = text.endswith("\n")
        width = shutil.get_terminal_size().columns - 1
        # A wide character takes two columns; half the width is always enough room.
        shown = inert(text.rstrip("\n")).replace("\n", " ")
        shown = shown[: width if shown.isascii() else max(40, width * 2 // 3)]
        sys.stderr.write(f"\r\x1b[K{shown}{chr(10) if ends else ''}")
        sys.stderr.flush()
