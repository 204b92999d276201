"""The outbox and inbox in the database keep the promises of their ports."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.authority.connections import make_connection, make_interface_world
from tests.authority.port_contract import PortContract

from openbeian.authority.database_boxes import DatabaseBoxes
from openbeian.authority.models import Batch
from openbeian.kernel import clock


@dataclass(frozen=True, slots=True)
class FilledBoxes(DatabaseBoxes):
    """The adapter with a way to put a file into the outbox, which packing does in earnest."""

    def put(self, name: str, archive: bytes) -> None:
        Batch.objects.create(connection=self.connection, kind="new_filings", archive=archive, created_at=clock.now())


@pytest.mark.django_db
class TestDatabaseBoxes(PortContract):
    """The real adapter; on PostgreSQL when the tests run there."""

    @pytest.fixture
    def boxes(self, db: None) -> FilledBoxes:  # type: ignore[override]
        return FilledBoxes(make_connection(make_interface_world()))

    def test_what_the_administration_accepted_before_us_counts_as_the_last_number(self, boxes: FilledBoxes) -> None:
        boxes.connection.known_sequence = 41
        assert boxes.get_last_sequence() == 41

    def test_files_stand_in_the_database_only_as_ciphertext(self, boxes: FilledBoxes) -> None:
        from django.db import connection

        boxes.put("p1", b"a file of personal data")
        with connection.cursor() as cursor:
            cursor.execute("SELECT archive FROM authority_batch")
            (stored,) = cursor.fetchone()
        assert b"personal" not in bytes(stored)
        assert Batch.objects.get().archive == b"a file of personal data"
