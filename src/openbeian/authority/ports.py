"""The seam between the exchange and whatever keeps reports and receipts: what an outbox and an inbox must promise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from openbeian.authority.errors import AuthorityError, OpenBeianError
from openbeian.authority.messages.download import Download
from openbeian.authority.messages.reader import Reading


@dataclass(frozen=True, slots=True)
class Parcel:
    """One file to report, packed once and never packed again, so that every attempt sends the same bytes.

    `sequence` is None until the first attempt; from then on the authority may have accepted it under that number.
    """

    id: str
    archive: bytes
    sequence: int | None = None

    def numbered(self, sequence: int) -> Parcel:
        return replace(self, sequence=sequence)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One downloaded file: its name, the SHA-256 of its archive in hex, and the archive itself."""

    name: str
    digest: str
    archive: bytes


class Outbox(Protocol):
    """Keeps what must be reported. Each method is durable when it returns; one exchange at a time uses it."""

    def find_next(self) -> Parcel | None:
        """The parcel to send: one already numbered before any other, then the oldest; None when nothing waits."""
        ...

    def find_numbered(self, sequence: int) -> Parcel | None:
        """The parcel that was last sent or accepted under a number, if it is still kept."""
        ...

    def get_last_sequence(self) -> int:
        """The highest number the authority is known to have accepted; 0 when none."""
        ...

    def assign(self, parcel: Parcel, sequence: int) -> Parcel:
        """Writes the number down before the parcel travels."""
        ...

    def record_accepted(self, parcel: Parcel) -> None:
        """The authority has the file; results come later by download."""
        ...

    def record_refused(self, parcel: Parcel, refusal: AuthorityError) -> None:
        """The authority will not take this file; its number is free again and a person must look."""
        ...


class Inbox(Protocol):
    """Keeps and applies what the authority sends. Each method is durable when it returns."""

    def is_applied(self, receipt: Receipt) -> bool:
        """Whether a file of this name and digest was applied before."""
        ...

    def apply(self, receipt: Receipt, reading: Reading[Download]) -> None:
        """Stores the file, applies it and remembers it, in one transaction."""
        ...

    def record_acknowledged(self, receipt: Receipt) -> None:
        """The authority knows that the file was applied and will not send it again."""
        ...

    def set_aside(self, receipt: Receipt, refusal: OpenBeianError) -> None:
        """Keeps a file that cannot be read, for a person; it stays unacknowledged."""
        ...
