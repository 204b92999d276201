"""Plans inspections: writes the lot down and names the inspectors by it; shared by draws and by orders."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.supervision.inspections.checklist import Sampling, get_checklist
from openbeian.supervision.inspections.decisions import SEED_LENGTH, Candidate, assign
from openbeian.supervision.inspections.drawing import InUrn, digest_population, find_barred, list_inspectors
from openbeian.supervision.inspections.errors import InspectorsMissing, fault
from openbeian.supervision.inspections.models import Assignment, Draw, Inspection
from openbeian.supervision.inspections.queries import DRAW

ORDERED = "ordered"
"""The scheme of a draw whose one record an officer named."""


def check_may_plan(actor: Actor) -> int:
    """The administration of the officer. Raises: NotPermitted for anybody else."""
    check_permitted(actor, DRAW)
    if actor.organisation_id is None or actor.organisation_kind != "administration":
        raise NotPermitted(permission=DRAW)
    return actor.organisation_id


def read_seed(seed: str) -> tuple[str, list[Fault]]:
    """The seed on one line, one made at random for none; and what is wrong with it."""
    seed = " ".join(seed.split()) or secrets.token_hex(16)
    least, most = SEED_LENGTH
    if least <= len(seed) <= most and seed.isprintable():
        return seed, []
    message = Text(f"种子须为 {least} 至 {most} 个字符。", f"A seed has {least} to {most} characters.")
    fix = Text("可填当日公开彩票号码，或留空由系统生成。", "Give the day's public lottery numbers, or leave it empty.")
    return seed, [fault("seed", "seed", message, fix, seed[:60])]


def plan_inspections(
    actor: Actor,
    sampling: Sampling,
    scheme: str,
    seed: str,
    urn: Mapping[str, InUrn],
    candidates: Sequence[Candidate],
    drawn: Sequence[str],
    *,
    reason: str = "",
) -> tuple[Draw, list[Inspection]]:
    """The draw on record and its inspections, each with inspectors by lot. Raises: NotPermitted, InspectorsMissing."""
    administration_id = check_may_plan(actor)
    names = list_inspectors(actor)
    assigned = assign(drawn, sorted(names), find_barred(urn, drawn, names), sampling.inspectors, seed)
    for key in drawn:
        if key not in assigned:
            raise InspectorsMissing(title=urn[key].title, count=sampling.inspectors)
    population = [[c.key, c.weight] for c in candidates]
    held = Draw.objects.create(
        administration_id=administration_id,
        scheme=scheme,
        scheme_version=sampling.version,
        seed=seed,
        population=population,
        population_sha256=digest_population(population),
        drawn=list(drawn),
        inspectors=assigned,
        reason=reason,
        drawn_at=clock.now(),
        drawn_by_id=actor.user_id,
        drawn_by_name=actor.name,
    )
    return held, [_plan(held, urn[key], assigned[key], names) for key in drawn]


def _plan(held: Draw, one: InUrn, inspectors: list[int], names: dict[int, str]) -> Inspection:
    inspection = Inspection.objects.create(
        draw=held,
        administration_id=held.administration_id,
        organisation_id=one.organisation_id,
        licence_id=one.licence_id,
        sponsor_id=one.sponsor_id,
        title=one.title,
        number=one.number,
        province=one.province,
        checklist_version=get_checklist().version,
        planned_at=held.drawn_at,
    )
    Assignment.objects.bulk_create(
        Assignment(inspection=inspection, inspector_id=user, name=names[user], place=place)
        for place, user in enumerate(inspectors, 1)
    )
    return inspection
