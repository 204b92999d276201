"""Exchanges files with administrations: packs, sends, receives and applies until nothing is left or patience is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from openbeian.authority.connecting import open_client
from openbeian.authority.database_boxes import DatabaseBoxes
from openbeian.authority.errors import AuthorityError, EnvelopeRefused, NotAnswered, OpenBeianError
from openbeian.authority.exchange import Exchange, compute_wait_s
from openbeian.authority.leasing import ConnectionTaken, give_back, renew_lease, take_connection
from openbeian.authority.models import Connection
from openbeian.authority.packing import list_ready, pack_reports
from openbeian.authority.soap.client import AuthorityClient
from openbeian.jobs.actions.enqueue_job import enqueue_job
from openbeian.jobs.decisions import Progress
from openbeian.kernel import clock

_MOST_FILES = 500
_AGAIN_S = 5
_WAITING = "waiting"


def exchange_files(
    connection_id: int | None,
    progress: Progress,
    open_connection: Callable[[Connection], AuthorityClient] = open_client,
) -> dict[str, int]:
    """One round for one connection, or for every open one. Safe to repeat, and to kill at any line.

    Returns how many files were sent and received. Never raises what an administration or the network did.
    """
    done = {"sent": 0, "received": 0}
    connections = Connection.objects.filter(is_active=True).order_by("pk")
    if connection_id is not None:
        connections = connections.filter(pk=connection_id)
    for number in connections.values_list("pk", flat=True):
        token = take_connection(number)
        if token is None:
            if connection_id is not None:
                _ask_again(connection_id)
            continue
        try:
            _Round(number, token, progress, done).run(open_connection)
        except ConnectionTaken:
            continue
        finally:
            give_back(number, token)
    return done


def _ask_again(connection_id: int) -> None:
    """Whoever holds the connection may have looked before there was something to do; so it is looked at once more."""
    later = clock.now() + timedelta(seconds=_AGAIN_S)
    enqueue_job(
        "authority.exchange",
        f"{connection_id}:again:{int(later.timestamp()) // _AGAIN_S}",
        {"connection": connection_id},
        run_at=later,
    )


class _Round:
    """One connection's turn under its lease."""

    def __init__(self, connection_id: int, token: str, progress: Progress, done: dict[str, int]) -> None:
        self.connection = Connection.objects.select_related("provider").get(pk=connection_id)
        self.token = token
        self.progress = progress
        self.done = done

    def run(self, open_connection: Callable[[Connection], AuthorityClient]) -> None:
        if not self._may_send() and not self._may_receive():
            return
        try:
            client = open_connection(self.connection)
        except NotAnswered as error:
            self._pause_sending(error)
            self._write(receive_after=self.connection.send_after)
            return
        with client:
            exchange = Exchange(client, DatabaseBoxes(self.connection), DatabaseBoxes(self.connection))
            for _ in range(_MOST_FILES):
                sent = self._may_send() and self._send(client, exchange)
                received = self._may_receive() and self._receive(exchange)
                if not sent and not received:
                    return

    def _may_send(self) -> bool:
        due = _is_due(self.connection.send_after)
        waiting = self.connection.batches.filter(state=_WAITING).exists()
        return due and (waiting or list_ready(self.connection).exists())

    def _may_receive(self) -> bool:
        return _is_due(self.connection.receive_after)

    def _renew(self) -> None:
        self.progress(sum(self.done.values()), 0)
        renew_lease(self.connection.pk, self.token)

    def _send(self, client: AuthorityClient, exchange: Exchange) -> bool:
        """True when another file may follow at once."""
        self._renew()
        if self.connection.known_sequence is None and not self._learn_sequence(client):
            return False
        pack_reports(self.connection)
        sent = exchange.send_next()
        if sent.state == "again":
            self._pause_sending(sent.error)
            return False
        if sent.state == "nothing":
            return False
        # An accepted file is answered by download; look for it soon, whatever the pause between looks has grown to.
        self._write(send_after=None, send_attempts=0, receive_after=None, receive_attempts=0, **_well(sent.error))
        self.done["sent"] += sent.state == "accepted"
        return True

    def _learn_sequence(self, client: AuthorityClient) -> bool:
        """Before the first file: where the administration stands, from whatever system reported before this one."""
        try:
            previous = client.query_previous()
        except (AuthorityError, EnvelopeRefused) as error:
            self._pause_sending(error)
            return False
        self._write(known_sequence=previous.sequence)
        return True

    def _receive(self, exchange: Exchange) -> bool:
        self._renew()
        fetched = exchange.receive_next()
        if fetched.state in {"applied", "known"} and fetched.error is None:
            self._write(receive_after=None, receive_attempts=0, **_well(None))
            self.done["received"] += fetched.state == "applied"
            return True
        if fetched.state == "nothing":
            DatabaseBoxes(self.connection).record_all_acknowledged()
        attempts = self.connection.receive_attempts + 1
        pause = timedelta(seconds=compute_wait_s(fetched.error, attempts))
        words = _well(None) if fetched.state == "nothing" else _ill(fetched.error)
        if fetched.state == "nothing" and self.connection.send_attempts:
            words = {}  # that nothing waits for us says nothing about why sending fails
        self._write(receive_after=clock.now() + pause, receive_attempts=attempts, **words)
        return False

    def _pause_sending(self, error: OpenBeianError | None) -> None:
        attempts = self.connection.send_attempts + 1
        pause = timedelta(seconds=compute_wait_s(error, attempts))
        self._write(send_after=clock.now() + pause, send_attempts=attempts, **_ill(error))

    def _write(self, **values: Any) -> None:
        """Writes only while the lease is ours. Raises: ConnectionTaken."""
        mine = Connection.objects.filter(pk=self.connection.pk, leased_as=self.token)
        if not mine.update(**values):
            raise ConnectionTaken
        for name, value in values.items():
            if name != "answered_at" or value is not None:
                setattr(self.connection, name, value)


def _is_due(instant: datetime | None) -> bool:
    return instant is None or instant <= clock.now()


def _well(error: OpenBeianError | None) -> dict[str, Any]:
    """What stands on the connection after an answer as specified."""
    if error is not None:
        return _ill(error) | {"answered_at": clock.now()}
    return {"problem_zh": "", "problem_en": "", "problem_code": None, "answered_at": clock.now()}


def _ill(error: OpenBeianError | None) -> dict[str, Any]:
    if error is None:
        return {}
    known: dict[str, Any] = {"problem_zh": error.text.zh[:500], "problem_en": error.text.en[:500]}
    code = getattr(error, "result_code", None)
    known["problem_code"] = code
    if getattr(error, "outcome_known", False):
        known["answered_at"] = clock.now()
    return known
