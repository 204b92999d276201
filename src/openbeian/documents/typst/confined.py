"""Sets a paper with files of other people in it, as a program of its own with bounded memory and time.

A document that passed inspection may still trip a reader of PDF; then its pages say so and the rest is set. Run by
typesetting.py; it reads one line of JSON and writes `paper.pdf` beside the template.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any


def set_paper(folder: Path, given: dict[str, Any], font_folder: str | None) -> list[str]:
    """Writes the PDF; returns the names of files that could not be set."""
    import typst

    fonts = typst.Fonts(
        include_system_fonts=font_folder is None,
        include_embedded_fonts=False,
        font_paths=[font_folder] if font_folder else [],
    )
    compiler = typst.Compiler(root=folder, font_paths=fonts)
    try:
        _compile(compiler, folder / "paper.typ", given, folder / "paper.pdf")
        return []
    except typst.TypstError:
        faulty = [name for name in {a["file"] for a in given["attachments"]} if not _can_be_set(compiler, folder, name)]
        if not faulty:
            raise
    shown = [{**a, "unset": a["unset"] or a["file"] in faulty} for a in given["attachments"]]
    _compile(compiler, folder / "paper.typ", {**given, "attachments": shown}, folder / "paper.pdf")
    return sorted(faulty)


def _compile(compiler: Any, source: Path | bytes, given: dict[str, Any], out: Path | None) -> None:
    inputs = {"paper": json.dumps(given, ensure_ascii=False)}
    made = compiler.compile(source, format="pdf", sys_inputs=inputs, timestamp=0)
    if out:
        out.write_bytes(made)


def _can_be_set(compiler: Any, folder: Path, name: str) -> bool:
    import typst

    probe = folder / "probe.typ"
    # Names of files are ours (digits and an extension), never the sender's.
    probe.write_text(f'#image("{name}", width: 10mm)')
    try:
        _compile(compiler, probe, {}, None)
    except typst.TypstError:
        return False
    return True


def main() -> None:
    """One order from standard input; one answer on standard output. A killed or silent program counts as a failure."""
    memory_bytes, cpu_s = map(int, sys.argv[1:3])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    order = json.load(sys.stdin)
    print(json.dumps({"faulty": set_paper(Path(order["folder"]), order["given"], order["font_folder"])}))


if __name__ == "__main__":
    main()
