"""Inspections: a lot that can be drawn again, entries that arrive twice or crosswise, photographs that must tell a time."""

from __future__ import annotations

import itertools
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts.factories import make_actor, make_member, make_organisation
from tests.supervision.inspection_factories import (
    NOON,
    entry,
    fill_in,
    make_inspection,
    make_licence,
    make_office,
    photograph,
    sign,
    signature_picture,
    told_of,
)

from openbeian.accounts.models import User
from openbeian.documents.models import Document
from openbeian.journal.models import Entry as JournalEntry
from openbeian.kernel import clock
from openbeian.kernel.actor import NotPermitted
from openbeian.rules.rulebook import current_rulebook
from openbeian.supervision.inspections.actions.conclude_inspection import conclude_inspection
from openbeian.supervision.inspections.actions.declare_conflict import declare_conflict
from openbeian.supervision.inspections.actions.draw_inspections import draw_inspections
from openbeian.supervision.inspections.actions.keep_photo import keep_photo
from openbeian.supervision.inspections.actions.keep_signature import keep_signature
from openbeian.supervision.inspections.actions.sync_entries import sync_entries
from openbeian.supervision.inspections.checklist import get_checklist, get_sampling, list_rule_ids
from openbeian.supervision.inspections.decisions import (
    Candidate,
    Said,
    assign,
    count_draws,
    draw,
    find_heads,
    is_conflict,
    judge_photo_time,
)
from openbeian.supervision.inspections.drawing import is_reproducible
from openbeian.supervision.inspections.errors import (
    DrawUnfit,
    InspectionNotYours,
    InspectionOver,
    InspectorsMissing,
    NotConcluded,
    NothingToDraw,
    PictureUnfit,
    SyncUnfit,
)
from openbeian.supervision.inspections.models import Draw, Entry, Inspection, Photo, Signature
from openbeian.supervision.inspections.queries import find_standing, list_lines


def test_every_rule_that_checklist_and_sampling_name_stands_in_the_rulebook() -> None:
    for rule_id in list_rule_ids():
        assert current_rulebook().get_rule(rule_id)
    assert {i.group for i in get_checklist().items.values()} == set(get_checklist().groups)
    assert {"environment", "security", "logs", "content", "footers", "operations"} == set(get_checklist().groups)
    assert get_sampling().inspectors == 2


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(0, 30), st.text(min_size=4, max_size=20))
def test_a_lot_draws_the_same_whatever_the_order_and_nobody_twice(weights: list[int], count: int, seed: str) -> None:
    urn = [Candidate(f"licence:{n}", w) for n, w in enumerate(weights)]
    drawn = draw(urn, count, seed)
    assert drawn == draw(reversed(urn), count, seed)
    assert len(drawn) == len(set(drawn)) == min(count, len(urn))


def test_the_lot_is_fair_and_a_weight_of_three_is_drawn_about_three_times_as_often() -> None:
    urn = [Candidate("heavy", 3), *(Candidate(f"c{n}", 1) for n in range(9))]
    won = Counter(draw(urn, 1, f"seed {n}")[0] for n in range(3000))
    assert 0.20 < won["heavy"] / 3000 < 0.30  # 3 of 12
    assert all(0.05 < won[f"c{n}"] / 3000 < 0.12 for n in range(9))


def test_how_many_are_drawn_is_the_share_within_its_bounds() -> None:
    assert count_draws(1000, 5, 1, 100) == 50
    assert count_draws(3, 5, 1, 100) == 1
    assert count_draws(100000, 5, 1, 100) == 100
    assert count_draws(0, 5, 1, 100) == 0


@given(st.integers(0, 12), st.integers(0, 5), st.text(min_size=4, max_size=9), st.data())
def test_nobody_is_assigned_who_is_barred_and_the_work_is_spread(
    drawn: int, inspectors: int, seed: str, data: st.DataObject
) -> None:
    keys = [f"licence:{n}" for n in range(drawn)]
    people = list(range(inspectors))
    barred = {k: frozenset(data.draw(st.sets(st.sampled_from(people)))) if people else frozenset() for k in keys}
    assigned = assign(keys, people, barred, 2, seed)
    for key, two in assigned.items():
        assert len(set(two)) == 2
        assert not set(two) & barred[key]
    assert {k for k in keys if k not in assigned} == {k for k in keys if inspectors - len(barred[k]) < 2}
    if not any(barred.values()) and assigned:
        load = Counter(itertools.chain(*assigned.values()))
        assert max(load.values()) - min(load.get(p, 0) for p in people) <= 1


@given(st.permutations(range(6)))
def test_entries_say_the_same_in_whatever_order_they_come(order: list[int]) -> None:
    first, second = Said("a", "i", "met", "", ()), Said("b", "i", "not_met", "坏", ("a",))
    third = Said("c", "i", "met", "好", ("a",))
    both = Said("d", "i", "not_met", "选定", ("b", "c"))
    other, twice = Said("e", "j", "met", "", ()), Said("f", "j", "met", "", ())
    listed = [first, second, third, both, other, twice]
    heads = find_heads(listed[n] for n in order)
    assert [h.uuid for h in heads["i"]] == ["d"]
    # The same said by two devices is no quarrel.
    assert not is_conflict(heads["j"])
    assert is_conflict(find_heads([first, second, third])["i"])


def test_a_photographs_own_time_counts_and_one_without_any_is_not_taken() -> None:
    def judge(exif: Any, typed: Any) -> Any:
        return judge_photo_time(exif, typed, began_at=NOON, now=NOON)

    assert judge(None, None) is None
    assert judge(NOON + timedelta(hours=1), None) is None
    assert judge(None, NOON).doubt == "typed"
    assert judge(NOON, NOON - timedelta(days=9)).doubt == ""
    assert judge(NOON - timedelta(days=2), None).doubt == "old"


pytest_db = pytest.mark.django_db


@pytest_db
def test_a_draw_can_be_done_again_from_what_is_on_record_and_tampering_shows() -> None:
    office = make_office(licences=12)
    held = draw_inspections(office.officer, "licences_special", "双色球 2026131")
    assert len(held.drawn) == 3
    assert held.inspections.count() == 3
    assert is_reproducible(held)
    assert all(i.assignments.count() == 2 for i in held.inspections.all())
    told = JournalEntry.objects.get(event="inspection.drawn").after
    assert told["seed"] == "双色球 2026131"
    assert told["drawn"] == held.drawn
    held.drawn = list(reversed(held.drawn))
    assert not is_reproducible(held)
    held.refresh_from_db()
    held.population[0][1] += 1
    assert not is_reproducible(held)


@pytest_db
def test_a_draw_without_a_seed_makes_one_that_nobody_could_guess() -> None:
    office = make_office(licences=2)
    first = draw_inspections(office.officer, "licences_special")
    assert len(first.seed) == 32
    second = draw_inspections(office.officer, "licences_special")
    assert set(first.drawn).isdisjoint(second.drawn)
    with pytest.raises(NothingToDraw):
        draw_inspections(office.officer, "licences_special")


@pytest_db
@pytest.mark.parametrize(("scheme", "seed", "field"), [("none", "", "scheme"), ("licences_special", "12", "seed"), ("licences_special", "x" * 200, "seed"), ("licences_special", "bad\u202eseed", "seed")])  # fmt: skip
def test_an_unfit_draw_is_refused_with_field_and_fix(scheme: str, seed: str, field: str) -> None:
    office = make_office()
    with pytest.raises(DrawUnfit) as refused:
        draw_inspections(office.officer, scheme, seed)
    assert [f.field for f in refused.value.faults] == [field]
    assert refused.value.faults[0].fix.zh
    assert not Draw.objects.exists()


@pytest_db
def test_only_an_administrations_officer_draws_and_only_in_its_area() -> None:
    office = make_office(licences=0)
    make_licence(province="沪")
    with pytest.raises(NothingToDraw):
        draw_inspections(office.officer, "licences_special")
    for actor in (office.inspectors[0], make_actor(make_organisation(), "applicant")):
        with pytest.raises(NotPermitted):
            draw_inspections(actor, "licences_special")


@pytest_db
def test_with_too_few_inspectors_free_of_conflicts_nothing_is_drawn() -> None:
    office = make_office(inspectors=2)
    make_member(office.licences[0].organisation, "auditor", user=User.objects.get(pk=office.inspectors[0].user_id))
    with pytest.raises(InspectorsMissing):
        draw_inspections(office.officer, "licences_special")
    assert not Draw.objects.exists()


@pytest_db
def test_an_inspector_who_declares_a_conflict_is_replaced_by_lot_and_never_drawn_again() -> None:
    office = make_office(inspectors=3)
    inspection = make_inspection(office)
    biased = office.inspector_of(inspection)
    declare_conflict(biased, inspection.pk, "曾在该单位任职")
    declare_conflict(biased, inspection.pk, "曾在该单位任职")
    now = set(inspection.assignments.values_list("inspector_id", flat=True))
    assert len(now) == 2
    assert biased.user_id not in now
    last = office.inspector_of(inspection)
    with pytest.raises(InspectorsMissing):
        declare_conflict(last, inspection.pk, "亲属在该单位")
    with pytest.raises(NotPermitted):
        declare_conflict(office.inspectors[0], inspection.pk, "替他人声明", office.officer.user_id)


@pytest_db
def test_synchronising_twice_changes_nothing() -> None:
    office = make_office()
    inspection = make_inspection(office)
    actor = office.inspector_of(inspection)
    told = {"entries": [entry("logs.retention"), entry("footers.link", "not_met", "没有链接")]}
    first = sync_entries(actor, inspection.pk, told)
    journal, rows = JournalEntry.objects.count(), Entry.objects.count()
    again = sync_entries(actor, inspection.pk, told)
    assert (len(first.taken), len(again.taken), len(again.known)) == (2, 0, 2)
    assert (JournalEntry.objects.count(), Entry.objects.count()) == (journal, rows)
    inspection.refresh_from_db()
    assert inspection.state == "under_way"
    doubled = sync_entries(actor, inspection.pk, {"entries": [told["entries"][0]] * 2 + [entry("logs.fields")]})
    assert (len(doubled.taken), Entry.objects.count()) == (1, 3)


@pytest_db
def test_two_phones_that_disagree_are_both_kept_and_the_quarrel_is_shown_until_somebody_decides() -> None:
    office = make_office()
    inspection = make_inspection(office)
    one, two = office.inspector_of(inspection, 1), office.inspector_of(inspection, 2)
    mine, theirs = entry("logs.retention", "met"), entry("logs.retention", "not_met", "只有 30 天")
    sync_entries(one, inspection.pk, {"entries": [mine]})
    assert sync_entries(two, inspection.pk, {"entries": [theirs]}).conflicts == ("logs.retention",)
    line = next(x for x in list_lines(inspection) if x.item.id == "logs.retention")
    assert line.is_conflict
    assert line.answer == ""
    decided = entry("logs.retention", "not_met", "只有 30 天", (mine["uuid"], theirs["uuid"]))
    assert sync_entries(one, inspection.pk, {"entries": [decided]}).conflicts == ()
    assert [h.uuid for h in find_standing(inspection)["logs.retention"]] == [decided["uuid"]]
    assert Entry.objects.count() == 3


@pytest_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"uuid": "nonsense"}, "uuid"),
        ({"item": "no.such"}, "item"),
        ({"answer": "maybe"}, "answer"),
        ({"note": "x" * 501}, "note"),
        ({"note": "a\u202eb"}, "note"),
        ({"made_at": ""}, "made_at"),
        ({"made_at": "2026-11-20T12:00:00"}, "made_at"),
        ({"bases": "x"}, "bases"),
        ({"bases": ["x"]}, "bases"),
    ],
)
def test_an_entry_with_a_fault_is_refused_alone_with_field_and_fix(change: dict[str, Any], field: str) -> None:
    office = make_office()
    inspection = make_inspection(office)
    good, bad = entry("logs.retention"), {**entry("logs.fields"), **change}
    done = sync_entries(office.inspector_of(inspection), inspection.pk, {"entries": [good, bad]})
    assert done.taken == (good["uuid"],)
    ((_, faults),) = done.refused.items()
    assert faults[0].field == f"entries.1.{field}"
    assert faults[0].fix.zh
    assert Entry.objects.count() == 1


@pytest_db
@pytest.mark.parametrize("told", [None, [], {}, {"entries": 1}, {"entries": [1]}, {"entries": [{}] * 501}])
def test_what_is_no_synchronisation_is_refused(told: Any) -> None:
    office = make_office()
    inspection = make_inspection(office)
    with pytest.raises(SyncUnfit):
        sync_entries(office.inspector_of(inspection), inspection.pk, told)
    inspection.refresh_from_db()
    assert inspection.state == "planned"


@pytest_db
def test_an_identifier_of_another_inspection_is_refused() -> None:
    office = make_office(licences=8)
    held = draw_inspections(office.officer, "licences_special", "1234")
    first, second = held.inspections.order_by("pk")
    one = entry("logs.retention")
    sync_entries(office.inspector_of(first), first.pk, {"entries": [one]})
    done = sync_entries(office.inspector_of(second), second.pk, {"entries": [one]})
    assert list(done.refused) == [one["uuid"]]
    assert not second.entries.exists()


@pytest_db
def test_only_the_two_inspectors_record_and_the_inspected_see_nothing_before_it_began() -> None:
    office = make_office(inspectors=3)
    inspection = make_inspection(office)
    chosen = set(inspection.assignments.values_list("inspector_id", flat=True))
    idle = next(i for i in office.inspectors if i.user_id not in chosen)
    holder = make_actor(office.licences[0].organisation, "applicant")
    told = {"entries": [entry("logs.retention")]}
    with pytest.raises(InspectionNotYours):
        sync_entries(idle, inspection.pk, told)
    for actor in (holder, office.officer):
        with pytest.raises(NotPermitted):
            sync_entries(actor, inspection.pk, told)
    from openbeian.supervision.inspections.queries import list_inspections_visible_to

    assert not list_inspections_visible_to(holder).exists()
    sync_entries(office.inspector_of(inspection), inspection.pk, told)
    assert list_inspections_visible_to(holder).get() == inspection
    assert not list_inspections_visible_to(make_actor(make_organisation(), "applicant")).exists()


@pytest_db
def test_a_photograph_is_kept_once_with_its_time_and_hash_and_without_its_metadata() -> None:
    office = make_office()
    inspection = make_inspection(office)
    actor = office.inspector_of(inspection)
    content = photograph()
    told = told_of(content, "logs.firewall")
    with clock.hold(NOON):
        photo = keep_photo(actor, inspection.pk, told, content)
        again = keep_photo(actor, inspection.pk, told, content)
    assert photo.pk == again.pk
    assert (Photo.objects.count(), Document.objects.count()) == (1, 1)
    assert photo.taken_at == NOON
    assert (photo.time_source, photo.doubt) == ("exif", "")
    assert photo.sha256 == told["sha256"]
    assert photo.document.sha256 != photo.sha256
    other = photograph(colour="blue")
    with pytest.raises(PictureUnfit):
        keep_photo(actor, inspection.pk, {**told_of(other, "logs.firewall"), "uuid": told["uuid"]}, other)


@pytest_db
def test_a_photograph_without_time_is_refused_with_field_and_fix_and_taken_flagged_once_it_is_typed() -> None:
    office = make_office()
    inspection = make_inspection(office)
    actor = office.inspector_of(inspection)
    content = photograph("")
    told = told_of(content, "logs.firewall")
    with pytest.raises(PictureUnfit) as refused:
        keep_photo(actor, inspection.pk, told, content)
    assert [f.field for f in refused.value.faults] == ["taken_at"]
    assert "拍摄时间" in refused.value.faults[0].fix.zh
    assert not Document.objects.exists()
    photo = keep_photo(actor, inspection.pk, {**told, "taken_at": clock.now().isoformat()}, content)
    assert (photo.time_source, photo.doubt) == ("typed", "typed")


@pytest_db
def test_a_photograph_damaged_on_its_way_is_not_taken() -> None:
    office = make_office()
    inspection = make_inspection(office)
    content = photograph()
    with pytest.raises(PictureUnfit) as refused:
        keep_photo(office.inspector_of(inspection), inspection.pk, told_of(content, "logs.firewall"), content[:-9])
    assert [f.field for f in refused.value.faults] == ["sha256"]


@pytest_db
def test_a_signature_holds_for_the_answers_under_it_and_is_asked_for_again_when_they_change() -> None:
    office = make_office()
    inspection = make_inspection(office)
    actor = office.inspector_of(inspection)
    fill_in(actor, inspection)
    standing = find_standing(inspection)["logs.retention"][0]
    sync_entries(actor, inspection.pk, {"entries": [entry("logs.retention", "not_met", "缺", (standing.uuid,))]})
    with pytest.raises(NotConcluded) as refused:
        conclude_inspection(actor, inspection.pk)
    assert {f.field for f in refused.value.faults} == {f"signatures.{r}" for r in ("inspector_1", "inspector_2", "inspected")}  # fmt: skip
    for role in ("inspector_1", "inspector_2", "inspected"):
        sign(actor, inspection, role)
    assert conclude_inspection(actor, inspection.pk).state == "rectifying"


@pytest_db
def test_a_signature_under_answers_that_have_not_arrived_waits_for_them() -> None:
    office = make_office()
    inspection = make_inspection(office)
    content = signature_picture()
    told = {**told_of(content, ""), "role": "inspected", "signer": "王示例", "signed_at": NOON.isoformat(), "heads": [str(uuid.uuid4())]}  # fmt: skip
    with pytest.raises(PictureUnfit) as refused:
        keep_signature(office.inspector_of(inspection), inspection.pk, told, content)
    assert [f.field for f in refused.value.faults] == ["heads"]
    assert not Signature.objects.exists()


@pytest_db
def test_everything_missing_is_listed_at_once_and_nothing_is_concluded() -> None:
    office = make_office()
    inspection = make_inspection(office)
    actor = office.inspector_of(inspection)
    sync_entries(actor, inspection.pk, {"entries": [entry("logs.retention", "not_met")]})
    with pytest.raises(NotConcluded) as refused:
        conclude_inspection(actor, inspection.pk)
    assert len(refused.value.faults) == len(get_checklist().items) + 3
    inspection.refresh_from_db()
    assert inspection.state == "under_way"
    assert not inspection.faults.exists()


@pytest_db
def test_after_the_conclusion_nothing_more_is_taken_but_what_was_sent_before_may_come_again() -> None:
    office = make_office()
    inspection = make_inspection(office)
    actor = office.inspector_of(inspection)
    early = entry("logs.retention")
    sync_entries(actor, inspection.pk, {"entries": [early]})
    fill_in(actor, inspection)
    rest = find_standing(inspection)["logs.retention"]
    sync_entries(actor, inspection.pk, {"entries": [entry("logs.retention", bases=tuple(h.uuid for h in rest))]})
    for role in ("inspector_1", "inspector_2", "inspected"):
        sign(actor, inspection, role)
    conclude_inspection(actor, inspection.pk)
    assert sync_entries(actor, inspection.pk, {"entries": [early]}).known == (early["uuid"],)
    with pytest.raises(InspectionOver):
        sync_entries(actor, inspection.pk, {"entries": [entry("logs.fields")]})
    with pytest.raises(InspectionOver):
        conclude_inspection(actor, inspection.pk)
    assert Inspection.objects.get().state == "closed"
