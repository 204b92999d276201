"""The authority's interface against its floor: `./openbeian bench interface [RECORDS]`.

Prints one JSON line: packing and unpacking as ratios to zlib and the cipher alone, and so many records packed, sent,
decided, downloaded and applied over loopback between the product's outbox in a database and a simulated bureau in
another process. On SQLite in a folder of its own, or on the empty PostgreSQL database that OPENBEIAN_DATABASE_URL names.
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

from bench.world import open_home
from openbeian.authority import envelope
from openbeian.authority.envelope import Keys
from openbeian.authority.errors import NotAnswered
from openbeian.authority.interface import get_interface
from openbeian.authority.messages.filing import Access, Address, Certificate, Domain, Person, Range, Site, Subject
from openbeian.authority.messages.reader import read_upload
from openbeian.authority.messages.upload import FilingReports, NewFiling, Upload
from openbeian.authority.messages.writer import write
from openbeian.authority.profiles import Profile
from openbeian.authority.soap.client import AuthorityClient
from openbeian.kernel.actor import Actor

PROVIDER = 110000000001
KEY = "0123456789abcdef"
KEYS = Keys(KEY.encode(), KEY.encode())
ROOT = Path(__file__).parents[1]
REPETITIONS = 5
FILE_RECORDS = 1000


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


def measure_exchange(records: int) -> dict[str, object]:
    """The product's outbox: reports written, then packed, sent, decided, downloaded and applied in rounds of the worker.

    The reports come from prepared files, as a provider's person hands them in; no case of ours hangs on them. The
    peaks show that memory is bounded by one file: it is read after two files, and after all.
    """
    with tempfile.TemporaryDirectory(prefix="openbeian-bench-") as home:
        open_home(Path(home))
        os.environ["OPENBEIAN_AUTHORITY_HOSTS"] = "127.0.0.1"
        port = find_free_port()
        connection_id = make_account(port)
        bureau = start_bureau(port, Path(home))
        try:
            with AuthorityClient(Profile(f"http://127.0.0.1:{port}", PROVIDER, "demo", "demo", KEYS)) as client:
                wait_for(client)
            return exchange_all(connection_id, records)
        finally:
            bureau.kill()
            bureau.wait()


def make_account(port: int) -> int:
    """An empty installation with one provider and its connection; returns the connection's number."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from openbeian.accounts.models import Organisation
    from openbeian.authority.models import Connection
    from openbeian.kernel import clock
    from openbeian.registry.models import Provider

    company = Organisation.objects.create(name="示例接入公司", kind="access_provider", created_at=clock.now())
    provider = Provider.objects.create(name="示例接入公司", kind="access_provider", organisation=company)
    connection = Connection.objects.create(
        provider=provider, province="京", url=f"http://127.0.0.1:{port}", provider_number=PROVIDER,
        user="demo", password="demo", aes_key=KEY, aes_offset=KEY, created_at=clock.now(),
    )  # fmt: skip
    return int(connection.pk)


def exchange_all(connection_id: int, records: int) -> dict[str, object]:
    from django.db import connection as database

    from openbeian.authority.models import Connection, Report
    from openbeian.kernel.actor import Actor

    company = Connection.objects.get(pk=connection_id).provider.organisation_id
    rights = frozenset({"interface.read", "case.review"})
    actor = Actor(None, "bench", company, "access_provider", frozenset(), rights, "cli")
    first = min(records, 2 * FILE_RECORDS)
    written, moved = work(actor, connection_id, 0, first)
    early = measure_peak_mb()
    more_written, more_moved = work(actor, connection_id, first, records)
    done = Report.objects.filter(state=Report.State.DONE).count()
    if done != records:
        raise SystemExit(f"{done} of {records} reports were answered")
    seconds = moved + more_moved
    return {
        "database": database.vendor,
        "records": records,
        "written_s": round(written + more_written, 2),
        "packed_sent_decided_downloaded_applied_s": round(seconds, 2),
        "records_per_s": round(records / seconds),
        "peak_memory_after_two_files_mb": early,
        "peak_memory_mb": measure_peak_mb(),
    }


def work(actor: Actor, connection_id: int, start: int, end: int) -> tuple[float, float]:
    """Seconds to write the reports with these numbers, and seconds until all of them are answered."""
    from openbeian.authority.actions.exchange_files import exchange_files
    from openbeian.authority.actions.queue_upload import queue_upload
    from openbeian.authority.models import Connection

    began = time.perf_counter()
    for number in range(start, end, FILE_RECORDS):
        queue_upload(actor, connection_id, write(make_upload(number, min(FILE_RECORDS, end - number))))
    written = time.perf_counter()
    # The pause of an empty look does not count: here it is known that something waits.
    Connection.objects.update(send_after=None, receive_after=None)
    exchange_files(connection_id, lambda done, total: None)
    return written - began, time.perf_counter() - written


def measure_peak_mb() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


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
