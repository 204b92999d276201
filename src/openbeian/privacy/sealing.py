"""Sealing: AES-256-GCM with the place of the value bound in, and a keyed hash to find equal values.

A sealed value moved to another column does not open, because the column's name is authenticated with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from binascii import b2a_base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.privacy.keyring import Keyring, KeyringUnreadable

_NONCE_BYTES = 12
_NONCES_AT_ONCE = 256


class SealBroken(OpenBeianError):
    """A sealed value cannot be opened: its key is gone, or somebody changed it."""

    code: ClassVar[str] = "seal_broken"
    status: ClassVar[int] = 500
    message = Text(
        "加密数据无法解开：密钥缺失或数据被改动（{place}）。",
        "A sealed value cannot be opened: its key is missing or it was changed ({place}).",
    )


class Sealer:
    """Seals and opens text with a keyring."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keyring.sealing.items()}
        self._begun: dict[str, hmac.HMAC] = {}

    def seal(self, plain: str, place: str) -> str:
        """`key-id.base64(nonce + ciphertext)`; the same text never seals to the same value twice."""
        return self.prepare_seal(place)(plain)

    def prepare_seal(self, place: str) -> Callable[[str], str]:
        """What seals many values of one place with the key that is current now; for one thread, and not across a fork."""
        prefix, bound = f"{self._keyring.current}.", place.encode()
        encrypt, nonces = self._ciphers[self._keyring.current].encrypt, _draw_nonces()

        def seal(plain: str) -> str:
            nonce = next(nonces)
            return prefix + b2a_base64(nonce + encrypt(nonce, plain.encode(), bound), newline=False).decode()

        return seal

    def open(self, sealed: str, place: str) -> str:
        """Raises: SealBroken."""
        key_id, _, body = sealed.partition(".")
        try:
            raw = base64.b64decode(body, validate=True)
            return self._ciphers[key_id].decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode()).decode()
        except (KeyError, ValueError, InvalidTag) as fault:
            raise SealBroken(place=place) from fault

    def seal_bytes(self, plain: bytes, place: str) -> bytes:
        """The same for a file: key id, a dot, nonce and ciphertext as bytes."""
        nonce, key_id = os.urandom(_NONCE_BYTES), self._keyring.current
        return key_id.encode() + b"." + nonce + self._ciphers[key_id].encrypt(nonce, plain, place.encode())

    def open_bytes(self, sealed: bytes, place: str) -> bytes:
        """Raises: SealBroken."""
        key_id, _, raw = sealed.partition(b".")
        try:
            return self._ciphers[key_id.decode()].decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode())
        except (KeyError, ValueError, InvalidTag) as fault:
            raise SealBroken(place=place) from fault

    def reseal(self, sealed: str | bytes, place: str) -> str | bytes:
        """The same value under the current key. Raises: SealBroken."""
        if isinstance(sealed, bytes):
            return self.seal_bytes(self.open_bytes(sealed, place), place)
        return self.seal(self.open(sealed, place), place)

    def is_current(self, sealed: str | bytes) -> bool:
        """Whether a value was sealed with the current key, so that rotation can skip it."""
        if isinstance(sealed, bytes):
            return sealed.partition(b".")[0] == self._keyring.current.encode()
        return sealed.partition(".")[0] == self._keyring.current

    def fingerprint(self, plain: str, kind: str) -> str:
        """32 hex digits, equal for equal values of one kind; useless without the index key."""
        begun = self._begun.get(kind)
        if begun is None:
            begun = self._begun[kind] = hmac.new(self._keyring.index, f"{kind}\0".encode(), hashlib.sha256)
        mac = begun.copy()  # keyed and begun once: taking up the key costs as much as the hash
        mac.update(plain.encode())
        return mac.hexdigest()[:32]


def _draw_nonces() -> Iterator[bytes]:
    """Random nonces without end, each given once; the first alone, as most values are sealed one at a time.

    Asking the system for each takes as long as the sealing. Two processes that shared one would use a nonce twice.
    """
    yield os.urandom(_NONCE_BYTES)
    while True:
        drawn = os.urandom(_NONCE_BYTES * _NONCES_AT_ONCE)
        for at in range(0, len(drawn), _NONCE_BYTES):
            yield drawn[at : at + _NONCE_BYTES]


def follow_keyring(path: str | os.PathLike[str]) -> Sealer:
    """The sealer of a key file, read again when the file was replaced. Raises: KeyringUnreadable."""
    try:
        found = os.stat(path)  # noqa: PTH116  asked for every sealed value; a Path object costs as much as the seal
    except OSError as fault:
        raise KeyringUnreadable(path=path, why=str(fault)) from fault
    stamp = (path, found.st_mtime_ns, found.st_ino)
    if _current and _current[0][0] == stamp:
        return _current[0][1]
    sealer = Sealer(Keyring.read(Path(path)))
    _current[:] = [(stamp, sealer)]
    return sealer


_current: list[tuple[tuple[object, int, int], Sealer]] = []


def forget_sealer() -> None:
    """For whoever changes the key file faster than its time tells."""
    _current.clear()
