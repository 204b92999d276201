"""An issued extract as a file, in the words of the rulebook's code tables."""

from __future__ import annotations

from openbeian.documents.extracts import describe_paper
from openbeian.documents.models import Extract
from openbeian.documents.typst.typesetting import typeset
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.registry.lookup import KINDS, STANDINGS
from openbeian.rules.code_tables import load_code_tables


def verification_address(base_url: str, code: str) -> str:
    """The public address an extract's QR code holds: `https://host/verify/CODE/`."""
    return f"{base_url.rstrip('/')}/verify/{code}/"


def render_extract(extract: Extract, base_url: str, *, as_png: bool = False) -> bytes:
    """The extract as PDF; the same extract and address make the same bytes. Raises: TypesettingUnavailable."""
    address = verification_address(base_url, extract.code)
    issued = clock.legal_day(extract.issued_at).isoformat()
    given = describe_paper(extract.content, extract.code, address, issued, list_labels())
    return typeset("extract", given, as_png=as_png)


def list_labels() -> dict[str, Text]:
    """What natures, kinds of service and standings are called, for `extracts.list_sections`."""
    natures = {f"nature.{n.id}": n.label for n in load_code_tables().natures}
    kinds = {f"kind.{k}": label for k, label in KINDS.items()}
    return natures | kinds | {f"standing.{s}": label for s, label in STANDINGS.items()}
