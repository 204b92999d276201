"""Sheets that wait for their import: sealed files in the data folder, one organisation's each, gone after two days."""

from __future__ import annotations

import base64
import re
import secrets
from pathlib import Path

from django.conf import settings

from openbeian.kernel import clock
from openbeian.privacy.fields import get_sealer
from openbeian.privacy.sealing import SealBroken
from openbeian.registry.errors import UploadGone

KEPT_S = 48 * 3600
_PLACE = "portfolio_upload"
_NAME = re.compile(r"\d{1,18}-[0-9a-f]{32}")


def keep_upload(organisation_id: int, content: bytes) -> str:
    """Stores the file; its name, which nobody can guess, tells whose it is. Old files go on the way."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.stat().st_mtime < clock.now().timestamp() - KEPT_S:
            old.unlink(missing_ok=True)
    name = f"{organisation_id}-{secrets.token_hex(16)}"
    path = folder / name
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(get_sealer().seal(base64.b64encode(content).decode(), _PLACE))
    return name


def read_upload(organisation_id: int, name: str) -> bytes:
    """Raises: UploadGone, also for another organisation's file and for a key that is no longer there."""
    try:
        sealed = _path(organisation_id, name).read_text()
        return base64.b64decode(get_sealer().open(sealed, _PLACE))
    except (OSError, SealBroken) as gone:
        raise UploadGone from gone


def check_upload(organisation_id: int, name: str) -> None:
    """Raises: UploadGone unless the name is this organisation's and its file, or the job made of it, may still be there."""
    _path(organisation_id, name)


def forget_upload(organisation_id: int, name: str) -> None:
    _path(organisation_id, name).unlink(missing_ok=True)


def _path(organisation_id: int, name: str) -> Path:
    if not _NAME.fullmatch(name) or not name.startswith(f"{organisation_id}-"):
        raise UploadGone
    return _folder() / name


def _folder() -> Path:
    return Path(settings.HOME) / "imports"
