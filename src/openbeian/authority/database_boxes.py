"""The outbox and inbox of the exchange in this installation's database: the adapters behind `authority.ports`."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Max, QuerySet

from openbeian.authority.actions.apply_download import apply_download
from openbeian.authority.errors import AuthorityError, OpenBeianError
from openbeian.authority.events import BatchAccepted, BatchRefused, FileSetAside
from openbeian.authority.messages.download import Download
from openbeian.authority.messages.reader import Reading
from openbeian.authority.models import Batch, Connection, ReceivedFile, Report
from openbeian.authority.ports import Parcel, Receipt
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM


@dataclass(frozen=True, slots=True)
class DatabaseBoxes:
    """Implements both `Outbox` and `Inbox` for one connection; whoever uses it holds the connection's lease."""

    connection: Connection

    def find_next(self) -> Parcel | None:
        waiting = self._batches().filter(state=Batch.State.WAITING)
        return _parcel(waiting.order_by(F("sequence").asc(nulls_last=True), "pk").first())

    def find_numbered(self, sequence: int) -> Parcel | None:
        return _parcel(self._batches().filter(sequence=sequence, archive__isnull=False).first())

    def get_last_sequence(self) -> int:
        accepted = self._batches().filter(state=Batch.State.ACCEPTED).aggregate(last=Max("sequence"))["last"]
        return max(accepted or 0, self.connection.known_sequence or 0)

    def assign(self, parcel: Parcel, sequence: int) -> Parcel:
        Batch.objects.filter(pk=int(parcel.id)).update(sequence=sequence)
        return parcel.numbered(sequence)

    @transaction.atomic
    def record_accepted(self, parcel: Parcel) -> None:
        now = clock.now()
        self._batches().filter(pk=int(parcel.id)).update(state=Batch.State.ACCEPTED, ended_at=now)
        # An answer can overtake this note when a call's outcome was unknown; then the report has moved on already.
        packed = Report.objects.filter(batch_id=int(parcel.id), state=Report.State.PACKED)
        packed.update(state=Report.State.SENT, sent_at=now)
        record_event(
            BatchAccepted, SYSTEM, ("connection", self.connection.pk), concerns=self._concerns(),
            after={"batch": int(parcel.id), "sequence": parcel.sequence},
        )  # fmt: skip

    @transaction.atomic
    def record_refused(self, parcel: Parcel, refusal: AuthorityError) -> None:
        now, words = clock.now(), _words(refusal)
        self._batches().filter(pk=int(parcel.id)).update(
            state=Batch.State.REFUSED, sequence=None, ended_at=now, result_code=refusal.result_code, **words
        )
        Report.objects.filter(batch_id=int(parcel.id), state=Report.State.PACKED).update(
            state=Report.State.FAILED, result_code=refusal.result_code, **words
        )
        record_event(
            BatchRefused, SYSTEM, ("connection", self.connection.pk), concerns=self._concerns(),
            after={"batch": int(parcel.id), "code": refusal.result_code},
        )  # fmt: skip

    def is_applied(self, receipt: Receipt) -> bool:
        return self._received(receipt).filter(state=ReceivedFile.State.APPLIED).exists()

    def apply(self, receipt: Receipt, reading: Reading[Download]) -> None:
        apply_download(self.connection.pk, receipt, reading)

    def record_acknowledged(self, receipt: Receipt) -> None:
        self._received(receipt).filter(acknowledged_at__isnull=True).update(acknowledged_at=clock.now())

    def record_all_acknowledged(self) -> None:
        """An administration that has nothing waiting knows of every applied file, also where the note of an
        acknowledgement was lost with its worker."""
        applied = ReceivedFile.objects.filter(connection=self.connection, state=ReceivedFile.State.APPLIED)
        applied.filter(acknowledged_at__isnull=True).update(acknowledged_at=clock.now())

    @transaction.atomic
    def set_aside(self, receipt: Receipt, refusal: OpenBeianError) -> None:
        _, is_new = ReceivedFile.objects.get_or_create(
            connection=self.connection,
            name=receipt.name[:128],
            digest=receipt.digest,
            defaults={
                "archive": receipt.archive,
                "size_bytes": len(receipt.archive),
                "state": ReceivedFile.State.UNREADABLE,
                "received_at": clock.now(),
                **_words(refusal),
            },
        )
        if is_new:
            record_event(
                FileSetAside, SYSTEM, ("connection", self.connection.pk), concerns=self._concerns(),
                after={"file": receipt.name[:128], "sha256": receipt.digest, "reason": refusal.code},
            )  # fmt: skip

    def _batches(self) -> QuerySet[Batch]:
        return Batch.objects.filter(connection=self.connection)

    def _received(self, receipt: Receipt) -> QuerySet[ReceivedFile]:
        return ReceivedFile.objects.filter(connection=self.connection, name=receipt.name[:128], digest=receipt.digest)

    def _concerns(self) -> tuple[int | None, ...]:
        return (self.connection.provider.organisation_id,)


def _parcel(batch: Batch | None) -> Parcel | None:
    return Parcel(str(batch.pk), bytes(batch.archive or b""), batch.sequence) if batch else None


def _words(refusal: OpenBeianError) -> dict[str, str]:
    return {"reason_zh": refusal.text.zh[:500], "reason_en": refusal.text.en[:500]}
