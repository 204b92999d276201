"""Whether a file is a paper of this installation and unchanged: the signature inside it or beside it is checked.

Four answers: genuine; changed; foreign (signed, but not with a key of ours, or with one revoked); unsigned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

from openbeian.documents.signatures import (
    MARK,
    TRAILER_BYTES,
    Measure,
    Signature,
    measure,
    read_signature,
    read_trailer,
)
from openbeian.kernel.text import Text
from openbeian.privacy.signing import SigningKeys

_CHUNK_BYTES = 1 << 20

Verdict = Literal["genuine", "changed", "foreign", "unsigned"]

MESSAGES: dict[str, Text] = {
    "genuine": Text(
        "签名有效：文件由本系统出具，出具后未被改动。",
        "The signature is good: this file was issued here and is unchanged.",
    ),
    "changed": Text(
        "文件与签名不符：出具之后被改动过，不能采信。",
        "The file does not match its signature: it was changed after it was issued.",
    ),
    "foreign": Text(
        "文件上的签名不是本系统的密钥所签，不能作为本系统出具的文件。",
        "The signature was not made with a key of this installation: the file is not from here.",
    ),
    "revoked": Text(
        "签名密钥已被作废，不能再证明这份文件。请重新出具。",
        "The key that signed this was revoked and proves nothing any more. Have the paper issued again.",
    ),
    "unsigned": Text(
        "文件里和文件旁（.sig）都没有签名，无法判断。请向出具单位索取带签名的原件。",
        "There is no signature in the file or beside it (.sig). Ask for the signed original.",
    ),
}


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """The answer, and the signature it rests on."""

    verdict: Verdict
    message: Text
    signature: Signature | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "message": self.message.as_json(),
            "signature": self.signature.as_json() if self.signature else None,
        }


def verify_file(file: BinaryIO, keys: SigningKeys, beside: bytes | None = None) -> FileVerdict:
    """The verdict on a seekable file; `beside` is the content of its FILE.sig, if there is one.

    Time grows with the file's length, memory does not.
    """
    if beside is not None:
        signature = read_signature(beside)
        if signature is None:
            return _say("unsigned")
        file.seek(0)
        return _judge(signature, keys, measure(_read_chunks(file)))
    size = file.seek(0, 2)
    file.seek(max(0, size - TRAILER_BYTES))
    signature = read_trailer(file.read(TRAILER_BYTES))
    file.seek(0)
    if signature is None:
        # A signature somewhere in the middle was once the end: something was added after it.
        return _say("changed" if _contains(file, MARK) else "unsigned")
    return _judge(signature, keys, measure(_read_chunks(file, size - TRAILER_BYTES)))


def _judge(signature: Signature, keys: SigningKeys, measured: Measure) -> FileVerdict:
    finding = signature.check(keys)
    if finding in {"unknown", "revoked"}:
        return FileVerdict("foreign", MESSAGES["revoked" if finding == "revoked" else "foreign"], signature)
    told = signature.statement
    same = finding == "good" and measured == Measure(told.size_bytes, told.sha256)
    return _say("genuine" if same else "changed", signature)


def _say(verdict: Verdict, signature: Signature | None = None) -> FileVerdict:
    return FileVerdict(verdict, MESSAGES[verdict], signature)


def _read_chunks(file: Any, most: int | None = None) -> Iterator[bytes]:
    left = most
    while left is None or left > 0:
        chunk = file.read(_CHUNK_BYTES if left is None else min(_CHUNK_BYTES, left))
        if not chunk:
            return
        if left is not None:
            left -= len(chunk)
        yield chunk


def _contains(file: BinaryIO, words: bytes) -> bool:
    kept = b""
    for chunk in _read_chunks(file):
        if words in kept + chunk:
            return True
        kept = chunk[-len(words) :]
    return False
