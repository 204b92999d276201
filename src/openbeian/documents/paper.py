"""An issued extract or paper as a signed file, in the words of the rulebook's code tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings

from openbeian.documents.decisions import EXTENSIONS
from openbeian.documents.extracts import Section, describe_paper
from openbeian.documents.models import Document, Extract, Paper
from openbeian.documents.papers import Attachment, PaperContent, describe_signed_paper
from openbeian.documents.queries import read_content
from openbeian.documents.signatures import Measure, Signature, sign, sign_pdf
from openbeian.documents.typst.typesetting import typeset, typeset_with_files
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.privacy.signing import SigningKeys
from openbeian.registry.lookup import KINDS, STANDINGS
from openbeian.rules.code_tables import load_code_tables

FILING_EXTRACT = "filing_extract"


def verification_address(base_url: str, code: str) -> str:
    """The public address an extract's QR code holds: `https://host/verify/CODE/`."""
    return f"{base_url.rstrip('/')}/verify/{code}/"


def get_signing_keys() -> SigningKeys:
    """The keys of this installation, read anew each time: a rotation holds from the next paper on."""
    return SigningKeys.read_or_generate(settings.SIGNING_KEYS_FILE)


def render_extract(extract: Extract, base_url: str, *, as_png: bool = False) -> bytes:
    """The extract as a signed PDF, or the picture of its first page; the same extract, address and key make the same
    bytes. Raises: TypesettingUnavailable.
    """
    address = verification_address(base_url, extract.code)
    issued = clock.legal_day(extract.issued_at).isoformat()
    made = typeset(describe_paper(extract.content, extract.code, address, issued, list_labels()), as_png=as_png)
    if as_png:
        return made
    return sign_pdf(made, FILING_EXTRACT, extract.code, extract.issued_at.isoformat(), get_signing_keys())


def render_paper(
    paper: Paper,
    base_url: str,
    *,
    further: Iterable[Section] = (),
    attached: Iterable[tuple[Document, Text]] = (),
) -> bytes:
    """The paper as a signed PDF: its frozen words and pictures, then what is not public: further sections, and whole
    documents under their headings.

    Raises: TypesettingUnavailable, PaperNotSet, DocumentDamaged.
    """
    content = PaperContent.read(paper.content)
    pictured = {p.document: p for p in content.pictures}
    stored = Document.objects.in_bulk(list(pictured))
    # In the paper's own order: photographs by item, signatures last.
    pictures = [stored[pk] for pk in pictured if pk in stored]
    documents = list(attached)
    given = describe_signed_paper(
        paper.kind,
        (*content.sections, *further),
        paper.code,
        verification_address(base_url, paper.code),
        clock.legal_day(paper.issued_at).isoformat(),
        pictures=[(_file_name(d), pictured[d.pk].caption) for d in pictures],
        attachments=[a for d, heading in documents for a in _list_pages(d, heading)],
    )
    files = [*pictures, *(d for d, _ in documents)]
    made = typeset_with_files(given, ((_file_name(d), read_content(d)) for d in files)) if files else typeset(given)
    return sign_pdf(made, paper.kind, paper.code, paper.issued_at.isoformat(), get_signing_keys())


def sign_measured(paper: Paper, measured: Measure) -> Signature:
    """The signature of a paper's file of another kind than PDF."""
    return sign(paper.kind, paper.code, paper.issued_at.isoformat(), measured, get_signing_keys())


def _file_name(document: Document) -> str:
    return f"{document.pk}.{EXTENSIONS[document.media_type]}"


def _list_pages(document: Document, heading: Text) -> Iterator[Attachment]:
    """One for a picture, one for each page of a PDF."""
    if document.pages is None:
        yield Attachment(_file_name(document), None, heading)
        return
    for page in range(1, document.pages + 1):
        of = Text(f"{heading.zh} · 第 {page}/{document.pages} 页", f"{heading.en} · page {page}/{document.pages}")
        yield Attachment(_file_name(document), page, of)


def list_labels() -> dict[str, Text]:
    """What natures, kinds of service and standings are called, for `extracts.list_sections`."""
    natures = {f"nature.{n.id}": n.label for n in load_code_tables().natures}
    kinds = {f"kind.{k}": label for k, label in KINDS.items()}
    return natures | kinds | {f"standing.{s}": label for s, label in STANDINGS.items()}
