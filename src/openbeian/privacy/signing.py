"""The keys that sign papers: Ed25519, in a file of the data folder; their public halves are for everybody.

A key's name is the beginning of the hash of its public half, so that nobody can pass another key off under it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from openbeian.kernel import clock
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.privacy.key_files import KeyringUnreadable, generate_once, read_key_file, write_key_file

ALGORITHM = "Ed25519"
FORMAT = "openbeian-signing-keys-1"
_MOST_KEYS = 200

Finding = Literal["good", "bad", "unknown", "revoked"]


class SigningKeyUnknown(OpenBeianError):
    code = "signing_key_unknown"
    message = Text(
        "没有签名密钥 {key}。可用“openbeian keys signing list”查看。",
        "There is no signing key {key}. See `openbeian keys signing list`.",
    )


class PublishedKeysUnfit(OpenBeianError):
    code = "published_keys_unfit"
    message = Text("这不是公布的签名公钥文件：{why}。", "This is not a file of published signing keys: {why}.")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key. `private` is gone once it is retired; what it signed stays proved until it is revoked.

    `made_at`, `retired_at`, `revoked_at` are instants in ISO form, the latter two empty while it is not so.
    """

    public: bytes
    private: bytes = b""
    made_at: str = ""
    retired_at: str = ""
    revoked_at: str = ""

    @property
    def id(self) -> str:
        return hashlib.sha256(self.public).hexdigest()[:16]

    def publish(self) -> dict[str, str]:
        """What everybody may know of it."""
        return {
            "key": self.id,
            "algorithm": ALGORITHM,
            "public_key": base64.b64encode(self.public).decode(),
            "made_at": self.made_at,
            "retired_at": self.retired_at,
            "revoked_at": self.revoked_at,
        }


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """All signing keys by id, newest last; the newest signs."""

    keys: Mapping[str, SigningKey]

    @property
    def current(self) -> SigningKey:
        return next(k for k in reversed(list(self.keys.values())) if k.private and not k.revoked_at)

    def with_new_key(self, now: datetime) -> SigningKeys:
        """One more key, which signs from now on; the private halves of the others are thrown away."""
        retired = {
            k.id: replace(k, private=b"", retired_at=k.retired_at or now.isoformat()) for k in self.keys.values()
        }
        made = Ed25519PrivateKey.generate()
        new = SigningKey(made.public_key().public_bytes_raw(), made.private_bytes_raw(), now.isoformat())
        return SigningKeys({**retired, new.id: new})

    def with_revoked(self, key_id: str, now: datetime) -> SigningKeys:
        """The key is trusted no more, for whatever it signed: a thief could put any date. A new one takes its place.

        Raises: SigningKeyUnknown.
        """
        if key_id not in self.keys:
            raise SigningKeyUnknown(key=key_id[:40])
        old = self.keys[key_id]
        revoked = replace(old, private=b"", revoked_at=old.revoked_at or now.isoformat())
        left = SigningKeys({**self.keys, key_id: revoked})
        return left if any(k.private for k in left.keys.values()) else left.with_new_key(now)

    def sign(self, message: bytes) -> tuple[str, bytes]:
        """The id of the key that signed, and 64 bytes."""
        key = self.current
        return key.id, Ed25519PrivateKey.from_private_bytes(key.private).sign(message)

    def check(self, key_id: str, signature: bytes, message: bytes) -> Finding:
        """Whether one of these keys signed the message."""
        key = self.keys.get(key_id)
        if key is None:
            return "unknown"
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
        except InvalidSignature:
            return "bad"
        return "revoked" if key.revoked_at else "good"

    def publish(self) -> dict[str, Any]:
        """The public halves: what the public page and `certificate verify --keys` read."""
        return {"format": FORMAT, "keys": [k.publish() for k in self.keys.values()]}

    @classmethod
    def read_published(cls, document: Any) -> SigningKeys:
        """Keys from a file of published ones; they can check and not sign. Raises: PublishedKeysUnfit."""
        try:
            if document["format"] != FORMAT or len(document["keys"]) > _MOST_KEYS:
                raise ValueError("format")
            keys = [
                SigningKey(
                    public=base64.b64decode(k["public_key"], validate=True),
                    made_at=str(k["made_at"]),
                    retired_at=str(k["retired_at"]),
                    revoked_at=str(k["revoked_at"]),
                )
                for k in document["keys"]
            ]
            for key in keys:
                Ed25519PublicKey.from_public_bytes(key.public)
        except (ValueError, KeyError, TypeError) as wrong:
            raise PublishedKeysUnfit(why=str(wrong)[:80]) from wrong
        return cls({k.id: k for k in keys})

    def write(self, path: Path) -> None:
        keys = [{**k.publish(), "private_key": base64.b64encode(k.private).decode()} for k in self.keys.values()]
        write_key_file(path, {"format": FORMAT, "keys": keys})

    @classmethod
    def read(cls, path: Path) -> SigningKeys:
        """Raises: KeyringUnreadable."""
        document = read_key_file(path)
        try:
            known = cls.read_published(document).keys
            keys = {
                key.id: replace(key, private=base64.b64decode(told["private_key"]))
                for key, told in zip(known.values(), document["keys"], strict=True)
            }
        except (PublishedKeysUnfit, ValueError, KeyError) as fault:
            raise KeyringUnreadable(path=path, why=str(fault)) from fault
        return cls(keys)

    @classmethod
    def read_or_generate(cls, path: Path) -> SigningKeys:
        """The installation's signing keys; the first paper makes one."""
        generate_once(path, lambda: cls({}).with_new_key(clock.now()).write(path))
        return cls.read(path)
