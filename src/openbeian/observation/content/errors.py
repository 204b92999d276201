"""Refusals of the content readers: too large, or a rulebook file that cannot be used."""

from __future__ import annotations

from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class ContentTooLarge(OpenBeianError):
    """The input exceeds the limit; a part of it is not read, since a footer stands at the end."""

    code = "content_too_large"
    status = 413
    message = Text(
        "内容超过 {limit} 字节的上限，没有读取。请只保存页面本身（不含内嵌图片和视频）后重试。",
        "The input exceeds {limit} bytes and was not read. Save the page alone, without embedded media, and try again.",
    )


class ContentUnreadable(OpenBeianError):
    """A file that cannot be opened."""

    code = "content_unreadable"
    message = Text(
        "无法读取 {name}。请检查文件名和权限，或用 - 从标准输入读取。",
        "Cannot read {name}. Check its name and permissions, or use - to read standard input.",
    )


class ContentRulebookInvalid(OpenBeianError):
    """A rulebook file of this package is absent or not in the expected shape."""

    code = "content_rulebook_invalid"
    status = 500
    message = Text(
        "规则文件 {name} 缺失或不合要求：{reason}。请恢复随程序发布的版本，或按说明改正后重试。",
        "Rulebook file {name} is absent or malformed: {reason}. Restore the shipped version or correct it, then retry.",
    )
