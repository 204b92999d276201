"""The exchange: whatever the wire does, each report is accepted once and each answer applied once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.authority.boxes import Boxes
from tests.authority.bureau import connect, make_bureau, serve
from tests.authority.samples import make_filing, make_upload

from openbeian.authority import envelope
from openbeian.authority.errors import (
    CredentialsRefused,
    EnvelopeRefused,
    FileRefused,
    NotAnswered,
    SequenceBroken,
    TryLater,
)
from openbeian.authority.exchange import Connection, Exchange, compute_wait_s
from openbeian.authority.messages.download import Download, FilingNews, Notice
from openbeian.authority.messages.writer import write
from openbeian.authority.simulator.bureau import Bureau
from openbeian.authority.simulator.faults import FaultRule, Faults
from openbeian.authority.simulator.store import Uploaded
from openbeian.authority.soap.client import PreviousUpload, Received
from openbeian.kernel.text import Text

REASON = Text("测试", "test")


@pytest.fixture
def boxes(tmp_path: Path) -> Iterator[Boxes]:
    made = Boxes(tmp_path / "boxes.sqlite3")
    yield made
    made.close()


def pack(number: int) -> bytes:
    return envelope.compress(write(make_upload(make_filing(number))), "beianinfo.xml")


class Script:
    """A connection that plays given ends of calls and remembers what was asked."""

    def __init__(self, *uploads: Exception | None, previous: tuple[int, bytes | None] = (0, None)) -> None:
        self.uploads = list(uploads)
        self.previous = previous
        self.sent: list[tuple[int, bytes]] = []
        self.waiting: list[Received | Exception | None] = []
        self.acknowledged: list[str] = []
        self.acknowledging: Exception | None = None

    def upload(self, archive: bytes, sequence: int) -> None:
        self.sent.append((sequence, archive))
        ending = self.uploads.pop(0) if self.uploads else None
        if ending:
            raise ending

    def query_previous(self) -> PreviousUpload:
        return PreviousUpload(*self.previous)

    def download(self) -> Received | None:
        ending = self.waiting.pop(0)
        if isinstance(ending, Exception):
            raise ending
        return ending

    def acknowledge(self, file_name: str) -> None:
        self.acknowledged.append(file_name)
        if self.acknowledging:
            raise self.acknowledging


def send(boxes: Boxes, script: Script) -> str:
    return Exchange(script, boxes, boxes).send_next().state


def test_an_empty_outbox_sends_nothing(boxes: Boxes) -> None:
    assert send(boxes, Script()) == "nothing"


def test_numbers_follow_each_other_from_one(boxes: Boxes) -> None:
    script = Script()
    for number in (1, 2, 3):
        boxes.put(f"p{number}", pack(number))
    assert [send(boxes, script) for _ in range(3)] == ["accepted"] * 3
    assert [sequence for sequence, _ in script.sent] == [1, 2, 3]


@pytest.mark.parametrize(
    "lost", [NotAnswered(reason=REASON), CredentialsRefused(result_code=12), TryLater(result_code=15)]
)
def test_a_parcel_whose_fate_is_unknown_is_looked_up_before_it_travels_again(boxes: Boxes, lost: Exception) -> None:
    boxes.put("p1", pack(1))
    script = Script(lost)
    assert send(boxes, script) == "again"
    script.previous = (1, pack(1))
    assert send(boxes, script) == "accepted"
    assert len(script.sent) == 1


def test_a_parcel_that_did_not_arrive_travels_again_with_the_same_number_and_bytes(boxes: Boxes) -> None:
    boxes.put("p1", pack(1))
    script = Script(NotAnswered(reason=REASON))
    assert [send(boxes, script), send(boxes, script)] == ["again", "accepted"]
    assert script.sent == [(1, pack(1))] * 2


def test_a_number_that_went_to_another_file_is_given_up_for_the_next(boxes: Boxes) -> None:
    boxes.put("p1", pack(1))
    script = Script(NotAnswered(reason=REASON), previous=(4, pack(9)))
    assert [send(boxes, script), send(boxes, script)] == ["again", "accepted"]
    assert [sequence for sequence, _ in script.sent] == [1, 5]


def test_a_gap_is_closed_with_the_missing_files_before_the_new_one(boxes: Boxes) -> None:
    boxes.put("p1", pack(1))
    boxes.put("p2", pack(2))
    script = Script(None, SequenceBroken(result_code=14, missing=(1,)))
    assert [send(boxes, script), send(boxes, script)] == ["accepted", "accepted"]
    assert script.sent == [(1, pack(1)), (2, pack(2)), (1, pack(1)), (2, pack(2))]


def test_an_earlier_file_refused_on_the_way_does_not_condemn_the_one_that_waits(boxes: Boxes) -> None:
    boxes.put("p1", pack(1))
    boxes.put("p2", pack(2))
    script = Script(None, SequenceBroken(result_code=14, missing=(1,)), FileRefused(REASON, result_code=18))
    assert [send(boxes, script), send(boxes, script)] == ["accepted", "again"]
    assert boxes.list_parcels() == [("p1", 1, "accepted"), ("p2", 2, "waiting")]


def test_a_missing_number_we_never_used_is_taken_for_the_waiting_parcel(boxes: Boxes) -> None:
    boxes.put("p1", pack(1))
    script = Script(SequenceBroken(result_code=14, missing=(8,)))
    assert send(boxes, script) == "accepted"
    assert [sequence for sequence, _ in script.sent] == [1, 8]
    boxes.put("p2", pack(2))
    assert send(boxes, script) == "accepted"
    assert script.sent[-1][0] == 9


def test_a_server_that_never_agrees_on_a_number_is_left_alone_for_now(boxes: Boxes) -> None:
    boxes.put("p1", pack(1))
    script = Script(*[SequenceBroken(result_code=14, missing=(n,)) for n in range(2, 20)])
    assert send(boxes, script) == "again"
    assert len(script.sent) == 3


@pytest.mark.parametrize("number", [0, 2**32, 10**17])
def test_a_number_beyond_four_bytes_is_never_adopted(boxes: Boxes, number: int) -> None:
    boxes.put("p1", pack(1))
    assert send(boxes, Script(SequenceBroken(result_code=14, missing=(number,)))) == "again"
    assert boxes.list_parcels() == [("p1", 1, "waiting")]


def test_a_refused_file_is_put_aside_with_its_reason_and_its_number_is_used_again(boxes: Boxes) -> None:
    boxes.put("p1", pack(1))
    boxes.put("p2", pack(2))
    script = Script(FileRefused(REASON, result_code=17))
    assert [send(boxes, script), send(boxes, script)] == ["refused", "accepted"]
    assert boxes.list_parcels() == [("p1", None, "refused"), ("p2", 1, "accepted")]


def received(number: int) -> Received:
    xml = write(Download(icp=FilingNews(notices=(Notice(scope=0, text=f"通知{number}"),))))
    return Received(f"{number}.xml", envelope.compress(xml, f"{number}.xml"), xml)


def test_a_download_is_applied_before_it_is_acknowledged_and_only_once(boxes: Boxes) -> None:
    script = Script()
    script.waiting = [received(1), received(1), None]
    script.acknowledging = NotAnswered(reason=REASON)
    exchange = Exchange(script, boxes, boxes)
    assert exchange.receive_next().state == "applied"
    script.acknowledging = None
    assert [exchange.receive_next().state, exchange.receive_next().state] == ["known", "nothing"]
    assert script.acknowledged == ["1.xml", "1.xml"]


@pytest.mark.parametrize("fault", [NotAnswered(reason=REASON), EnvelopeRefused(7, REASON)])
def test_a_damaged_or_lost_download_is_not_acknowledged(boxes: Boxes, fault: Exception) -> None:
    script = Script()
    script.waiting = [fault]
    assert Exchange(script, boxes, boxes).receive_next().state == "again"
    assert script.acknowledged == []


def test_a_file_that_cannot_be_read_is_set_aside_for_a_person_and_not_acknowledged(boxes: Boxes) -> None:
    script = Script()
    script.waiting = [Received("1.xml", b"zip", b"<broken")]
    assert Exchange(script, boxes, boxes).receive_next().state == "unreadable"
    assert script.acknowledged == []


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        (None, [30, 60, 600]),
        (NotAnswered(reason=REASON), [5, 10, 600]),
        (EnvelopeRefused(7, REASON), [5, 10, 600]),
        (TryLater(result_code=15), [60, 120, 1800]),
        (TryLater(result_code=20), [1800, 1800, 1800]),
        (TryLater(result_code=901), [600, 1200, 3600]),
        (CredentialsRefused(result_code=5), [3600, 3600, 3600]),
    ],
)
def test_the_wait_grows_with_each_failed_attempt_up_to_its_bound(error: Any, waits: list[float]) -> None:
    assert [compute_wait_s(error, attempts) for attempts in (1, 2, 1000)] == waits


class Killed(BaseException):
    """The client's process ends here."""


class Mortal:
    """A connection whose owner may die before or after any call."""

    def __init__(self, inner: Connection, die: random.Random) -> None:
        self.inner = inner
        self.die = die
        self.calls = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self.inner, name)

        def risky(*arguments: Any) -> Any:
            self.calls += 1
            if self.die.random() < 0.02:
                raise Killed
            answer = call(*arguments)
            if self.die.random() < 0.02:
                raise Killed
            return answer

        return risky


ALL_FAULTS = [
    FaultRule("drop_before", probability=0.05),
    FaultRule("drop_after", probability=0.08),
    FaultRule("duplicate", probability=0.06),
    FaultRule("delay", probability=0.05, seconds=0.002),
    FaultRule("truncate", probability=0.06),
    FaultRule("wrong_hash", probability=0.06),
    FaultRule("reorder", probability=0.2),
    FaultRule("status", probability=0.05, status=503),
    FaultRule("slow", probability=0.03, seconds=0.002),
]


def agree(boxes: Boxes, bureau: Bureau, files: int) -> None:
    """Both ends hold the same records, numbers and sequences, and nothing was applied twice."""
    parcels = boxes.connection.execute(
        "SELECT sequence, archive FROM parcel WHERE state = 'accepted' ORDER BY sequence"
    ).fetchall()
    assert [sequence for sequence, _ in parcels] == list(range(1, files + 1))
    for sequence, archive in parcels:
        upload: Uploaded | None = bureau.store.find_upload(sequence)
        assert upload is not None
        assert upload.archive == archive
    assert bureau.store.get_last_sequence() == files
    assert bureau.store.count_unprocessed() == 0
    assert bureau.store.list_outgoing(1) == []
    theirs = bureau.store.connection.execute("SELECT own_id, number FROM filing ORDER BY own_id").fetchall()
    assert boxes.connection.execute("SELECT own_id, number FROM number ORDER BY own_id").fetchall() == theirs
    assert len({number for _, number in theirs}) == len(theirs) == files
    results = boxes.connection.execute("SELECT own_id, code FROM result").fetchall()
    assert sorted(results, key=lambda row: int(row[0])) == [(str(number), 1001) for number in range(1, files + 1)]


def test_a_few_hundred_exchanges_with_every_fault_leave_both_ends_agreed(tmp_path: Path) -> None:
    files, die = 60, random.Random(11)
    boxes = Boxes(tmp_path / "boxes.sqlite3")
    for number in range(1, files + 1):
        boxes.put(f"{number:05d}", pack(number))
    bureau = make_bureau(tmp_path)
    calls = deaths = 0
    with serve(bureau, Faults(ALL_FAULTS, seed=5)) as url:
        for _ in range(5000):
            with connect(url) as client:
                mortal = Mortal(client, die)
                exchange = Exchange(mortal, boxes, boxes)
                try:
                    while exchange.send_next().state != "nothing" or exchange.receive_next().state != "nothing":
                        exchange.receive_next()
                    break
                except Killed:
                    deaths += 1
                finally:
                    calls += mortal.calls
        agree(boxes, bureau, files)
    boxes.close()
    assert calls > 300
    assert deaths > 5
