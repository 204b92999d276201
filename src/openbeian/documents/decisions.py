"""What an upload may be: its kinds, its bounds, and how each refusal reads. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from openbeian.documents.errors import UploadRefused
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text

PNG, JPEG, PDF = "image/png", "image/jpeg", "application/pdf"
EXTENSIONS = {PNG: "png", JPEG: "jpg", PDF: "pdf"}
FORMATS = {"png": PNG, "jpeg": JPEG, "jpg": JPEG, "pdf": PDF}
"""The rulebook's words for formats, and the media types they stand for."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How large an upload may be. `max_bytes` is the rule `filing.upload.max_bytes`; the rest guards this machine.

    min_side_px: the material's own demand on the shorter side of a picture; 0 for none.
    media_types: what the material takes; all three kinds unless it says less.
    """

    max_bytes: int
    max_pixels: int = 40_000_000
    max_side_px: int = 12_000
    min_side_px: int = 0
    max_pages: int = 60
    media_types: tuple[str, ...] = (PNG, JPEG, PDF)


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file found to be what it claims: the bytes to keep, and their measure (pixels or pages)."""

    media_type: str
    content: bytes
    width_px: int | None = None
    height_px: int | None = None
    pages: int | None = None


def sniff_media_type(content: bytes) -> str | None:
    """The kind of file by its first bytes; its name says nothing."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    return PDF if content.startswith(b"%PDF-") else None


_REFUSALS: dict[str, tuple[Text, Text]] = {
    "empty": (
        Text("文件是空的（0 字节）。", "The file is empty (0 bytes)."),
        Text("请确认文件能打开后重新选择。", "Check that it opens, then choose it again."),
    ),
    "too_large": (
        Text("文件超过 {limit}。", "The file is larger than {limit}."),
        Text("请压缩或降低分辨率后再上传。", "Compress it or lower its resolution, then upload it again."),
    ),
    "type": (
        Text("文件内容不是可接受的格式（不看文件名）。", "The content is not of an accepted format, whatever its name."),
        Text("请上传 {formats}。", "Upload {formats}."),
    ),
    "damaged": (
        Text("文件已损坏或不完整，无法读取。", "The file is damaged or incomplete and cannot be read."),
        Text("请重新导出或重新拍照后上传。", "Export or photograph it again, then upload it."),
    ),
    "pixels": (
        Text("图片尺寸过大（{width}×{height} 像素）。", "The picture is too large ({width}×{height} pixels)."),
        Text("请缩小到长边 {limit} 像素以内。", "Shrink its longer side to {limit} pixels or less."),
    ),
    "too_small": (
        Text("图片太小（{width}×{height} 像素），看不清。", "The picture is too small ({width}×{height} pixels) to read."),
        Text("请上传短边不少于 {limit} 像素的原图。", "Upload the original, at least {limit} pixels on the shorter side."),
    ),
    "animated": (
        Text("不接受动画图片。", "An animated picture is not accepted."),
        Text("请上传单张静态图片。", "Upload a single still picture."),
    ),
    "encrypted": (
        Text("PDF 已加密或设有密码。", "The PDF is encrypted or has a password."),
        Text("请去除密码后另存，再上传。", "Save it without a password, then upload it."),
    ),
    "active": (
        Text("PDF 含有脚本、动作或表单程序。", "The PDF holds scripts, actions or form programs."),
        Text("请用“打印为 PDF”另存一份纯文档后上传。", "Use “print to PDF” to save a plain copy, then upload that."),
    ),
    "embedded": (
        Text("PDF 里夹带了其他文件或媒体。", "The PDF carries other files or media inside."),
        Text("请用“打印为 PDF”另存一份纯文档后上传。", "Use “print to PDF” to save a plain copy, then upload that."),
    ),
    "pages": (
        Text("PDF 共 {pages} 页，超过 {limit} 页。", "The PDF has {pages} pages, more than {limit}."),
        Text("请只上传需要的页。", "Upload only the pages that are needed."),
    ),
    "too_complex": (
        Text("PDF 过于复杂，未能在限定时间和内存内检查完。", "The PDF is too complex to check within bounded time and memory."),
        Text("请用“打印为 PDF”另存一份后上传。", "Use “print to PDF” to save a plain copy, then upload that."),
    ),
}  # fmt: skip


def refuse_upload(reason: str, field: str = "file", **places: object) -> UploadRefused:
    """The refusal for a reason of the table above, placed at a field of the form."""
    message, fix = _REFUSALS[reason]
    fault = Fault(field, message.format(**places), fix.format(**places), f"upload.{reason}")
    return UploadRefused(message.format(**places), faults=[fault])


def check_size(content: bytes, limits: UploadLimits) -> None:
    """Raises: UploadRefused when there is nothing or too much."""
    if not content:
        raise refuse_upload("empty")
    if len(content) > limits.max_bytes:
        raise refuse_upload("too_large", limit=describe_bytes(limits.max_bytes))


def check_type(content: bytes, limits: UploadLimits) -> str:
    """The media type of an acceptable file. Raises: UploadRefused."""
    media_type = sniff_media_type(content)
    if media_type not in limits.media_types:
        names = [{"jpg": "JPG"}.get(e, e.upper()) for t, e in EXTENSIONS.items() if t in limits.media_types]
        raise refuse_upload("type", formats=Text("、".join(names), " or ".join(names)))
    return media_type


def describe_bytes(count: int) -> str:
    """4 MB, 100 KB."""
    megabytes = count / 1024 / 1024
    return f"{megabytes:.3g} MB" if megabytes >= 1 else f"{count / 1024:.3g} KB"


_FORBIDDEN_IN_NAMES = re.compile(r'[\\/:*?"<>|\s]+')


def clean_name(name: str, media_type: str) -> str:
    """A name fit to show and to offer for download: no path, no control or direction marks, the true extension."""
    last = re.split(r"[\\/]", name[-1000:])[-1]
    visible = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    stem = visible.rpartition(".")[0] or visible
    stem = _FORBIDDEN_IN_NAMES.sub(" ", stem).strip(" .")[:120]
    return f"{stem or 'document'}.{EXTENSIONS[media_type]}"
