"""Key files of this installation: JSON in the data folder, readable by its owner only, replaced in one step."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class KeyringUnreadable(OpenBeianError):
    """A key file is missing, damaged or open to others; nothing sealed or signed with it can be read or proved."""

    code: ClassVar[str] = "keyring_unreadable"
    message = Text(
        "密钥文件 {path} 无法使用：{why}。请从备份恢复该文件。",
        "The key file {path} cannot be used: {why}. Restore it from your backup.",
    )


def write_key_file(path: Path, document: dict[str, Any]) -> None:
    """Replaces the file in one step, so that a crash leaves the old keys or the new ones."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_suffix(f".{os.getpid()}.new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def read_key_file(path: Path) -> dict[str, Any]:
    """Raises: KeyringUnreadable."""
    try:
        if path.stat().st_mode & 0o077:
            raise KeyringUnreadable(path=path, why=Text("其他用户可以读取", "other users can read it"))
        document = json.loads(path.read_text())
    except (OSError, ValueError) as fault:
        raise KeyringUnreadable(path=path, why=str(fault)) from fault
    if not isinstance(document, dict):
        raise KeyringUnreadable(path=path, why=Text("内容不是密钥", "it does not hold keys"))
    return document


def generate_once(path: Path, generate: Callable[[], None]) -> None:
    """Makes the file at the very first start.

    Two processes starting at once agree, because only one of them can create it. Raises: KeyringUnreadable.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = path.with_suffix(".creating")
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        _wait_for(path)
        return
    try:
        if not path.exists():
            generate()
    finally:
        lock.unlink(missing_ok=True)


def _wait_for(path: Path) -> None:
    for _ in range(100):
        if path.exists():
            return
        time.sleep(0.05)
    raise KeyringUnreadable(path=path, why=Text("另一个进程创建到一半就停了", "its creation was cut short"))
