"""Sets a template as PDF or PNG with one font on every machine, so that the same data makes the same bytes."""

from __future__ import annotations

import importlib.util
import json
import logging
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from openbeian.documents.errors import PaperNotSet, TypesettingUnavailable

log = logging.getLogger(__name__)
_FOLDER = Path(__file__).parent
_PROGRAM = str(Path(__file__).with_name("confined.py"))
_FAMILIES = frozenset({"Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Zen Hei"})
_lock = threading.Lock()

CPU_S = 120
WALL_S = 180
MEMORY_BYTES = 3 << 30


def typeset(given: dict[str, Any], *, as_png: bool = False) -> bytes:
    """`paper.typ` of this folder, filled with the data of a paper: PDF, or PNG of page one.

    Raises: TypesettingUnavailable without a Chinese font.
    """
    inputs = {"paper": json.dumps(given, ensure_ascii=False)}
    # A compiler keeps its fonts between papers (100 ms saved) and serves one thread at a time.
    with _lock:
        compiler = _compiler()
        source = _FOLDER / "paper.typ"
        made = compiler.compile(source, format="png" if as_png else "pdf", ppi=144, sys_inputs=inputs, timestamp=0)
    return made[0] if isinstance(made, list) else made


def typeset_with_files(given: dict[str, Any], files: Iterable[tuple[str, bytes]]) -> bytes:
    """The same with pictures and documents in it, each named as `given` names it; in a process of its own.

    The files are taken one by one, so that only one of them lies in memory here.

    Raises: TypesettingUnavailable, and PaperNotSet when the files ask for more time or memory than a paper may.
    """
    packaged = find_packaged_font()
    if packaged is None:
        _compiler()  # refuses where no Chinese font is at hand
    with tempfile.TemporaryDirectory(prefix="openbeian-paper-") as name:
        folder = Path(name)
        shutil.copy(_FOLDER / "paper.typ", folder)
        for file, content in files:
            (folder / file).write_bytes(content)
        order = {"folder": name, "given": given, "font_folder": str(packaged) if packaged else None}
        _run_confined(order)
        return (folder / "paper.pdf").read_bytes()


def _run_confined(order: dict[str, Any]) -> None:
    # Isolated (-I) and with an empty environment: it sees no settings, keys or data folder of ours.
    command = [sys.executable, "-I", _PROGRAM, str(MEMORY_BYTES), str(CPU_S)]
    spoken = json.dumps(order, ensure_ascii=False).encode()
    try:
        done = subprocess.run(command, input=spoken, capture_output=True, timeout=WALL_S, env={}, check=False)  # noqa: S603
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired as wrong:
        raise PaperNotSet from wrong
    except ValueError as wrong:
        log.warning("a paper could not be set: %s", done.stderr[-2000:].decode(errors="replace"))
        raise PaperNotSet from wrong
    if answer["faulty"]:
        log.info("documents left out of a paper: %s", answer["faulty"])


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
