"""Sets a template as PDF or PNG with one font on every machine, so that the same data makes the same bytes."""

from __future__ import annotations

import importlib.util
import json
import logging
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from openbeian.documents.errors import TypesettingUnavailable

log = logging.getLogger(__name__)
_FOLDER = Path(__file__).parent
_FAMILIES = frozenset({"Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Zen Hei"})
_lock = threading.Lock()


def typeset(template: str, given: dict[str, Any], *, as_png: bool = False) -> bytes:
    """`<template>.typ` of this folder, filled with the data it reads from its input `extract`: PDF, or PNG of page one.

    Raises: TypesettingUnavailable without a Chinese font.
    """
    inputs = {"extract": json.dumps(given, ensure_ascii=False)}
    # A compiler keeps its fonts between papers (100 ms saved) and serves one thread at a time.
    with _lock:
        compiler = _compiler()
        source = _FOLDER / f"{template}.typ"
        made = compiler.compile(source, format="png" if as_png else "pdf", ppi=144, sys_inputs=inputs, timestamp=0)
    return made[0] if isinstance(made, list) else made


@lru_cache(maxsize=1)
def _compiler() -> Any:
    import typst

    packaged = find_packaged_font()
    if packaged:
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(packaged)])
        return typst.Compiler(root=_FOLDER, font_paths=fonts)
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[])
    if not _FAMILIES & set(fonts.families()):
        raise TypesettingUnavailable
    log.warning("manimgx-fonts-cjk is absent; extracts are set in the system's Chinese font and differ by machine")
    return typst.Compiler(root=_FOLDER, font_paths=fonts)


def find_packaged_font() -> Path | None:
    """The folder of the font that comes with the locked requirements; None when it is not installed."""
    found = importlib.util.find_spec("manimgx_fonts_cjk")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(next(iter(found.submodule_search_locations)))
    return folder if any(folder.glob("*.ttc")) else None
