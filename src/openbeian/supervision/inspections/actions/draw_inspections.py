"""Draws whom to inspect and by whom, by lot with a recorded seed, and plans the inspections."""

from __future__ import annotations

import secrets

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.kernel.text import Text
from openbeian.supervision.inspections.checklist import Scheme, get_checklist, get_sampling
from openbeian.supervision.inspections.decisions import SEED_LENGTH, assign, count_draws, draw
from openbeian.supervision.inspections.drawing import (
    InUrn,
    digest_population,
    find_barred,
    list_inspectors,
    list_urn,
    weigh,
)
from openbeian.supervision.inspections.errors import DrawUnfit, InspectorsMissing, NothingToDraw, fault
from openbeian.supervision.inspections.events import InspectionsDrawn
from openbeian.supervision.inspections.models import Assignment, Draw, Inspection


def draw_inspections(actor: Actor, scheme_id: str, seed: str = "") -> Draw:
    """One draw of an administration by a scheme of the rulebook.

    `seed` is what the lot is drawn with, as the numbers of a public lottery of the day; left empty, one is made. It is
    recorded with everybody in the urn, so that the draw can be done again by anybody.

    Raises: NotPermitted, DrawUnfit, NothingToDraw, InspectorsMissing.
    """
    check_permitted(actor, "inspection.draw")
    if actor.organisation_id is None or actor.organisation_kind != "administration":
        raise NotPermitted(permission="inspection.draw")
    scheme, seed = _read(scheme_id, seed)
    sampling = get_sampling()
    with transaction.atomic():
        urn = list_urn(actor, scheme)
        candidates = weigh(urn, scheme)
        count = count_draws(len(candidates), scheme.share_percent, scheme.at_least, scheme.at_most)
        drawn = draw(candidates, count, seed)
        if not drawn:
            raise NothingToDraw(days=scheme.rest_days)
        names = list_inspectors(actor)
        assigned = assign(drawn, sorted(names), find_barred(urn, drawn, names), sampling.inspectors, seed)
        for key in drawn:
            if key not in assigned:
                raise InspectorsMissing(title=urn[key].title, count=sampling.inspectors)
        population = [[c.key, c.weight] for c in candidates]
        held = Draw.objects.create(
            administration_id=actor.organisation_id,
            scheme=scheme.id,
            scheme_version=sampling.version,
            seed=seed,
            population=population,
            population_sha256=digest_population(population),
            drawn=drawn,
            inspectors=assigned,
            drawn_at=clock.now(),
            drawn_by_id=actor.user_id,
            drawn_by_name=actor.name,
        )
        planned = [_plan(held, urn[key], assigned[key], names).pk for key in drawn]
        record_event(
            InspectionsDrawn,
            actor,
            ("draw", held.pk),
            after={
                "scheme": f"{scheme.id} {sampling.version}",
                "seed": seed,
                "population": len(population),
                "population_sha256": held.population_sha256,
                "drawn": drawn,
                "inspectors": assigned,
                "inspections": planned,
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
    seed = " ".join(seed.split()) or secrets.token_hex(16)
    least, most = SEED_LENGTH
    if not least <= len(seed) <= most or not seed.isprintable():
        message = Text(f"种子须为 {least} 至 {most} 个字符。", f"A seed has {least} to {most} characters.")
        fix = Text(
            "可填当日公开彩票号码，或留空由系统生成。", "Give the day's public lottery numbers, or leave it empty."
        )
        raise DrawUnfit(faults=[fault("seed", "seed", message, fix, seed[:60])])
    return scheme, seed


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
