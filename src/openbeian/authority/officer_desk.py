"""Puts a simulated bureau's uploads before the officers of this installation: the adapter behind `ReviewDesk`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db import connection, transaction

from openbeian.accounts.models import Organisation
from openbeian.authority.errors import NoOfficersHere
from openbeian.authority.events import CallRefused
from openbeian.authority.mapping.records import describe
from openbeian.authority.models import Question as Asked
from openbeian.authority.simulator.desk import Question, Verdict
from openbeian.authority.simulator.registrar import OPERATIONS
from openbeian.authority.simulator.sheets import lay_out_record, list_pictures
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM
from openbeian.registry.actions.allot_number import allot_number

_KINDS = {
    record.__name__: name
    for record, name in zip(OPERATIONS, ("new_filings", "new_sites", "new_accesses", "changes"), strict=True)
}


@dataclass(frozen=True, slots=True)
class OfficerDesk:
    """Asks each question once and answers it for ever alike: what an officer decided stands in the database.

    `closes_connection`: for the simulator's own process, whose threads come and go with every call.
    """

    administration_id: int
    reporter: int
    closes_connection: bool = False

    def decide(self, question: Question) -> Verdict | None:
        """None until an officer has decided."""
        try:
            return _read_verdict(self._ask(question))
        finally:
            if self.closes_connection:
                connection.close()

    def allot_number(self) -> str:
        """The next number of the province's series in this installation, so that both ends count as one."""
        try:
            with transaction.atomic():
                province = Organisation.objects.get(pk=self.administration_id).province
                return allot_number(province, clock.today().year)
        finally:
            if self.closes_connection:
                connection.close()

    def journal_refusal(self, method: str, reason: str) -> None:
        """A refused call in the journal of this installation; `reason` is the msg_code, or why it was no call at all."""
        try:
            with transaction.atomic():
                record_event(
                    CallRefused, SYSTEM, ("administration", self.administration_id), concerns=(self.administration_id,),
                    after={"method": method, "reason": reason},
                )  # fmt: skip
        finally:
            if self.closes_connection:
                connection.close()

    def _ask(self, question: Question) -> Asked:
        record = question.record
        with transaction.atomic():
            asked, _ = Asked.objects.defer("content", "pictures").get_or_create(
                administration_id=self.administration_id,
                reporter=self.reporter,
                sequence=question.sequence,
                position=question.position,
                fingerprint=hashlib.sha256(repr(record).encode("utf-8", "replace")).hexdigest(),
                defaults={
                    "kind": _KINDS.get(type(record).__name__, "cancellations"),
                    "title": describe(record)[:200],
                    "content": lay_out_record(record),
                    "pictures": list_pictures(record),
                    "asked_at": clock.now(),
                },
            )
        return asked


def find_administration(province: str) -> int:
    """The administration of a province in this installation. Raises: NoOfficersHere."""
    found = Organisation.objects.filter(kind="administration", province=province).first()
    if found is None:
        raise NoOfficersHere(province=province)
    return found.pk


def _read_verdict(asked: Asked) -> Verdict | None:
    if asked.state == Asked.State.WAITING:
        return None
    return Verdict(asked.state == Asked.State.APPROVED, asked.opinion, asked.reviewer_name)
