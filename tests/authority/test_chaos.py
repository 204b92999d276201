"""Chaos: the outbox in the database, every fault on the wire, and kill -9 of either end at random points.

An exchange here is one call that a file needs: its upload, or the download or acknowledgement of one file that answers
it. A call that is repeated because a fault swallowed it does not count again.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.authority.bureau import make_bureau
from tests.authority.connections import make_approved_case, make_connection, make_interface_world
from tests.authority.ends import Ends
from tests.authority.samples import make_filing, make_upload

from openbeian.authority.actions.queue_upload import queue_upload
from openbeian.authority.messages.writer import write
from openbeian.authority.models import Batch, Connection, ReceivedFile, Report
from openbeian.cases.actions.forward_case import forward_case
from openbeian.cases.models import Case
from openbeian.journal.models import Entry
from openbeian.registry.models import Sponsor


def survive(
    folder: Path, *, plain: int, cases: int, per_file: int, seed: int, kills: int, longest_life_s: float
) -> tuple[int, int]:
    """Runs both ends until every report is answered and compares them; returns how many kills hit, and exchanges."""
    world = make_interface_world()
    ends = Ends(folder, seed, per_file)
    connection = make_connection(world, ends.url)
    for start in range(0, plain, 500):
        filings = [make_filing(number) for number in range(start + 1, min(start + 500, plain) + 1)]
        queue_upload(world.reviewer, connection.pk, write(make_upload(*filings)))
    for _ in range(cases):
        forward_case(world.reviewer, make_approved_case(world).pk)
    hits = ends.run(kills, shortest_life_s=2.5, longest_life_s=longest_life_s, patience_s=600)
    return hits, check_agreement(folder, connection, plain + cases)


def check_agreement(folder: Path, connection: Connection, records: int) -> int:
    """Every record, number and sequence stands at both ends, once; returns how many exchanges that took."""
    bureau = make_bureau(folder)
    store = bureau.store
    batches = list(Batch.objects.filter(connection=connection).order_by("sequence").values_list("sequence", "pk"))
    assert not Batch.objects.exclude(state="accepted").exists()
    assert [sequence for sequence, _ in batches] == list(range(1, len(batches) + 1))
    assert store.get_last_sequence() == len(batches)
    assert store.count_unprocessed() == 0
    for sequence, number in batches:
        uploaded = store.find_upload(sequence)
        assert uploaded is not None
        assert uploaded.archive == Batch.objects.get(pk=number).archive
    assert sum(Batch.objects.values_list("records", flat=True)) == records
    assert set(Report.objects.values_list("state", flat=True)) == {"done"}
    assert Report.objects.count() == records
    # One filing per record with a number of its own, and one file per name, applied once and acknowledged.
    held = store.connection.execute("SELECT own_id, number FROM filing").fetchall()
    assert len({own for own, _ in held}) == len({number for _, number in held}) == len(held) == records
    sent = [name for (name,) in store.connection.execute("SELECT name FROM outgoing ORDER BY name")]
    received = ReceivedFile.objects.filter(state="applied", acknowledged_at__isnull=False)
    assert sorted(received.values_list("name", flat=True)) == sent
    assert ReceivedFile.objects.count() == len(sent)
    assert store.list_outgoing(1) == []
    # The journal knows each file once, and no case was granted twice.
    assert Entry.objects.filter(event="authority.batch_accepted").count() == len(batches)
    assert Entry.objects.filter(event="authority.file_applied").count() == len(sent)
    granted = Entry.objects.filter(event="case.granted").count()
    assert granted == Case.objects.filter(state="granted").count() == Case.objects.count() == Sponsor.objects.count()
    for sponsor in Sponsor.objects.all():
        assert bureau.library.find("subject_number", sponsor.number) is not None
    store.close()
    return len(batches) + 2 * len(sent)


@pytest.mark.django_db(transaction=True)
def test_killing_either_end_a_few_times_loses_and_doubles_nothing(tmp_path: Path) -> None:
    hits, exchanges = survive(tmp_path, plain=60, cases=1, per_file=2, seed=3, kills=3, longest_life_s=3.5)
    assert hits >= 1
    assert exchanges >= 5 * 30


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_exchanges_with_every_fault_and_kill_9_leave_both_ends_agreed(tmp_path: Path) -> None:
    hits, exchanges = survive(tmp_path, plain=10_000, cases=8, per_file=5, seed=8, kills=40, longest_life_s=9.0)
    assert hits >= 20
    assert exchanges >= 10_000
