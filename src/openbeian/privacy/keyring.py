"""The keys of this installation: a file in the data folder, readable by its owner only, never in the database."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class KeyringUnreadable(OpenBeianError):
    """The key file is missing, damaged or open to others; nothing sealed can be read without it."""

    code: ClassVar[str] = "keyring_unreadable"
    message = Text(
        "密钥文件 {path} 无法使用：{why}。请从备份恢复该文件。",
        "The key file {path} cannot be used: {why}. Restore it from your backup.",
    )


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
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        document = {
            "sealing": {k: base64.b64encode(v).decode() for k, v in self.sealing.items()},
            "current": self.current,
            "index": base64.b64encode(self.index).decode(),
            "cookies": self.cookies,
        }
        aside = path.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)

    @classmethod
    def read(cls, path: Path) -> Keyring:
        """Raises: KeyringUnreadable."""
        try:
            if path.stat().st_mode & 0o077:
                raise KeyringUnreadable(path=path, why=Text("其他用户可以读取", "other users can read it"))
            document = json.loads(path.read_text())
            return cls(
                sealing={k: base64.b64decode(v) for k, v in document["sealing"].items()},
                current=document["current"],
                index=base64.b64decode(document["index"]),
                cookies=document["cookies"],
            )
        except (OSError, ValueError, KeyError, AttributeError) as fault:
            raise KeyringUnreadable(path=path, why=str(fault)) from fault

    @classmethod
    def read_or_generate(cls, path: Path) -> Keyring:
        """The installation's keyring; the very first start makes one.

        Two processes starting at once agree, because only one of them can create the file.
        """
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = path.with_suffix(".creating")
            try:
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except FileExistsError:
                return cls._wait_for(path)
            try:
                if not path.exists():
                    cls.generate().write(path)
            finally:
                lock.unlink(missing_ok=True)
        return cls.read(path)

    @classmethod
    def _wait_for(cls, path: Path) -> Keyring:
        import time

        for _ in range(100):
            if path.exists():
                return cls.read(path)
            time.sleep(0.05)
        raise KeyringUnreadable(path=path, why=Text("另一个进程创建到一半就停了", "its creation was cut short"))
