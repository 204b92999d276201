"""Keeps what a public look-up or register said, so that the next look tells what changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.supervision.events import OutsideRowsCompared
from openbeian.supervision.models import OutsideRow


def compare_outside_rows(actor: Actor, told: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """`told` is what `outside.read_pasted` or `read_file` made of the rows. A row that says the same again only takes
    a new date; one that says something else keeps what it said before.

    Raises: NotPermitted.
    """
    check_permitted(actor, "import.run")
    if actor.organisation_id is None:
        raise NotPermitted(permission="import.run")
    now, counts = clock.now(), {"new": 0, "changed": 0, "same": 0}
    with transaction.atomic():
        rows = OutsideRow.objects.select_for_update().filter(organisation_id=actor.organisation_id)
        known = {row.number: row for row in rows.filter(number__in=list(told))}
        for number, fields in told.items():
            row = known.get(number)
            said = json.dumps(dict(fields), ensure_ascii=False, sort_keys=True)
            if row is None:
                row = OutsideRow(organisation_id=actor.organisation_id, number=number, told=said)
                counts["new"] += 1
            elif row.told != said:
                row.told_before, row.before_at, row.changed_at, row.told = row.told, row.told_at, now, said
                counts["changed"] += 1
            else:
                counts["same"] += 1
            row.told_at, row.told_by_id = now, actor.user_id
            row.save()
        record_event(OutsideRowsCompared, actor, ("organisation", actor.organisation_id), after=counts)
    return counts
