"""Keeps child processes running: starts them, restarts what dies, ends all of them together."""

from __future__ import annotations

import ctypes
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.05
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_HEALTHY_AFTER_S = 60.0
_PATIENCE_S = 15.0
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Child:
    """One process that should always run, from `start_at` on."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    start_at: float = 0.0


class Supervisor:
    """Runs children until SIGTERM or SIGINT. Times are monotonic seconds."""

    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self._stopping = False

    def run(self, each_round: Callable[[], None]) -> None:
        """Calls `each_round` between looks; whatever it raises ends the children and goes on."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            while not self._stopping:
                for child in self.children:
                    self._look_after(child)
                each_round()
                time.sleep(_LOOK_EVERY_S)
        finally:
            self._end_all()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_at:
                _start(child)
            return
        code = child.process.poll()
        if code is None:
            return
        child.failures = 1 if now - child.started_at > _HEALTHY_AFTER_S else child.failures + 1
        pause = min(_FIRST_PAUSE_S * 2 ** (child.failures - 1), _LONGEST_PAUSE_S)
        log.error("%s ended with %s; starting it again in %s s", child.name, code, pause)
        child.process, child.start_at = None, now + pause

    def _end_all(self) -> None:
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        ends_at = time.monotonic() + _PATIENCE_S
        for process in running:
            try:
                process.wait(max(0.0, ends_at - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _start(child: Child) -> None:
    # A session of its own: Ctrl-C reaches only the supervisor, which ends its children in good order.
    child.process = subprocess.Popen(  # noqa: S603  our own command line
        child.command,
        env=dict(child.environment),
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509  the supervisor has no threads
    )
    child.started_at = time.monotonic()


def _die_with_parent() -> None:
    """Where the kernel can, a killed supervisor takes its children along, so that the port is free again."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
