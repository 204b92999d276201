"""Pictures: bounds read from the header before a pixel is decoded, then encoded anew without metadata."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, PngImagePlugin

from openbeian.documents.decisions import JPEG, PNG, Inspected, UploadLimits, refuse_upload, sniff_media_type
from openbeian.kernel.errors import OpenBeianError

# Our own bound is asked before anything is decoded; Pillow's would warn below twice its size and hide the figures.
Image.MAX_IMAGE_PIXELS = None
PngImagePlugin.MAX_TEXT_MEMORY = 1 << 20
_QUALITIES = (92, 85, 75)


def inspect_picture(content: bytes, limits: UploadLimits) -> Inspected:
    """A JPEG or PNG as a fresh file: upright, RGB or grey, without EXIF, profiles, comments or trailing bytes.

    Raises: UploadRefused.
    """
    media_type = sniff_media_type(content) or ""
    try:
        return _read(content, media_type, limits)
    except OpenBeianError:
        raise
    except Exception as wrong:
        # Pillow answers a broken file with whatever its parser trips over, from OSError to ZeroDivisionError.
        raise refuse_upload("damaged") from wrong


def _read(content: bytes, media_type: str, limits: UploadLimits) -> Inspected:
    # MPO is what many phones write: a JPEG with a second picture after it, of which only the first is kept.
    formats = ("PNG",) if media_type == PNG else ("JPEG", "MPO")
    with Image.open(io.BytesIO(content), formats=formats) as picture:
        width, height = picture.size
        if max(width, height) > limits.max_side_px or width * height > limits.max_pixels:
            raise refuse_upload("pixels", width=width, height=height, limit=limits.max_side_px)
        if min(width, height) < limits.min_side_px:
            raise refuse_upload("too_small", width=width, height=height, limit=limits.min_side_px)
        if media_type == PNG and getattr(picture, "is_animated", False):
            raise refuse_upload("animated")
        picture.load()
        plain = _plain(ImageOps.exif_transpose(picture))
    encoded = _encode(plain, media_type, limits)
    return Inspected(media_type, encoded, width_px=plain.width, height_px=plain.height)


def _plain(picture: Image.Image) -> Image.Image:
    """Only pixels: a fresh image in a mode that every browser shows."""
    has_alpha = picture.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in picture.info
    mode = "RGBA" if has_alpha else "L" if picture.mode in {"1", "L"} else "RGB"
    if picture.mode.startswith("I"):
        # 16-bit grey: converting clips, so scale first.
        picture, mode = picture.convert("I").point(lambda v: v / 257).convert("L"), "L"
    converted = picture.convert(mode)
    bare = Image.new(converted.mode, converted.size)
    bare.paste(converted)
    return bare


def _encode(picture: Image.Image, media_type: str, limits: UploadLimits) -> bytes:
    if media_type == JPEG:
        for quality in _QUALITIES:
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=quality, subsampling="4:4:4")
            if buffer.tell() <= limits.max_bytes:
                break
        return buffer.getvalue()
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
