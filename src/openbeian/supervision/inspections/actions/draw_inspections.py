"""Draws whom to inspect and by whom, by lot with a recorded seed, and plans the inspections."""

from __future__ import annotations

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor
from openbeian.kernel.text import Text
from openbeian.supervision.inspections.checklist import Scheme, get_sampling
from openbeian.supervision.inspections.decisions import count_draws, draw
from openbeian.supervision.inspections.drawing import list_urn, weigh
from openbeian.supervision.inspections.errors import DrawUnfit, NothingToDraw, fault
from openbeian.supervision.inspections.events import InspectionsDrawn
from openbeian.supervision.inspections.models import Draw
from openbeian.supervision.inspections.planning import check_may_plan, plan_inspections, read_seed


def draw_inspections(actor: Actor, scheme_id: str, seed: str = "") -> Draw:
    """One draw of an administration by a scheme of the rulebook.

    `seed` is what the lot is drawn with, as the numbers of a public lottery of the day; left empty, one is made. It is
    recorded with everybody in the urn, so that the draw can be done again by anybody.

    Raises: NotPermitted, DrawUnfit, NothingToDraw, InspectorsMissing.
    """
    check_may_plan(actor)
    scheme, seed = _read(scheme_id, seed)
    sampling = get_sampling()
    with transaction.atomic():
        urn = list_urn(actor, scheme)
        candidates = weigh(urn, scheme)
        count = count_draws(len(candidates), scheme.share_percent, scheme.at_least, scheme.at_most)
        drawn = draw(candidates, count, seed)
        if not drawn:
            raise NothingToDraw(days=scheme.rest_days)
        held, planned = plan_inspections(actor, sampling, scheme.id, seed, urn, candidates, drawn)
        record_event(
            InspectionsDrawn,
            actor,
            ("draw", held.pk),
            after={
                "scheme": f"{scheme.id} {sampling.version}",
                "seed": seed,
                "population": len(held.population),
                "population_sha256": held.population_sha256,
                "drawn": drawn,
                "inspectors": held.inspectors,
                "inspections": [inspection.pk for inspection in planned],
            },
        )
    return held


def _read(scheme_id: str, seed: str) -> tuple[Scheme, str]:
    scheme = get_sampling().schemes.get(scheme_id)
    if scheme is None:
        message, fix = (
            Text("没有这个抽查方案。", "There is no such scheme."),
            Text("请从列表中选择。", "Choose one from the list."),
        )
        raise DrawUnfit(faults=[fault("scheme", "scheme", message, fix, scheme_id[:60])])
    seed, faults = read_seed(seed)
    if faults:
        raise DrawUnfit(faults=faults)
    return scheme, seed
