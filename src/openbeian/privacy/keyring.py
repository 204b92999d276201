"""The keys of this installation: a file in the data folder, readable by its owner only, never in the database."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path

from openbeian.privacy.key_files import KeyringUnreadable, generate_once, read_key_file, write_key_file


@dataclass(frozen=True, slots=True)
class Keyring:
    """All sealing keys by id, which of them seals new values, and the keys for the index and for signing cookies.

    Old sealing keys stay so that what they sealed can be opened until it has been sealed anew.
    """

    sealing: dict[str, bytes]
    current: str
    index: bytes
    cookies: str

    @classmethod
    def generate(cls) -> Keyring:
        return cls(
            sealing={"1": secrets.token_bytes(32)},
            current="1",
            index=secrets.token_bytes(32),
            cookies=secrets.token_urlsafe(50),
        )

    def with_new_key(self) -> Keyring:
        """The same keyring with one more sealing key, which becomes the current one."""
        new = str(max(int(k) for k in self.sealing) + 1)
        return Keyring({**self.sealing, new: secrets.token_bytes(32)}, new, self.index, self.cookies)

    def without_old_keys(self) -> Keyring:
        """Only the current key; call it when nothing is sealed with the others any more."""
        return Keyring({self.current: self.sealing[self.current]}, self.current, self.index, self.cookies)

    def write(self, path: Path) -> None:
        """Replaces the file in one step, so that a crash leaves the old keyring or the new one."""
        document = {
            "sealing": {k: base64.b64encode(v).decode() for k, v in self.sealing.items()},
            "current": self.current,
            "index": base64.b64encode(self.index).decode(),
            "cookies": self.cookies,
        }
        write_key_file(path, document)

    @classmethod
    def read(cls, path: Path) -> Keyring:
        """Raises: KeyringUnreadable."""
        document = read_key_file(path)
        try:
            return cls(
                sealing={k: base64.b64decode(v) for k, v in document["sealing"].items()},
                current=document["current"],
                index=base64.b64decode(document["index"]),
                cookies=document["cookies"],
            )
        except (ValueError, KeyError, AttributeError) as fault:
            raise KeyringUnreadable(path=path, why=str(fault)) from fault

    @classmethod
    def read_or_generate(cls, path: Path) -> Keyring:
        """The installation's keyring; the very first start makes one."""
        generate_once(path, lambda: cls.generate().write(path))
        return cls.read(path)
