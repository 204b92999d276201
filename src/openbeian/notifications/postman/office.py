"""The worker's side of the postman: starts one, hands it letters, and asks later what became of an attempt."""

from __future__ import annotations

import atexit
import base64
import json
import os
import secrets
import select
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from openbeian.kernel import clock
from openbeian.notifications.postman.outcomes import forget_outcomes, recall_outcome
from openbeian.notifications.postman.posting import Fate, Letter, MailServer, Outcome
from openbeian.notifications.postman.process import LONGEST_S, READY

KEPT_DAYS = 7
"""Outcome files of postmen long gone are removed; the attempts of a message span hours."""

_MOST_LETTERS = 2_000
_START_S = 30
# Longer than a letter may take, so that only a postman that does not move any more is given up.
_PATIENCE_S = LONGEST_S + 15
_START = "import runpy, sys; sys.path[:] = {path!r}; runpy.run_module({module!r}, run_name='__main__')"
_MODULE = "openbeian.notifications.postman.process"


class PostOffice:
    """One worker's, for its main thread. A postman serves for so many letters, so that its file stays short."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = ""
        self._handed_over = 0
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self._leave)

    def find_postman(self) -> str:
        """The name of the postman at work, by which an attempt is recalled; starts one where none is.

        Raises: OSError when no process can be started.
        """
        process = self._process
        if process is not None and process.poll() is None and self._handed_over < _MOST_LETTERS:
            return self._name
        self.close()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        forget_outcomes(self._folder, clock.now().timestamp() - KEPT_DAYS * 86400)
        self._name, self._handed_over = secrets.token_hex(16), 0
        code = _START.format(path=[p for p in sys.path if p], module=_MODULE)
        # A session of its own, so that what ends the worker's group does not end the letter in hand.
        self._process = subprocess.Popen(  # noqa: S603  our own module, no shell; nothing secret in its command line
            [sys.executable, "-I", "-c", code, str(self._path(self._name))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        if self._read_line(_START_S) != READY:
            self.close()
            raise OSError("the postman did not start")
        return self._name

    def hand_over(self, server: MailServer, letter: Letter, key: str, attempt: int) -> Outcome:
        """Waits until the postman has noted what became of the letter. `key` is the message's own."""
        self._handed_over += 1
        order = {
            "key": key,
            "attempt": attempt,
            "server": asdict(server),
            "from": letter.sender,
            "to": letter.recipient,
            "content": base64.b64encode(letter.content).decode(),
        }
        try:
            self._write(json.dumps(order).encode() + b"\n")
            told = json.loads(self._read_line(_PATIENCE_S) or b"null")
        except OSError:
            told = None
        if told:
            return Outcome(Fate(told["fate"]), told["answer"])
        name = self._name
        self.close()
        return self.recall_attempt(name, key, attempt)

    def recall_attempt(self, postman: str, key: str, attempt: int) -> Outcome:
        """What became of an attempt that a worker left open, whose postman may still be at it."""
        # The name comes from our own table; it must not lead out of the folder all the same.
        if not postman.isalnum():
            return Outcome(Fate.UNKNOWN)
        return recall_outcome(self._path(postman), key, attempt, _PATIENCE_S)

    def close(self) -> None:
        """Lets the postman end, or ends one that does not move."""
        self._part(ends_it=True)

    def _leave(self) -> None:
        """The worker goes; a postman with a letter in hand finishes it."""
        self._part(ends_it=False)

    def _part(self, *, ends_it: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            if ends_it:
                process.kill()
                process.wait()
        process.stdout.close()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.jsonl"

    def _write(self, line: bytes) -> None:
        assert self._process
        assert self._process.stdin
        pipe, rest = self._process.stdin.fileno(), memoryview(line)
        while rest:
            rest = rest[os.write(pipe, rest) :]

    def _read_line(self, patience_s: float) -> bytes:
        """The postman's next line; empty when it ended or says nothing for so long."""
        assert self._process
        assert self._process.stdout
        pipe, line = self._process.stdout.fileno(), b""
        while not line.endswith(b"\n"):
            if not select.select([pipe], [], [], patience_s)[0]:
                return b""
            read = os.read(pipe, 65536)
            if not read:
                return b""
            line += read
        return line
