"""Photographs and signatures as devices send them: whole, with a time, stored as harmless copies."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from openbeian.documents.decisions import JPEG, PNG, UploadLimits
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.supervision.inspections.errors import PictureUnfit, fault
from openbeian.supervision.inspections.sending import read_moment

PHOTO_LIMITS = UploadLimits(max_bytes=12 * 1024 * 1024, media_types=(JPEG, PNG))
SIGNATURE_LIMITS = UploadLimits(max_bytes=512 * 1024, max_side_px=2400, media_types=(PNG,))
EVIDENCE_LIMITS = UploadLimits(max_bytes=12 * 1024 * 1024)
MOST_PICTURES = 300


def check_whole(content: bytes, told_sha256: Any, faults: list[Fault]) -> str:
    """The hash of the bytes, which must be the one that the device took before it sent them."""
    digest = hashlib.sha256(content).hexdigest()
    if digest != str(told_sha256).lower():
        message = Text("文件在途中损坏或不完整。", "The file was damaged or cut short on its way.")
        faults.append(fault("sha256", "hash", message, Text("会自动重新发送。", "It is sent again by itself."), digest))
    return digest


def read_typed_time(value: Any, faults: list[Fault]) -> datetime | None:
    """The time that the inspector typed, if any."""
    return read_moment(value, "taken_at", faults) if value else None


def refuse_without_time() -> PictureUnfit:
    """A photograph that bears no time, and nobody typed one; or one that lies ahead."""
    message = Text("照片没有拍摄时间，或时间在将来。", "The photograph has no time, or one that lies ahead.")
    fix = Text(
        "请填写拍摄时间，或用手机相机直接拍照后再传。",
        "Type when it was taken, or take it anew with the phone's camera.",
    )
    return PictureUnfit(faults=[fault("taken_at", "photo_time", message, fix)])


def refuse_taken_id() -> PictureUnfit:
    message = Text("编号已用于另一份记录。", "The identifier belongs to something else.")
    return PictureUnfit(faults=[fault("uuid", "uuid", message, Text("请重新拍照。", "Take it again."))])


def refuse_too_many() -> PictureUnfit:
    message = Text(f"照片超过 {MOST_PICTURES} 张。", f"There are over {MOST_PICTURES} pictures.")
    return PictureUnfit(faults=[fault("file", "pictures", message, Text("请只拍需要的。", "Take only those needed."))])
