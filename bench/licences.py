"""How long the pack of a case with 50 documents takes, beside the typesetter alone on the same pages.

`./openbeian bench licences`; a database of its own in a temporary folder, fictional papers, both as whole processes.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any


def run(arguments: Sequence[str]) -> int:
    """Prints the seconds of each round and the ratio of their medians, as JSON. The ratio is to stay below two."""
    parser = argparse.ArgumentParser(prog="openbeian bench licences", description=__doc__)
    parser.add_argument("--documents", type=int, default=50, help="how many documents the case holds")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="openbeian-bench-") as name:
        os.environ["OPENBEIAN_HOME"] = name
        print(json.dumps(measure_packs(chosen.documents, chosen.rounds), ensure_ascii=False))
    return 0


def measure_packs(documents: int, rounds: int) -> dict[str, Any]:
    """`{documents, bytes, pages, pack_s, typesetter_s, ratio}`: medians over rounds that take turns."""
    _open_home()
    from pypdf import PdfReader

    from openbeian.cases.actions.build_pack import build_pack

    actor, case_id, size = _make_case(documents)
    packs, alone = [], []
    pages = 0
    for _ in range(rounds):
        with _kept_order() as order:
            out = io.BytesIO()
            start = time.perf_counter()
            build_pack(actor, case_id, "zip", "https://beian.example.cn", out)
            packs.append(time.perf_counter() - start)
            alone.append(_typeset_alone(order[0]))
            pages = len(PdfReader(order[0] / "paper.pdf").pages)
            shutil.rmtree(order[0])
    ratio = statistics.median(packs) / statistics.median(alone)
    return {
        "documents": documents,
        "bytes": size,
        "pages": pages,
        "pack_s": [round(s, 2) for s in packs],
        "typesetter_s": [round(s, 2) for s in alone],
        "ratio": round(ratio, 2),
        "load": os.getloadavg()[0],
    }


@contextmanager
def _kept_order() -> Iterator[list[Path]]:
    """Keeps what the typesetter was given: a copy of its folder with the data, made before it runs."""
    from openbeian.documents.typst import typesetting

    kept: list[Path] = []
    original = typesetting._run_confined

    def keep(order: dict[str, Any]) -> None:
        folder = Path(tempfile.mkdtemp(prefix="openbeian-bench-order-"))
        # Hard links cost nothing; the copy is not part of what is measured.
        shutil.copytree(order["folder"], folder, dirs_exist_ok=True, copy_function=os.link)
        (folder / "order.json").write_text(json.dumps(order["given"], ensure_ascii=False))
        kept.append(folder)
        original(order)

    typesetting._run_confined = keep
    try:
        yield kept
    finally:
        typesetting._run_confined = original


_ALONE = """
import sys, typst
from pathlib import Path
folder, font = Path(sys.argv[1]), sys.argv[2]
fonts = typst.Fonts(include_system_fonts=not font, include_embedded_fonts=False, font_paths=[font] if font else [])
compiler = typst.Compiler(root=folder, font_paths=fonts)
made = compiler.compile(folder / "paper.typ", sys_inputs={"paper": (folder / "order.json").read_text()}, timestamp=0)
(folder / "paper.pdf").write_bytes(made)
"""


def _typeset_alone(folder: Path) -> float:
    """Seconds of a process that does nothing but set the same pages from the same files."""
    from openbeian.documents.typst.typesetting import find_packaged_font

    start = time.perf_counter()
    command = [sys.executable, "-I", "-c", _ALONE, str(folder), str(find_packaged_font() or "")]
    subprocess.run(command, check=True)
    return time.perf_counter() - start


def _open_home() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "openbeian.settings"
    os.environ.pop("OPENBEIAN_DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _make_case(documents: int) -> tuple[Any, int, int]:
    """An applicant with a draft that holds so many documents, a fifth of them PDFs of two pages; and their bytes."""
    from openbeian.accounts.decisions import permissions_of
    from openbeian.accounts.models import Organisation
    from openbeian.cases.actions.start_case import start_case
    from openbeian.documents.actions.store_document import store_document
    from openbeian.documents.decisions import UploadLimits
    from openbeian.kernel import clock
    from openbeian.kernel.actor import Actor

    organisation = Organisation.objects.create(name="测量", kind="owner", created_at=clock.now())
    actor = Actor(
        None, "测量员", organisation.pk, "owner", frozenset({"applicant"}), permissions_of(["applicant"]), "cli"
    )
    case = start_case(actor, "first_filing")
    random = Random(1)
    size = 0
    for number in range(documents):
        content = _make_pdf() if number % 5 == 4 else _make_photograph(random)
        name = f"{secrets.token_hex(4)}.pdf"
        limits = UploadLimits(max_bytes=1 << 24)
        stored = store_document(actor, ("case", case.pk), material="other", name=name, content=content, limits=limits)
        size += stored.size_bytes
    return actor, case.pk, size


def _make_photograph(random: Random) -> bytes:
    from PIL import Image

    grain = Image.frombytes("RGB", (320, 240), random.randbytes(320 * 240 * 3))
    out = io.BytesIO()
    grain.resize((1600, 1200)).save(out, "JPEG", quality=85)
    return out.getvalue()


def _make_pdf() -> bytes:
    from openbeian.documents.extracts import describe_paper
    from openbeian.documents.typst.typesetting import typeset

    services = [
        {"name": f"服务{n}", "number": f"{n}", "kind": "website", "domains": ["example.cn"], "providers": [],
         "granted_on": "2026-03-02", "standing": "active"}
        for n in range(8)
    ]  # fmt: skip
    sponsor = {"name": "北京示例", "number": "京ICP备2026000001号", "nature": "enterprise", "granted_on": "2026-03-02", "standing": "active"}  # fmt: skip
    return typeset(describe_paper({"sponsor": sponsor, "services": services}, "X", "https://example.cn", "2026", {}))
