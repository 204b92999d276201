"""What any outbox and inbox must do: subclass `PortContract` and give it the fixture `boxes`, empty, holding both ports."""

from __future__ import annotations

from typing import Protocol

from openbeian.authority.errors import FileRefused
from openbeian.authority.messages.download import Download, FilingNews, Notice
from openbeian.authority.messages.reader import Reading, read_download
from openbeian.authority.messages.writer import write
from openbeian.authority.ports import Inbox, Outbox, Receipt
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

RECEIPT = Receipt("a.xml", "0" * 64, b"zip")


class BothPorts(Outbox, Inbox, Protocol):
    """An outbox and an inbox in one, with a way to put something into the outbox."""

    def put(self, name: str, archive: bytes) -> None: ...


def make_reading() -> Reading[Download]:
    return read_download(write(Download(icp=FilingNews(notices=(Notice(scope=0, text="限期整改"),)))))


class PortContract:
    """The promises of `authority.ports`, as tests. A subclass brings the fixture `boxes`."""

    def test_an_empty_outbox_has_nothing_to_send_and_no_number(self, boxes: BothPorts) -> None:
        assert boxes.find_next() is None
        assert boxes.find_numbered(1) is None
        assert boxes.get_last_sequence() == 0

    def test_parcels_come_oldest_first_with_their_bytes_and_without_a_number(self, boxes: BothPorts) -> None:
        boxes.put("p1", b"one")
        boxes.put("p2", b"two")
        parcel = boxes.find_next()
        assert parcel is not None
        assert (parcel.archive, parcel.sequence) == (b"one", None)

    def test_a_numbered_parcel_keeps_its_number_and_stays_next(self, boxes: BothPorts) -> None:
        boxes.put("p1", b"one")
        boxes.put("p2", b"two")
        first = boxes.find_next()
        assert first is not None
        numbered = boxes.assign(first, 7)
        assert numbered == boxes.find_next() == boxes.find_numbered(7) == first.numbered(7)
        assert boxes.get_last_sequence() == 0

    def test_an_accepted_parcel_is_kept_under_its_number_and_the_next_one_follows(self, boxes: BothPorts) -> None:
        boxes.put("p1", b"one")
        boxes.put("p2", b"two")
        parcel = boxes.find_next()
        assert parcel is not None
        parcel = boxes.assign(parcel, 1)
        boxes.record_accepted(parcel)
        assert boxes.get_last_sequence() == 1
        assert boxes.find_numbered(1) == parcel
        following = boxes.find_next()
        assert following is not None
        assert following.archive == b"two"

    def test_a_refused_parcel_gives_its_number_back_and_does_not_come_again(self, boxes: BothPorts) -> None:
        boxes.put("p1", b"one")
        parcel = boxes.find_next()
        assert parcel is not None
        boxes.record_refused(boxes.assign(parcel, 1), FileRefused(Text("文件过大", "too large"), result_code=18))
        assert boxes.find_next() is None
        assert boxes.find_numbered(1) is None
        assert boxes.get_last_sequence() == 0

    def test_a_file_counts_as_applied_once_it_was_applied_under_its_name_and_digest(self, boxes: BothPorts) -> None:
        assert not boxes.is_applied(RECEIPT)
        boxes.apply(RECEIPT, make_reading())
        assert boxes.is_applied(RECEIPT)
        assert not boxes.is_applied(Receipt("a.xml", "1" * 64, b"other"))

    def test_an_applied_file_may_be_acknowledged_twice(self, boxes: BothPorts) -> None:
        boxes.apply(RECEIPT, make_reading())
        for _ in range(2):
            boxes.record_acknowledged(RECEIPT)
        assert boxes.is_applied(RECEIPT)

    def test_a_file_set_aside_is_not_applied_and_may_be_set_aside_again(self, boxes: BothPorts) -> None:
        for _ in range(2):
            boxes.set_aside(RECEIPT, OpenBeianError())
        assert not boxes.is_applied(RECEIPT)

    def test_a_file_once_set_aside_can_still_be_applied(self, boxes: BothPorts) -> None:
        boxes.set_aside(RECEIPT, OpenBeianError())
        boxes.apply(RECEIPT, make_reading())
        assert boxes.is_applied(RECEIPT)
