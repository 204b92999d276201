"""What goes into the pack of a case: its facts for everybody with the code, its form masked, its papers in order."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from openbeian.cases.models import Case
from openbeian.cases.queries import get_materials, get_procedure
from openbeian.cases.sheets import Sheet, lay_out
from openbeian.documents.decisions import EXTENSIONS, clean_name, describe_bytes
from openbeian.documents.errors import PackTooLarge
from openbeian.documents.extracts import Section
from openbeian.documents.models import Document, Paper
from openbeian.documents.paper import sign_measured
from openbeian.documents.papers import PaperContent
from openbeian.documents.queries import list_documents_of, read_content
from openbeian.documents.signatures import TRAILER_BYTES, measure, measure_bytes
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_name
from openbeian.registry.decisions import PERSONAL_NATURE

MOST_DOCUMENTS = 300
MOST_BYTES = 512 * 1024 * 1024
MANIFEST_FORMAT = "openbeian-pack-1"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Packed:
    """A document of the pack: its number, what it was handed in as, and its name in the ZIP."""

    document: Document
    heading: Text
    name: str


@dataclass(frozen=True, slots=True)
class PackPlan:
    """Everything a pack of this case would hold, before anything is read or set."""

    case: Case
    packed: tuple[Packed, ...]
    content: PaperContent
    further: tuple[Section, ...]


def plan_pack(case: Case) -> PackPlan:
    """Raises: PackTooLarge."""
    documents = list(list_documents_of("case", case.pk))
    size = sum(d.size_bytes for d in documents)
    if len(documents) > MOST_DOCUMENTS or size > MOST_BYTES:
        raise PackTooLarge(
            count=len(documents), size=describe_bytes(size), most=MOST_DOCUMENTS, limit=describe_bytes(MOST_BYTES)
        )
    sheet = lay_out(case)
    packed = tuple(_name_documents(case, sheet, documents))
    return PackPlan(case, packed, _describe_publicly(case, packed), _describe_form(sheet))


def _name_documents(case: Case, sheet: Sheet, documents: list[Document]) -> Iterator[Packed]:
    """In the order in which the procedure asks for them, what else was handed in last."""
    materials = get_materials(get_procedure(case.procedure).form)
    asked = {p.document.pk: place for place, p in enumerate(sheet.papers) if p.document}
    ordered = sorted(documents, key=lambda d: (asked.get(d.pk, len(asked)), d.pk))
    for number, document in enumerate(ordered, 1):
        known = materials.get(document.material)
        label = known.label if known else Text("其他材料", "Other paper")
        stem = clean_name(f"{label.zh}.{EXTENSIONS[document.media_type]}", document.media_type)
        heading = Text(f"{number:02} {label.zh}", f"{number:02} {label.en}")
        yield Packed(document, heading, f"papers/{number:02}-{stem}")


def _describe_publicly(case: Case, packed: tuple[Packed, ...]) -> PaperContent:
    """What the code opens for everybody: which case it is, and the hash of every paper in it."""
    procedure = get_procedure(case.procedure)
    sponsor = case.form.get("sponsor") or {}
    is_person = sponsor.get("nature") == PERSONAL_NATURE
    name = mask_name(case.title) if is_person else case.title
    facts = (
        (Text("办件号", "Reference"), case.reference),
        (Text("业务", "Procedure"), procedure.label),
        (Text("主体", "Sponsor"), name or "—"),
        (Text("状态", "State"), procedure.state(case.state).label),
        (Text("填写内容更新于", "Form as of"), f"{case.saved_at.astimezone(clock.CHINA):%Y-%m-%d %H:%M}"),
    )
    papers = tuple((p.heading, f"SHA-256 {p.document.sha256}") for p in packed)
    return PaperContent((Section(Text("办件", "Case"), facts), Section(Text("材料清单", "Papers"), papers)))


def _describe_form(sheet: Sheet) -> tuple[Section, ...]:
    return tuple(Section(g.label, tuple((r.label, r.new) for r in g.rows)) for g in sheet.groups if g.rows)


def write_zip(plan: PackPlan, paper: Paper, pdf: bytes, out: BinaryIO) -> None:
    """The pack as a signed ZIP: the PDF, every paper as it was handed in, and a signed manifest of their hashes.

    `out` is seekable and readable, and empty. Raises: DocumentDamaged.
    """
    at = paper.issued_at.astimezone(clock.CHINA).timetuple()[:6]
    entries: list[dict[str, Any]] = []
    # The comment is written as blanks and becomes the signature over all that stands before it.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as pack:
        pack.comment = b" " * TRAILER_BYTES

        def put(name: str, content: bytes, *, is_listed: bool = True) -> None:
            # Pictures and PDFs are compressed already; storing them costs the disk's time only.
            pack.writestr(zipfile.ZipInfo(name, at), content)
            if is_listed:
                measured = measure_bytes(content)
                entries.append({"name": name, "size_bytes": measured.size_bytes, "sha256": measured.sha256})

        put("pack.pdf", pdf)
        for one in plan.packed:
            put(one.name, read_content(one.document))
        manifest = _write_manifest(plan.case, paper, entries)
        put("manifest.json", manifest, is_listed=False)
        put("manifest.json.sig", sign_measured(paper, measure_bytes(manifest)).as_file(), is_listed=False)
    end = out.seek(0, 2) - TRAILER_BYTES
    out.seek(0)
    trailer = sign_measured(paper, measure(_read_up_to(out, end))).as_trailer()
    out.seek(end)
    out.write(trailer)


def _write_manifest(case: Case, paper: Paper, entries: list[dict[str, Any]]) -> bytes:
    told = {
        "format": MANIFEST_FORMAT,
        "reference": case.reference,
        "code": paper.code,
        "issued_at": paper.issued_at.isoformat(),
        "files": entries,
    }
    return json.dumps(told, ensure_ascii=False, indent=2).encode()


def _read_up_to(file: BinaryIO, end: int) -> Iterator[bytes]:
    while left := end - file.tell():
        yield file.read(min(_CHUNK_BYTES, left))
