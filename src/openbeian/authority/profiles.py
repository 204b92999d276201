"""Connection profiles: where an administration listens and what account it issued, each in a file only its owner reads."""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from openbeian.authority.envelope import Keys
from openbeian.authority.errors import ProfileMissing, ProfileUnsafe
from openbeian.authority.interface import Algorithms, get_interface
from openbeian.kernel.text import Text

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Profile:
    """One account at one administration. Secrets stay out of its repr, and so out of logs and tracebacks."""

    url: str
    provider_id: int
    user: str
    password: str = field(repr=False)
    keys: Keys = field(repr=False)
    upload: Algorithms = field(default_factory=lambda: get_interface().upload)


def find_profile_folder() -> Path:
    """The folder of the profiles under the installation's data folder."""
    home = os.environ.get("OPENBEIAN_HOME")
    return Path(home or "data") / "authority" / "profiles"


def save_profile(name: str, profile: Profile) -> Path:
    """Writes a profile so that only its owner may read it, replacing one of the same name in one step."""
    path = _locate(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    entry = {
        "url": profile.url,
        "provider_id": profile.provider_id,
        "user": profile.user,
        "password": profile.password,
        "aes_key": profile.keys.key.decode("ascii"),
        "aes_offset": profile.keys.offset.decode("ascii"),
        "encryption": profile.upload.encryption,
    }
    _check(entry)
    waiting = path.with_suffix(".new")
    waiting.unlink(missing_ok=True)
    descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(entry, stream, ensure_ascii=False, indent=1)
    waiting.replace(path)
    return path


def get_profile(name: str) -> Profile:
    """A profile by name.

    Raises: ProfileMissing; ProfileUnsafe when others may read the file or its content is not a profile.
    """
    path = _locate(name)
    if not path.is_file():
        raise ProfileMissing(name=name)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        reason = Text("其他用户可以读取该文件，请执行 chmod 600", "others may read the file; run chmod 600 on it")
        raise ProfileUnsafe(reason=reason)
    try:
        return _check(json.loads(path.read_text(encoding="utf-8")))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ProfileUnsafe(reason=Text("文件内容不是 JSON", "the file is not JSON")) from error


def _check(entry: object) -> Profile:
    if not isinstance(entry, dict):
        raise ProfileUnsafe(reason=Text("文件内容不是连接档案", "the file is not a connection profile"))
    try:
        profile = Profile(
            url=str(entry["url"]).rstrip("/"),
            provider_id=int(entry["provider_id"]),
            user=str(entry["user"]),
            password=str(entry["password"]),
            keys=Keys(str(entry["aes_key"]).encode("ascii"), str(entry["aes_offset"]).encode("ascii")),
            upload=Algorithms(int(entry.get("encryption", get_interface().upload.encryption)), 0, 0),
        )
        (profile.user + profile.password).encode("gbk")
    except (KeyError, TypeError, ValueError) as error:
        reason = Text(
            "缺少字段或取值不对：密钥与偏移量各 16 个 ASCII 字符，单位编号为数字，口令须为 GBK 字符",
            "a field is missing or wrong: key and offset have 16 ASCII characters each, the provider's number is a "
            "number, the password stays within GBK",
        )
        raise ProfileUnsafe(reason=reason) from error
    address = urlsplit(profile.url)
    if address.scheme not in {"http", "https"} or not address.hostname or address.username or address.query:
        raise ProfileUnsafe(reason=Text("地址应形如 http://主机:端口", "the address must look like http://host:port"))
    return profile


def _locate(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ProfileMissing(name=name)
    return find_profile_folder() / f"{name}.json"
