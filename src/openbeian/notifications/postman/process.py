"""The postman: a process that posts the letters its worker hands it, one by one, and ends after the last one.

`python -m openbeian.notifications.postman.process OUTCOME_FILE`; a letter is a line of JSON on the standard input,
its outcome a line on the standard output. When the worker is gone, the letter in hand is posted and noted first.
"""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import FrameType

from openbeian.notifications.postman.outcomes import OutcomeFile
from openbeian.notifications.postman.posting import Letter, MailServer, post_letter

LONGEST_S = 60
"""A letter that takes longer is given up, so that a postman outlives its worker by no more than this."""

_LOOK_EVERY_S = 1.0
READY = b"ready\n"


def run(path: Path) -> None:
    """Until the standard input ends. A stop signal changes nothing: whoever stops the worker closes its input."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, _give_up)
    outcomes = OutcomeFile(path)
    try:
        os.write(1, READY)
        for line in _read_lines(os.getppid()):
            os.write(1, _carry(json.loads(line), outcomes))
    except BrokenPipeError:
        return  # The worker is gone; what it wants to know stands in the file.


def _carry(order: dict[str, object], outcomes: OutcomeFile) -> bytes:
    key, attempt = str(order["key"]), int(str(order["attempt"]))
    server = MailServer(**order["server"])  # type: ignore[arg-type]
    letter = Letter(str(order["from"]), str(order["to"]), base64.b64decode(str(order["content"])))
    # Again and again: a library on the way may take the first alarm for one address that does not answer.
    signal.setitimer(signal.ITIMER_REAL, LONGEST_S, 1)
    try:
        outcome = post_letter(server, letter, partial(outcomes.note_begun, key, attempt))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    outcomes.note_outcome(key, attempt, outcome)
    return json.dumps({"fate": outcome.fate, "answer": outcome.answer}).encode() + b"\n"


def _read_lines(worker: int) -> Iterator[bytes]:
    """Whole lines until the worker is gone; a part of a line was never handed over."""
    rest = b""
    while True:
        if not select.select([0], [], [], _LOOK_EVERY_S)[0]:
            # Some other child of the worker may hold the pipe open.
            if os.getppid() != worker:
                return
            continue
        read = os.read(0, 65536)
        if not read:
            return
        *lines, rest = (rest + read).split(b"\n")
        yield from lines


def _give_up(number: int, frame: FrameType | None) -> None:
    raise TimeoutError


if __name__ == "__main__":
    run(Path(sys.argv[1]))
