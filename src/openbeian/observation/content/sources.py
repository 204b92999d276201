"""Bounded reading of what a person names on the command line: a file, or `-` for standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from openbeian.observation.content.errors import ContentTooLarge, ContentUnreadable


def read_source(name: str, *, limit_bytes: int) -> bytes:
    """The bytes of a file or of standard input.

    Raises: ContentUnreadable when it cannot be opened; ContentTooLarge above the limit, without reading on.
    """
    try:
        if name == "-":
            content = sys.stdin.buffer.read(limit_bytes + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(limit_bytes + 1)
    except (OSError, ValueError) as fault:
        raise ContentUnreadable(name=name) from fault
    if len(content) > limit_bytes:
        raise ContentTooLarge(limit=limit_bytes)
    return content
