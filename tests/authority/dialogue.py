"""How tests speak with a bureau without a network: calls, uploads, downloads, and a filing on record."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from tests.authority.bureau import KEYS
from tests.authority.samples import PROVIDER, make_filing, make_upload

from openbeian.authority import envelope
from openbeian.authority.interface import ACKNOWLEDGE, DOWNLOAD, UPLOAD, Algorithms
from openbeian.authority.messages.download import Download
from openbeian.authority.messages.reader import read_download
from openbeian.authority.messages.upload import (
    FilingReports,
    Upload,
)
from openbeian.authority.messages.writer import write
from openbeian.authority.simulator.bureau import Bureau
from openbeian.authority.soap.calls import Call
from openbeian.authority.soap.returns import Return

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
AES = Algorithms(encryption=1, hash=0, compression=0)


def call(bureau: Bureau, method: str, **changes: Any) -> Return:
    random_value = changes.pop("randVal", None) or envelope.make_random_value()
    parameters = {
        "ispId": str(PROVIDER),
        "userName": "demo",
        "randVal": random_value,
        "pwdHash": envelope.hash_password("demo-password", random_value),
        "hashAlgorithm": "0",
    }
    return bureau.answer(Call(method, parameters | {name: str(value) for name, value in changes.items()}))


def send(bureau: Bureau, archive: bytes, sequence: int | None = None, **changes: Any) -> Return:
    sealed = envelope.seal(archive, KEYS, AES)
    number = sequence if sequence is not None else bureau.store.get_last_sequence() + 1
    values = {
        "beianInfo": sealed.content,
        "beianInfoHash": sealed.digest,
        "dataSequence": number,
        "encryptAlgorithm": 1,
        "compressionFormat": 0,
    }
    return call(bureau, UPLOAD, **(values | changes))


def pack(upload: Upload) -> bytes:
    return envelope.compress(write(upload), "beianinfo.xml")


def fetch_all(bureau: Bureau) -> list[Download]:
    """Downloads and acknowledges until nothing waits."""
    documents = []
    while (file := call(bureau, DOWNLOAD).file) is not None:
        opened = envelope.expand(envelope.unseal(file.sealed, KEYS))
        assert opened.file_name == file.name
        reading = read_download(opened.xml)
        assert reading.deviations == ()
        documents.append(reading.document)
        assert call(bureau, ACKNOWLEDGE, fileName=file.name).code == 0
    return documents


def acknowledge_all(bureau: Bureau) -> None:
    fetch_all(bureau)


def report(bureau: Bureau, upload: Upload) -> tuple[list[int], list[Download]]:
    """Uploads, and gives the codes of all results with the downloads."""
    assert send(bureau, pack(upload)).code == 0
    documents = fetch_all(bureau)
    results = [
        r for d in documents for r in (*(d.icp.results if d.icp else ()), *(d.domains.results if d.domains else ()))
    ]
    for document in documents:
        if document.ip:
            results += [*document.ip.source_results, *document.ip.allocation_results]  # type: ignore[list-item]
    return [finding.code or 0 for result in results for finding in result.findings], documents


def icp(**reports: Any) -> Upload:
    return Upload(icp=FilingReports(**reports, reporting_unit=PROVIDER))


def publish(bureau: Bureau, number: int = 1) -> tuple[Any, str]:
    """A filing on record and its password's digest."""
    codes, documents = report(bureau, make_upload(make_filing(number)))
    assert codes == [1001]
    filing = next(d.icp.filings[0] for d in documents if d.icp and d.icp.filings)
    held = bureau.library.find("own_subject", number)
    assert held is not None
    return filing, hashlib.md5(held.password.encode()).hexdigest()
