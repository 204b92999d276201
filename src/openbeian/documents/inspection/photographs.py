"""When a photograph was taken, as it says itself, before its metadata is thrown away."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta, timezone

from PIL import Image

from openbeian.kernel.clock import CHINA

_EXIF_BLOCK, _TAKEN, _OFFSET = 0x8769, 36867, 36881
_OFFSET_FORM = re.compile(r"([+-])(\d{2}):(\d{2})")


def read_taken_at(content: bytes) -> datetime | None:
    """DateTimeOriginal as an aware instant, in China time where the photograph names no zone; None without a usable one.

    Never raises: whatever a hostile file trips the parser over means that it tells no time.
    """
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "MPO", "PNG")) as picture:
            block = picture.getexif().get_ifd(_EXIF_BLOCK)
        told = datetime.strptime(str(block[_TAKEN]).strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except Exception:
        return None
    offset = _OFFSET_FORM.fullmatch(str(block.get(_OFFSET, "")).strip("\0 "))
    if offset is None:
        return told.replace(tzinfo=CHINA)
    away = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    if away >= timedelta(hours=24):
        return None
    return told.replace(tzinfo=timezone(away if offset[1] == "+" else -away))
