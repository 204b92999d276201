"""The file in which a postman keeps what became of each attempt; it holds the file's lock as long as it lives.

One line of JSON for each step of an attempt, on the disk before anybody hears of it: `{"letter", "attempt", "fate"}`
with the fate `begun` before the content leaves, then with what the server answered. No address and no text of a letter.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path

from openbeian.notifications.postman.posting import Fate, Outcome

_BEGUN = "begun"
_LOOK_EVERY_S = 0.05


class OutcomeFile:
    """A postman's own, new and locked. Permissions 0600."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def note_begun(self, letter: str, attempt: int) -> None:
        self._note({"letter": letter, "attempt": attempt, "fate": _BEGUN})

    def note_outcome(self, letter: str, attempt: int, outcome: Outcome) -> None:
        self._note({"letter": letter, "attempt": attempt, "fate": outcome.fate, "answer": outcome.answer})

    def _note(self, step: dict[str, object]) -> None:
        os.write(self._file, json.dumps(step).encode() + b"\n")
        os.fsync(self._file)


def recall_outcome(path: Path, letter: str, attempt: int, patience_s: float) -> Outcome:
    """What became of an attempt, once its postman has told or is gone; waits for that `patience_s` at most.

    `UNKNOWN` when the postman itself was killed after the content began, when the file is not here (another machine,
    cleared away), or when the postman still has not told.
    """
    ends_at = time.monotonic() + patience_s
    while True:
        # In this order: what a postman that is gone has written is all there.
        is_gone = _is_gone(path)
        fate, answer = _read(path, letter, attempt)
        if fate and fate != _BEGUN:
            return Outcome(Fate(fate), answer)
        if is_gone is None:
            return Outcome(Fate.UNKNOWN)
        if is_gone:
            return Outcome(Fate.UNKNOWN if fate else Fate.UNSENT)
        if time.monotonic() > ends_at:
            return Outcome(Fate.UNKNOWN)
        time.sleep(_LOOK_EVERY_S)


def forget_outcomes(folder: Path, before: float) -> None:
    """Removes the files of postmen that are gone and wrote last before an instant (seconds since 1970)."""
    for path in folder.glob("*.jsonl"):
        try:
            if path.stat().st_mtime < before and _is_gone(path):
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue  # another worker was faster


def _is_gone(path: Path) -> bool | None:
    """Whether nobody holds the file's lock; None without a file."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


def _read(path: Path, letter: str, attempt: int) -> tuple[str, str]:
    """The last step that was noted of the attempt, and its answer; empty for none."""
    found = ("", "")
    try:
        written = path.read_bytes()
    except FileNotFoundError:
        return found
    mark = letter.encode()
    # What stands after the last line end was never written whole.
    for line in written.split(b"\n")[:-1]:
        if mark in line:
            step = json.loads(line)
            if (step["letter"], step["attempt"]) == (letter, attempt):
                found = (step["fate"], step.get("answer", ""))
    return found
