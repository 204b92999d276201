"""Runs the PDF inspection in a process of its own with bounded memory and time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from openbeian.documents.decisions import UploadLimits, refuse_upload

CPU_S = 10
WALL_S = 20
MEMORY_BYTES = 1 << 29
_PROGRAM = str(Path(__file__).with_name("pdf.py"))


def inspect_pdf_confined(content: bytes, limits: UploadLimits) -> int:
    """The number of pages of a harmless PDF. Raises: UploadRefused."""
    # Isolated (-I) and with an empty environment: it sees no settings, keys or data folder of ours.
    command = [sys.executable, "-I", _PROGRAM, str(limits.max_pages), str(MEMORY_BYTES), str(CPU_S)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=WALL_S, env={}, check=False)  # noqa: S603
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as wrong:
        raise refuse_upload("too_complex") from wrong
    if "reason" in answer:
        raise refuse_upload(answer.pop("reason"), **answer)
    pages: int = answer["pages"]
    return pages
