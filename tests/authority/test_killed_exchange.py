"""The outbox in the database: kill -9 of the worker or the bureau at random points, then both ends agree on everything."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection as database
from tests.authority.bureau import make_bureau
from tests.authority.connections import make_approved_case, make_connection, make_interface_world
from tests.authority.samples import make_filing, make_upload
from tests.authority.test_chaos import ROOT, Ends

from openbeian.authority.actions.queue_upload import queue_upload
from openbeian.authority.messages.writer import write
from openbeian.authority.models import Batch, Connection, ReceivedFile, Report
from openbeian.cases.actions.forward_case import forward_case
from openbeian.cases.models import Case
from openbeian.journal.models import Entry
from openbeian.registry.models import Sponsor

RECORDS_PER_FILE = 5


class WorkerEnds(Ends):
    """The bureau's process and a worker's on the test's database, with small files and little patience."""

    def start_client(self) -> None:
        self.client = self._run("tests.authority.exchange_worker", str(database.settings_dict["NAME"]))

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        return self._run(module, *arguments)

    def _run(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "OPENBEIAN_ROOT": str(ROOT),
            "OPENBEIAN_RULEBOOK": str(self.folder / "rulebook"),
        }
        log = (self.folder / "ends.txt").open("ab")
        with log:
            return subprocess.Popen([sys.executable, "-m", module, *arguments], env=environment, stdout=log, stderr=log)


def write_small_rulebook(folder: Path) -> None:
    """The rulebook with a few records per file, so that many files travel."""
    shutil.copytree(ROOT / "rulebook", folder / "rulebook")
    described = folder / "rulebook" / "authority" / "interface-v3.yaml"
    text = described.read_text()
    for old, new in (
        ("file_records: 1000", f"file_records: {RECORDS_PER_FILE}"),
        ("answer_timeout_s: 120", "answer_timeout_s: 5"),
    ):
        assert old in text
        text = text.replace(old, new)
    described.write_text(text)


def survive(folder: Path, *, plain: int, cases: int, seed: int, kills: int, longest_life_s: float) -> int:
    """Runs both ends until every report is answered, killing either now and then; returns how many kills hit."""
    world = make_interface_world()
    write_small_rulebook(folder)
    ends = WorkerEnds(folder, seed)
    connection = make_connection(world, f"http://127.0.0.1:{ends.port}")
    for start in range(0, plain, 100):
        filings = [make_filing(number) for number in range(start + 1, min(start + 100, plain) + 1)]
        queue_upload(world.reviewer, connection.pk, write(make_upload(*filings)))
    for _ in range(cases):
        forward_case(world.reviewer, make_approved_case(world).pk)
    die, hits = random.Random(seed), 0
    ends.start_bureau()
    ends.start_client()
    try:
        while True:
            assert ends.client is not None
            assert ends.bureau is not None
            try:
                code = ends.client.wait(die.uniform(3.0, longest_life_s) if hits < kills else 300)
            except subprocess.TimeoutExpired:
                victim, restart = die.choice([(ends.client, ends.start_client), (ends.bureau, ends.start_bureau)])
                victim.kill()
                victim.wait()
                hits += 1
                restart()
                continue
            assert code == 0, (folder / "ends.txt").read_text()[-4000:]
            break
    finally:
        ends.stop()
    check_agreement(folder, connection, plain + cases)
    return hits


def check_agreement(folder: Path, connection: Connection, records: int) -> None:
    """Every record, number and sequence stands at both ends, once."""
    bureau = make_bureau(folder)
    store = bureau.store
    batches = list(Batch.objects.filter(connection=connection).order_by("sequence"))
    assert [batch.state for batch in batches] == ["accepted"] * len(batches)
    assert [batch.sequence for batch in batches] == list(range(1, len(batches) + 1))
    assert store.get_last_sequence() == len(batches)
    for batch in batches:
        uploaded = store.find_upload(batch.sequence or 0)
        assert uploaded is not None
        assert uploaded.archive == batch.archive
    assert sum(batch.records for batch in batches) == records
    assert set(Report.objects.values_list("state", flat=True)) == {"done"}
    (held,) = store.connection.execute("SELECT count(*) FROM filing").fetchone()
    assert held == records == Report.objects.count()
    sent = {name for (name,) in store.connection.execute("SELECT name FROM outgoing")}
    applied = list(ReceivedFile.objects.values_list("name", flat=True))
    assert sorted(applied) == sorted(sent)
    assert store.list_outgoing(1) == []
    # One entry in the journal for each file, and no case granted twice.
    assert Entry.objects.filter(event="authority.batch_accepted").count() == len(batches)
    assert Entry.objects.filter(event="authority.file_applied").count() == len(applied)
    granted = Entry.objects.filter(event="case.granted").count()
    assert granted == Case.objects.filter(state="granted").count() == Sponsor.objects.count()
    for sponsor in Sponsor.objects.all():
        assert bureau.library.find("subject_number", sponsor.number) is not None
    store.close()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killing_the_worker_or_the_bureau_at_random_points_leaves_both_ends_agreed(tmp_path: Path) -> None:
    assert survive(tmp_path, plain=60, cases=4, seed=11, kills=8, longest_life_s=9.0) >= 4
