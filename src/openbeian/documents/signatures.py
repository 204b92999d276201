"""What a signature on a paper says, how it travels inside or beside the file, and what it proves. Pure.

A signature is a statement (which paper, its length, its SHA-256) signed with a key of this installation. A PDF
carries it as a comment after its end, a ZIP as its archive comment: the last line of the file, over everything before
it. Readers of both pass it over. Any file may have it beside itself as FILE.sig.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from openbeian.privacy.signing import Finding, SigningKeys

FORMAT = "openbeian-signature-1"
MARK = b"\n%OpenBeian-Signature "
_PADDED_BYTES = 600
TRAILER_BYTES = len(MARK) + 4 * _PADDED_BYTES // 3 + 1
"""Every trailer is as long: a ZIP says its comment's length before it is signed. Readers of PDF look for the end of
the file within its last 1024 bytes, so it may not be longer than that."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed: the paper's kind and code, the instant it was issued (ISO, UTC), and the file's measure."""

    kind: str
    code: str
    issued_at: str
    size_bytes: int
    sha256: str

    def as_message(self, key: str) -> bytes:
        """The bytes that are signed: canonical JSON, so that no other reading of it exists."""
        told = {
            "format": FORMAT,
            "key": key,
            "kind": self.kind,
            "code": self.code,
            "issued_at": self.issued_at,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
        }
        return json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Signature:
    statement: Statement
    key: str
    value: bytes

    def as_json(self) -> dict[str, Any]:
        return {
            **json.loads(self.statement.as_message(self.key)),
            "signature": base64.b64encode(self.value).decode(),
        }

    def as_file(self) -> bytes:
        """The content of FILE.sig."""
        return (json.dumps(self.as_json(), ensure_ascii=True) + "\n").encode()

    def as_trailer(self) -> bytes:
        """The last line of a signed file, TRAILER_BYTES long."""
        return MARK + base64.urlsafe_b64encode(self.as_file().ljust(_PADDED_BYTES)) + b"\n"

    def check(self, keys: SigningKeys) -> Finding:
        """Whether one of the keys made the statement; says nothing about the file yet."""
        return keys.check(self.key, self.value, self.statement.as_message(self.key))


@dataclass(frozen=True, slots=True)
class Measure:
    """A file's length and hash."""

    size_bytes: int
    sha256: str


def measure(chunks: Iterable[bytes]) -> Measure:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return Measure(size, digest.hexdigest())


def measure_bytes(content: bytes) -> Measure:
    return measure([content])


def sign(kind: str, code: str, issued_at: str, measured: Measure, keys: SigningKeys) -> Signature:
    """Signs what was measured with the current key."""
    statement = Statement(kind, code, issued_at, measured.size_bytes, measured.sha256)
    key = keys.current.id
    _, value = keys.sign(statement.as_message(key))
    return Signature(statement, key, value)


def sign_pdf(pdf: bytes, kind: str, code: str, issued_at: str, keys: SigningKeys) -> bytes:
    """The PDF with its signature as the last line."""
    return pdf + sign(kind, code, issued_at, measure_bytes(pdf), keys).as_trailer()


def read_signature(content: bytes) -> Signature | None:
    """A signature from the content of a FILE.sig; None for anything else."""
    if len(content) > 4096:
        return None
    try:
        told = json.loads(content)
        if told["format"] != FORMAT:
            return None
        statement = Statement(
            str(told["kind"]), str(told["code"]), str(told["issued_at"]), int(told["size_bytes"]), str(told["sha256"])
        )
        return Signature(statement, str(told["key"]), base64.b64decode(told["signature"], validate=True))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def read_trailer(tail: bytes) -> Signature | None:
    """The signature that a file's last TRAILER_BYTES are; None for anything else, also when something follows one."""
    if len(tail) != TRAILER_BYTES or not tail.startswith(MARK) or not tail.endswith(b"\n"):
        return None
    try:
        content = base64.b64decode(tail[len(MARK) : -1], altchars=b"-_", validate=True)
    except ValueError:
        return None
    return read_signature(content)
