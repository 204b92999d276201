"""A paper as the interface takes it: a JPEG or PNG within the allowed bytes, made smaller where it must be."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

JPEG, PNG = 1, 2
"""Attachment formats on the wire (Fjwjgs); confidence low, an administration's own table decides."""

PURPOSES = {
    "sponsor_certificate": 2,
    "sponsor_person_certificate": 3,
    "service_person_certificate": 4,
    "person_verification": 5,
}
"""Our papers by what they are for on the wire (Fjyt); those not named have no purpose there and stay here."""

_QUALITIES = (85, 70, 55, 40)
_SMALLEST_PX = 200


def fit_picture(
    content: bytes, media_type: str, most_bytes: int, *, only_jpeg: bool = False
) -> tuple[int, bytes] | None:
    """Format and bytes of a picture within `most_bytes`; None for what is no picture or cannot be made small enough."""
    formats = {"image/jpeg": JPEG, "image/png": PNG}
    if media_type not in formats:
        return None
    if len(content) <= most_bytes and not (only_jpeg and formats[media_type] != JPEG):
        return formats[media_type], content
    try:
        with Image.open(io.BytesIO(content)) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    while min(picture.size) >= _SMALLEST_PX:
        for quality in _QUALITIES:
            written = io.BytesIO()
            picture.save(written, "JPEG", quality=quality, optimize=True)
            if written.tell() <= most_bytes:
                return JPEG, written.getvalue()
        picture = picture.resize((picture.width * 3 // 4, picture.height * 3 // 4))
    return None
