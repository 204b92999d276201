"""A simulated bureau on loopback for tests: the server in a thread, its client, and its memory in a folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.authority.samples import PROVIDER

from openbeian.authority.envelope import Keys
from openbeian.authority.profiles import Profile
from openbeian.authority.simulator.bureau import Account, Bureau, Policy
from openbeian.authority.simulator.desk import ReviewDesk, choose_desk
from openbeian.authority.simulator.faults import Faults
from openbeian.authority.simulator.server import BureauServer
from openbeian.authority.simulator.store import Store
from openbeian.authority.soap.client import AuthorityClient

KEYS = Keys(b"0123456789abcdef", b"0123456789abcdef")
ACCOUNT = Account(PROVIDER, "demo", "demo-password", KEYS)


def make_bureau(folder: Path, desk: ReviewDesk | None = None, **policy: Any) -> Bureau:
    return Bureau(Store(folder / "bureau.sqlite3"), ACCOUNT, desk or choose_desk("approve"), Policy(**policy))


@contextmanager
def serve(bureau: Bureau, faults: Faults | None = None) -> Iterator[str]:
    """The URL of a bureau that listens while the block runs."""
    with BureauServer(("127.0.0.1", 0), bureau, faults) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()
            bureau.store.close()


def connect(url: str, **changes: Any) -> AuthorityClient:
    values = {"url": url, "provider_id": PROVIDER, "user": "demo", "password": "demo-password", "keys": KEYS}
    return AuthorityClient(Profile(**(values | changes)))
