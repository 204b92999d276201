"""Keeps what probes saw: one row each, an evidence pack where something new was wrong, and the lease given back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from openbeian.documents.file_storage import generate_name
from openbeian.journal.bulk_insert import insert_rows, prepare_value, reserve_keys
from openbeian.kernel import clock
from openbeian.kernel.answers import Answer
from openbeian.observation.probing.record import ProbeRecord
from openbeian.supervision.decisions import State, compute_up
from openbeian.supervision.evidence import get_evidence_storage, pack_evidence
from openbeian.supervision.models import EvidencePack, Finding, StoredProbe, Sweep, WatchedSite
from openbeian.supervision.ports import Photographer
from openbeian.supervision.probe_rows import write_answers

_Seen = tuple[int, ProbeRecord]

_PICTURES_FOR = timedelta(seconds=60)
"""How long pictures are drawn for one call; the packs after that hold everything else."""


def record_probes(
    seen: Sequence[_Seen],
    occasion: StoredProbe.Occasion,
    *,
    sweep: Sweep | None = None,
    worker: str = "",
    photographer: Photographer | None = None,
) -> list[int]:
    """Stores the records of sites (by id), which `worker` holds; returns the ids of the probes. Nothing is judged yet:
    that is `settle_probes`.

    A site whose lease another worker has taken meanwhile, or that the sweep has a record of, is passed over.
    Packs are written before the rows: without its row a file is swept up, never the other way round.
    """
    evident = _list_evident(seen, occasion)
    packs, until = {}, clock.now() + _PICTURES_FOR
    for site, record in seen:
        if site in evident:
            # A portfolio full of faults must not keep the others waiting beyond their lease.
            packs[site] = _pack(site, record, photographer if clock.now() < until else None)
    with transaction.atomic():
        held = WatchedSite.objects.select_for_update(of=("self",)).filter(pk__in=[site for site, _ in seen])
        if sweep is not None:
            held = held.filter(leased_by=worker).exclude(swept_in=sweep) if worker else held.exclude(swept_in=sweep)
        mine = set(held.values_list("pk", flat=True))
        kept = [(site, record) for site, record in seen if site in mine]
        probes = list(reserve_keys(StoredProbe, len(kept)))
        rows = [(key, *_make_row(s, r, occasion, sweep)) for key, (s, r) in zip(probes, kept, strict=True)]
        insert_rows(StoredProbe, _COLUMNS, rows)
        for probe, (site, _) in zip(probes, kept, strict=True):
            if pack := packs.get(site):
                pack.probe_id = probe
        EvidencePack.objects.bulk_create(pack for site, pack in packs.items() if site in mine)
        changes: dict[str, object] = {"lease_until": None, "leased_by": "", "probed_at": clock.now()}
        if sweep is not None:
            changes["swept_in"] = sweep
        WatchedSite.objects.filter(pk__in=mine).update(**changes)
    return probes


_COLUMNS = (
    "id", "site_id", "sweep_id", "occasion", "started_at", "took_ms", "probe_version", "is_reached", "is_up", "status",
    "answers", "page_sha256",
)  # fmt: skip


def _make_row(site: int, record: ProbeRecord, occasion: str, sweep: Sweep | None) -> tuple[Any, ...]:
    statuses = [e.status for e in (record.https, record.http) if e is not None and e.status]
    return (
        site,
        sweep.pk if sweep else None,
        str(occasion),
        prepare_value(StoredProbe, "started_at", record.started_at),
        max(0, int((record.finished_at - record.started_at).total_seconds() * 1000)),
        record.probe_version[:20],
        bool(statuses),
        str(compute_up(record)),
        min(statuses[0], 999) if statuses else 0,
        json.dumps(write_answers(record)),
        record.page_sha256,
    )


def _list_evident(seen: Sequence[_Seen], occasion: StoredProbe.Occasion) -> set[int]:
    """The sites whose record is evidence of something not yet evident: a fault without a pack, or any re-check."""
    if occasion == StoredProbe.Occasion.RECHECK:
        return {site for site, _ in seen}
    proven: dict[int, set[str]] = {}
    rows = Finding.objects.filter(site_id__in=[site for site, _ in seen], packs__isnull=False)
    for site, kind in rows.exclude(state=State.CLOSED).values_list("site_id", "check_kind").distinct():
        proven.setdefault(site, set()).add(kind)
    return {site for site, record in seen if _list_faults(record) - proven.get(site, set())}


def _list_faults(record: ProbeRecord) -> set[str]:
    return {str(check.kind) for check in record.checks if check.outcome is Answer.NOT_MET}


def _pack(site: int, record: ProbeRecord, photographer: Photographer | None) -> EvidencePack:
    picture = photographer.draw_page(record.page, record.charset) if photographer and record.page else None
    packed = pack_evidence(record, picture)
    name = generate_name()
    get_evidence_storage().put(name, packed.content)
    return EvidencePack(
        site_id=site,
        seen_at=record.started_at,
        shows_fault=bool(_list_faults(record)),
        stored_name=name,
        size_bytes=len(packed.content),
        sha256=packed.sha256,
        items=list(packed.items),
        made_at=clock.now(),
    )
