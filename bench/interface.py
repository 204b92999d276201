"""The authority's interface against its floor: `./openbeian bench interface [RECORDS]`.

Prints one JSON line: packing and unpacking as ratios to zlib and the cipher alone, and so many records packed, sent,
decided, downloaded and applied over loopback between this process and a simulated bureau in another.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from openbeian.authority import envelope
from openbeian.authority.envelope import Keys
from openbeian.authority.errors import AuthorityError, NotAnswered, OpenBeianError
from openbeian.authority.exchange import Exchange
from openbeian.authority.interface import get_interface
from openbeian.authority.messages.download import Download
from openbeian.authority.messages.filing import Access, Address, Certificate, Domain, Person, Range, Site, Subject
from openbeian.authority.messages.reader import Reading, read_upload
from openbeian.authority.messages.upload import FilingReports, NewFiling, Upload
from openbeian.authority.messages.writer import write
from openbeian.authority.ports import Parcel, Receipt
from openbeian.authority.profiles import Profile
from openbeian.authority.soap.client import AuthorityClient

PROVIDER = 110000000001
KEY = "0123456789abcdef"
KEYS = Keys(KEY.encode(), KEY.encode())
ROOT = Path(__file__).parents[1]
REPETITIONS = 5


def run(arguments: list[str]) -> None:
    """`arguments`: how many records travel (default 10,000), in files of 1,000."""
    records = int(arguments[0]) if arguments else 10_000
    print(json.dumps(measure_packing() | measure_exchange(records)))


def measure_packing() -> dict[str, float]:
    """One file of 1,000 records: our envelope against zlib, MD5, AES and Base64 on the same bytes."""
    document = make_upload(0, 1000)
    began = time.perf_counter()
    xml = write(document)
    written = time.perf_counter() - began
    began = time.perf_counter()
    read_upload(xml)
    read = time.perf_counter() - began
    sealed = envelope.seal(envelope.compress(xml, "a.xml"), KEYS, get_interface().upload)
    deflated = zlib.compress(xml)
    padded = deflated + b"\0" * (-len(deflated) % 16)
    encrypted = base64.b64encode(cipher().encryptor().update(padded))

    def pack() -> None:
        envelope.seal(envelope.compress(xml, "a.xml"), KEYS, get_interface().upload)

    def pack_floor() -> None:
        base64.b64encode(cipher().encryptor().update(zlib.compress(xml).ljust(len(padded), b"\0")))

    def unpack_floor() -> None:
        zlib.decompressobj().decompress(cipher().decryptor().update(base64.b64decode(encrypted)))

    return {
        "xml_bytes": len(xml),
        "written_records_per_s": round(1000 / written),
        "read_records_per_s": round(1000 / read),
        "packing_to_floor": round(measure(pack) / measure(pack_floor), 2),
        "unpacking_to_floor": round(
            measure(lambda: envelope.expand(envelope.unseal(sealed, KEYS))) / measure(unpack_floor), 2
        ),
        "aim_to_floor": 2.0,
    }


def measure(call: Callable[[], None] | Callable[[], object]) -> float:
    """The fastest of a few runs, in seconds."""
    fastest = float("inf")
    for _ in range(REPETITIONS):
        began = time.perf_counter()
        call()
        fastest = min(fastest, time.perf_counter() - began)
    return fastest


def cipher() -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES128(KEYS.key), modes.CBC(KEYS.offset))


class Folder:
    """An outbox and an inbox as files, so that memory holds one file at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.waiting: list[str] = []
        self.last = 0
        self.applied: set[str] = set()
        self.numbers = 0

    def put(self, name: str, archive: bytes) -> None:
        (self.folder / name).write_bytes(archive)
        self.waiting.append(name)

    def find_next(self) -> Parcel | None:
        return Parcel(self.waiting[0], (self.folder / self.waiting[0]).read_bytes()) if self.waiting else None

    def find_numbered(self, sequence: int) -> Parcel | None:
        return None

    def get_last_sequence(self) -> int:
        return self.last

    def assign(self, parcel: Parcel, sequence: int) -> Parcel:
        return parcel.numbered(sequence)

    def record_accepted(self, parcel: Parcel) -> None:
        self.waiting.pop(0)
        self.last = parcel.sequence or 0

    def record_refused(self, parcel: Parcel, refusal: AuthorityError) -> None:
        raise refusal

    def is_applied(self, receipt: Receipt) -> bool:
        return receipt.digest in self.applied

    def apply(self, receipt: Receipt, reading: Reading[Download]) -> None:
        self.applied.add(receipt.digest)
        news = reading.document.icp
        self.numbers += sum(1 for filing in (news.filings if news else ()) if filing.subject and filing.subject.number)

    def record_acknowledged(self, receipt: Receipt) -> None:
        """Nothing to keep: the folder is thrown away."""

    def set_aside(self, receipt: Receipt, refusal: OpenBeianError) -> None:
        raise refusal


def measure_exchange(records: int) -> dict[str, float]:
    """Seconds from the first record packed to the last number applied, and this process's peak memory."""
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(Path(place))
        port = find_free_port()
        bureau = start_bureau(port, Path(place))
        try:
            with AuthorityClient(Profile(f"http://127.0.0.1:{port}", PROVIDER, "demo", "demo", KEYS)) as client:
                wait_for(client)
                began = time.perf_counter()
                for start in range(0, records, 1000):
                    document = make_upload(start, min(1000, records - start))
                    folder.put(f"{start:09d}", envelope.compress(write(document), "a.xml"))
                packed = time.perf_counter()
                exchange = Exchange(client, folder, folder)
                while exchange.send_next().state == "accepted":
                    pass
                sent = time.perf_counter()
                while exchange.receive_next().state == "applied":
                    pass
                ended = time.perf_counter()
        finally:
            bureau.kill()
            bureau.wait()
    if folder.numbers != records:
        raise SystemExit(f"{folder.numbers} numbers came back for {records} records")
    return {
        "records": records,
        "packed_s": round(packed - began, 2),
        "sent_s": round(sent - packed, 2),
        "decided_downloaded_applied_s": round(ended - sent, 2),
        "records_per_s": round(records / (ended - began)),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def wait_for(client: AuthorityClient) -> None:
    for _ in range(200):
        try:
            client.query_previous()
        except NotAnswered:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the simulated bureau did not start")


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_bureau(port: int, folder: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "OPENBEIAN_ROOT": str(ROOT)}
    arguments = ["--port", str(port), "--provider-id", str(PROVIDER), "--user", "demo", "--password", "demo"]
    arguments += ["--aes-key", KEY, "--aes-offset", KEY, "--state", str(folder / "bureau.sqlite3")]
    command = [sys.executable, "-m", "openbeian.entrypoints.cli", "authority", "simulate", *arguments]
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def make_upload(start: int, count: int) -> Upload:
    filings = tuple(make_filing(number) for number in range(start + 1, start + count + 1))
    return Upload(icp=FilingReports(new_filings=filings, reporting_unit=PROVIDER))


def make_filing(number: int) -> NewFiling:
    person = Person(name="张三", office_phone="010-88886666", mobile="13800138000", email=f"p{number}@example.cn")
    address = IPv4Address(0xCB007100 + number % 0x10000)
    subject = Subject(
        own_id=number,
        name=f"北京示例{number}科技有限公司",
        nature=4,
        address=Address(province=110000, city=110100, county=110108, street=f"中关村大街{number}号"),
        certificate=Certificate(kind=1, number=f"91110108MA{number:08d}", registered_address="北京市海淀区"),
        person=person,
        reported_by_provider=True,
    )
    access = Access(
        own_id=number, server_places=(2,), modes=(5,), ranges=(Range(own_id=number, first=address, last=address),)
    )
    site = Site(
        own_id=number,
        name=f"示例网站{number}",
        contents=(8,),
        languages=(1,),
        domains=(Domain(own_id=number, name=f"example{number}.cn"),),
        accesses=(access,),
        person=person,
        home_page=f"www.example{number}.cn",
    )
    return NewFiling(subject=subject, sites=(site,))


if __name__ == "__main__":
    run(sys.argv[1:])
