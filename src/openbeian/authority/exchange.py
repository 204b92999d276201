"""Carries reports out and answers in: decides after every possible end of a call what is known and what to do next.

Nothing is doubled, because a numbered parcel whose fate is unknown is looked up with isp_querypreviousupload before
it travels again, and always travels with the same bytes. Nothing is lost, because a number is written down before the
parcel leaves and a download is acknowledged only after it was applied. One exchange per account at a time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, Protocol

from openbeian.authority.errors import (
    AuthorityError,
    DocumentUnreadable,
    EnvelopeRefused,
    FileRefused,
    OpenBeianError,
    SequenceBroken,
    TryLater,
)
from openbeian.authority.interface import get_interface
from openbeian.authority.messages.reader import read_download
from openbeian.authority.ports import Inbox, Outbox, Parcel, Receipt
from openbeian.authority.soap.client import PreviousUpload, Received

_RENUMBERINGS = 3
_HIGHEST_SEQUENCE = 2**32 - 1  # the specification gives it four bytes; a mad server must not push us past them


class Connection(Protocol):
    """What the exchange needs of a client."""

    def upload(self, archive: bytes, sequence: int) -> None: ...

    def download(self) -> Received | None: ...

    def acknowledge(self, file_name: str) -> None: ...

    def query_previous(self) -> PreviousUpload: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """How an attempt to send ended: nothing waited, accepted, refused for good, or to be tried again."""

    state: Literal["nothing", "accepted", "refused", "again"]
    parcel: Parcel | None = None
    error: OpenBeianError | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """How an attempt to receive ended: nothing waited, applied now, applied before, unreadable, or to be tried again."""

    state: Literal["nothing", "applied", "known", "unreadable", "again"]
    receipt: Receipt | None = None
    error: OpenBeianError | None = None


class Exchange:
    """Moves one parcel or one file per call, so that the caller paces it."""

    def __init__(self, connection: Connection, outbox: Outbox, inbox: Inbox) -> None:
        self.connection = connection
        self.outbox = outbox
        self.inbox = inbox

    def send_next(self) -> Sent:
        """Sends the parcel that is next; never raises what the authority or the network did."""
        parcel = self.outbox.find_next()
        if parcel is None:
            return Sent("nothing")
        try:
            if parcel.sequence is not None:
                parcel, was_accepted = self._settle(parcel, parcel.sequence)
            else:
                parcel, was_accepted = self.outbox.assign(parcel, self.outbox.get_last_sequence() + 1), False
            if not was_accepted:
                parcel = self._upload(parcel)
        except FileRefused as refusal:
            self.outbox.record_refused(parcel, refusal)
            return Sent("refused", parcel, refusal)
        except (AuthorityError, EnvelopeRefused) as error:
            return Sent("again", parcel, error)
        self.outbox.record_accepted(parcel)
        return Sent("accepted", parcel)

    def receive_next(self) -> Fetched:
        """Fetches, applies and acknowledges one file; never raises what the authority or the network did."""
        receipt = None
        try:
            received = self.connection.download()
            if received is None:
                return Fetched("nothing")
            receipt = Receipt(received.name, hashlib.sha256(received.archive).hexdigest(), received.archive)
            state: Literal["applied", "known"] = "known"
            if not self.inbox.is_applied(receipt):
                try:
                    reading = read_download(received.xml)
                except DocumentUnreadable as refusal:
                    self.inbox.set_aside(receipt, refusal)
                    return Fetched("unreadable", receipt, refusal)
                self.inbox.apply(receipt, reading)
                state = "applied"
        except (AuthorityError, EnvelopeRefused) as error:
            return Fetched("again", receipt, error)
        try:
            self.connection.acknowledge(receipt.name)
        except AuthorityError as error:  # the file comes again, is known by then, and is acknowledged again
            return Fetched(state, receipt, error)
        self.inbox.record_acknowledged(receipt)
        return Fetched(state, receipt)

    def _settle(self, parcel: Parcel, sequence: int) -> tuple[Parcel, bool]:
        """Finds out what became of an earlier attempt; renumbers the parcel when its number went to another file."""
        previous = self.connection.query_previous()
        if previous.sequence == sequence and previous.archive == parcel.archive:
            return parcel, True
        if previous.sequence >= sequence:
            return self.outbox.assign(parcel, previous.sequence + 1), False
        return parcel, False

    def _upload(self, parcel: Parcel) -> Parcel:
        """Uploads, answering gaps by sending again what is missing, or by taking the number the authority asks for."""
        for _ in range(_RENUMBERINGS):
            assert parcel.sequence is not None
            try:
                self.connection.upload(parcel.archive, parcel.sequence)
            except SequenceBroken as gap:
                parcel = self._close_gap(parcel, gap)
            else:
                return parcel
        raise SequenceBroken(result_code=14)

    def _close_gap(self, parcel: Parcel, gap: SequenceBroken) -> Parcel:
        for number in gap.missing:
            if not 1 <= number <= _HIGHEST_SEQUENCE:
                raise SequenceBroken(gap.text, result_code=14, missing=gap.missing) from gap
            earlier = self.outbox.find_numbered(number)
            if earlier is None or earlier.id == parcel.id:
                return self.outbox.assign(parcel, number)
            try:
                self.connection.upload(earlier.archive, number)
            except FileRefused as refusal:  # it is the earlier file that is refused, not the one that waits
                raise SequenceBroken(refusal.text, result_code=14, missing=gap.missing) from refusal
        if not gap.missing:
            return self.outbox.assign(parcel, self.connection.query_previous().sequence + 1)
        return parcel


def compute_wait_s(error: OpenBeianError | None, attempts: int) -> float:
    """Seconds to wait before the next attempt, doubling with each failed one; `error` None = nothing was waiting."""
    patience = get_interface().patience
    first, longest = patience[_find_patience(error)]
    return float(min(longest, first * 2 ** min(max(attempts - 1, 0), 30)))


def _find_patience(error: OpenBeianError | None) -> str:
    if error is None:
        return "idle"
    if isinstance(error, TryLater):
        return {20: "hours", 901: "maintenance", 902: "maintenance"}.get(error.result_code or 0, "backlog")
    if isinstance(error, AuthorityError) and not error.outcome_known:
        return "unanswered"
    return "unanswered" if isinstance(error, EnvelopeRefused) else "refused"
