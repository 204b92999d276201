"""What one probe saw, put together as files and packed: as received, hashed, never run by anybody's browser."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from openbeian.documents.file_storage import FileStorage
from openbeian.documents.ports import DocumentStorage
from openbeian.observation.probing.json_form import to_json_form
from openbeian.observation.probing.record import Exchange, ProbeRecord
from openbeian.supervision.errors import EvidenceDamaged
from openbeian.supervision.models import EvidencePack

MANIFEST = "manifest.json"
_TEXT, _JSON, _BYTES = "text/plain", "application/json", "application/octet-stream"
# A ZIP's own clock has no time zone; the times stand in the manifest, so that the same files make the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a pack. `media_type` tells people what it is; it is always served as inert bytes. `charset` is how
    the page was read, so that it can be shown."""

    name: str
    media_type: str
    content: bytes
    charset: str = "utf-8"

    def describe(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "media_type": self.media_type,
            "charset": self.charset,
            "size_bytes": len(self.content),
            "sha256": hashlib.sha256(self.content).hexdigest(),
        }


@dataclass(frozen=True, slots=True)
class Packed:
    """A finished pack: the ZIP and what stands in it, the manifest last."""

    content: bytes
    items: tuple[dict[str, Any], ...]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def pack_evidence(record: ProbeRecord, picture: bytes | None = None) -> Packed:
    """Page as received, headers, DNS answers, certificate, the other readings and a picture if there is one.

    The manifest names the target, the times and the probe's version, and the SHA-256 of every other file.
    """
    items = list(_list_items(record, picture))
    manifest = {
        "target": to_json_form(record.target),
        "started_at": record.started_at.isoformat(),
        "finished_at": record.finished_at.isoformat(),
        "probe_version": record.probe_version,
        "checks": to_json_form(record.checks),
        "files": [item.describe() for item in items],
    }
    items.append(_as_json(MANIFEST, manifest))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in items:
            entry = zipfile.ZipInfo(item.name, _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, item.content)
    return Packed(out.getvalue(), tuple(item.describe() for item in items))


def _list_items(record: ProbeRecord, picture: bytes | None) -> Iterator[Item]:
    if record.page:
        yield Item("page-as-received.txt", _TEXT, record.page, record.charset or "utf-8")
    for name, exchange in (("http", record.http), ("https", record.https)):
        if exchange is not None:
            yield Item(f"headers-{name}.txt", _TEXT, _write_headers(exchange))
            yield _as_json(f"exchange-{name}.json", to_json_form(exchange))
    yield _as_json("dns.json", to_json_form(record.dns))
    yield _as_json("access.json", to_json_form(record.access))
    if record.certificate is not None:
        if record.certificate.der:
            yield Item("certificate.der", _BYTES, record.certificate.der)
        shown = record.without_page().certificate
        yield _as_json("certificate.json", to_json_form(shown))
    if record.registration is not None:
        yield _as_json("registration.json", to_json_form(record.registration))
    reading = {
        "title": record.title,
        "language": record.language,
        "charset": record.charset,
        "footer": to_json_form(record.footer),
        "words": to_json_form(record.words),
    }
    yield _as_json("reading.json", reading)
    if picture:
        yield Item("picture.png", "image/png", picture)


def _as_json(name: str, value: Any) -> Item:
    # An entry a line can be read by people, and is written ten times as fast as with an indent at every level.
    if isinstance(value, dict):
        lines = (f"{_write_json(key)}: {_write_json(value[key])}" for key in sorted(value))
        written = "{\n" + ",\n".join(f" {line}" for line in lines) + "\n}"
    else:
        written = _write_json(value)
    return Item(name, _JSON, written.encode("utf-8", "backslashreplace"))


def _write_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _write_headers(exchange: Exchange) -> bytes:
    lines = [f"{hop.status} {hop.url} [{hop.address}]" for hop in exchange.hops]
    lines += ["", *(f"{name}: {value}" for name, value in exchange.headers)]
    return "\n".join(lines).encode("utf-8", "surrogateescape")


@lru_cache(maxsize=2)
def _storage_at(folder: Path) -> FileStorage:
    return FileStorage(folder)


def get_evidence_storage() -> DocumentStorage:
    """Where packs lie: beside the documents, since documents' own sweeper knows nothing of them."""
    return _storage_at(Path(settings.HOME) / "evidence")


def read_pack(pack: EvidencePack) -> bytes:
    """The ZIP, found to be the one that was stored. Raises: EvidenceDamaged."""
    try:
        content = get_evidence_storage().get(pack.stored_name)
    except FileNotFoundError:
        raise EvidenceDamaged from None
    if hashlib.sha256(content).hexdigest() != pack.sha256:
        raise EvidenceDamaged
    return content


def read_item(pack: EvidencePack, number: int) -> tuple[dict[str, Any], bytes]:
    """One file of a pack by its place. Raises: EvidenceDamaged."""
    content = read_pack(pack)
    if not 0 <= number < len(pack.items):
        raise EvidenceDamaged
    described = pack.items[number]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = archive.read(described["name"])
    if hashlib.sha256(found).hexdigest() != described["sha256"]:
        raise EvidenceDamaged
    return described, found
