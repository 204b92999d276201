"""Applies one downloaded file, once: stores it, carries out what it says and remembers it, in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from openbeian.authority.answers import apply_filing_answers, apply_resource_answers
from openbeian.authority.blacklists import take_in_blacklists
from openbeian.authority.events import FileApplied
from openbeian.authority.incoming import keep_code_tables, keep_items
from openbeian.authority.messages.download import Download
from openbeian.authority.messages.reader import Reading
from openbeian.authority.models import Connection, ReceivedFile
from openbeian.authority.ports import Receipt
from openbeian.authority.published import apply_filings, learn_numbers, list_unexpected
from openbeian.authority.synchronised import take_in_resources
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM


def apply_download(connection_id: int, receipt: Receipt, reading: Reading[Download]) -> ReceivedFile:
    """A file of this name and digest that was applied before changes nothing; one set aside before is applied now.

    The connection's row is locked first, so that a worker that lost its lease cannot apply beside another one.
    """
    with transaction.atomic():
        connection = Connection.objects.select_for_update(of=("self",)).select_related("provider").get(pk=connection_id)
        file, is_new = ReceivedFile.objects.get_or_create(
            connection=connection,
            name=receipt.name[:128],
            digest=receipt.digest,
            defaults={
                "archive": receipt.archive,
                "size_bytes": len(receipt.archive),
                "state": ReceivedFile.State.APPLIED,
                "received_at": clock.now(),
            },
        )
        if not is_new and file.state == ReceivedFile.State.APPLIED:
            return file
        file.state, file.reason_zh, file.reason_en = ReceivedFile.State.APPLIED, "", ""
        file.holds, file.deviations = _count(reading.document), len(reading.deviations)
        file.save()
        _carry_out(connection, file, reading.document)
        record_event(
            FileApplied, SYSTEM, ("connection", connection.pk), concerns=(connection.provider.organisation_id,),
            after={"file": file.name, "sha256": file.digest, "holds": file.holds},
        )  # fmt: skip
        return file


def _carry_out(connection: Connection, file: ReceivedFile, document: Download) -> None:
    if document.icp:
        apply_filing_answers(connection, document.icp)
        apply_filings(connection, document.icp.filings)
        take_in_blacklists(connection, document.icp)
        keep_items(file, document.icp, cancelled=list_unexpected(connection, document.icp.cancelled))
    if document.ip:
        apply_resource_answers(connection, "ip", document.ip)
        keep_items(file, document.ip)
    if document.domains:
        apply_resource_answers(connection, "domains", document.domains)
    if document.code_tables:
        keep_code_tables(file, document.code_tables)
    if document.synchronisation:
        for filing in document.synchronisation.filings:
            learn_numbers(connection, filing)
        take_in_resources(connection, file, document.synchronisation)
        if document.synchronisation.code_tables:
            keep_code_tables(file, document.synchronisation.code_tables)


def _count(document: Download) -> dict[str, int]:
    """How many records of each kind the file holds."""
    body: Any = document.icp or document.ip or document.domains or document.code_tables or document.synchronisation
    if body is None:
        return {}
    values = {name: getattr(body, name) for name in type(body).__slots__}
    return {name: len(value) for name, value in values.items() if isinstance(value, tuple) and value}
