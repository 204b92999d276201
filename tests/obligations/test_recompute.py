"""Stored obligations follow the record, the day and the rules: idempotent, incremental, never against a settlement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from tests.obligations.facts import noon
from tests.registry.factories import make_actor, make_organisation, make_provider, make_service, make_sponsor

from openbeian.journal.models import Cursor, Entry
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM
from openbeian.kernel.working_days import ArrangedDay, Arrangement
from openbeian.obligations import recomputing
from openbeian.obligations.actions import follow_record as following
from openbeian.obligations.actions import recompute_obligations as module
from openbeian.obligations.actions.follow_record import follow_record
from openbeian.obligations.actions.recompute_obligations import recompute_obligations
from openbeian.obligations.actions.set_lead_times import set_lead_times
from openbeian.obligations.actions.settle_obligation import settle_obligation
from openbeian.obligations.actions.waive_obligation import waive_obligation
from openbeian.obligations.errors import (
    LeadTimesUnfit,
    ObligationNotYours,
    ObligationSettled,
    ReasonMissing,
    StandingDuty,
)
from openbeian.obligations.models import KindMark, Obligation
from openbeian.obligations.recomputing import refresh_subjects
from openbeian.obligations.storing import Writer
from openbeian.policies.actions.switch_policy_on import switch_policy_on
from openbeian.registry.actions.cancel_service import cancel_service
from openbeian.registry.actions.record_licence import record_licence
from openbeian.registry.actions.record_number_resource import record_number_resource
from openbeian.registry.models import Service, Sponsor
from openbeian.rules.arrangements import with_arrangement
from openbeian.rules.rulebook import current_rulebook

pytestmark = pytest.mark.django_db

LICENCE = {
    "number": "京B2-20210001",
    "holder": "北京示例科技有限公司",
    "certificate_number": "91110000600037341L",
    "issued_on": "2021-03-01",
    "valid_until": "2026-03-01",
    "businesses": "B25",
    "areas": "京",
}


def at(day: str, run: Callable[[], Any]) -> Any:
    with clock.hold(noon(date.fromisoformat(day))):
        return run()


def stages(kind: str) -> list[str]:
    return list(Obligation.objects.filter(kind=kind).order_by("cycle").values_list("stage", flat=True))


def snapshot() -> list[dict[str, Any]]:
    return list(Obligation.objects.order_by("pk").values())


def test_computing_twice_writes_once_and_changes_nothing() -> None:
    make_service(make_sponsor(), provider=make_provider())
    first = at("2026-03-05", recompute_obligations)
    stored = snapshot()
    assert first["written"] == len(stored) > 0
    assert at("2026-03-05", recompute_obligations)["owed"] == 0
    again = at("2026-03-05", lambda: recompute_obligations(everything=True))
    assert (again["owed"], again["written"], again["removed"]) == (len(stored), 0, 0)
    assert snapshot() == stored


def test_a_licence_lives_from_its_grant_through_its_windows_to_overdue() -> None:
    actor = make_actor(make_organisation())
    at("2025-06-02", lambda: record_licence(actor, LICENCE))
    seen = []
    for day in ("2025-06-03", "2025-09-03", "2025-11-25", "2025-12-02", "2026-03-02"):
        at(day, recompute_obligations)
        seen.append((stages("licence.renewal"), stages("licence.expiry")))
    assert seen == [
        (["far"], ["far"]),
        (["window_open"], ["far"]),
        (["due_soon"], ["far"]),
        (["overdue"], ["window_open"]),
        (["overdue"], ["overdue"]),
    ]


def test_the_reader_of_the_journal_computes_what_changed_and_moves_its_cursor() -> None:
    service = make_service(provider=make_provider())
    at("2026-03-05", follow_record)
    assert stages("service.police_filing") == ["due_soon"] or stages("service.police_filing") == ["window_open"]
    assert Cursor.objects.get(reader="obligations").sequence == Entry.objects.count()
    with transaction.atomic():
        cancel_service(SYSTEM, service.pk, date(2026, 3, 6))
    at("2026-03-06", follow_record)
    assert not Obligation.objects.filter(subject_kind="service").exists()
    assert at("2026-03-06", follow_record) == {"read": 0, "written": 0}


def test_a_waived_obligation_stays_waived_whatever_is_computed() -> None:
    organisation = make_organisation()
    make_service(make_sponsor(organisation), provider=make_provider())
    at("2026-03-05", recompute_obligations)
    row = Obligation.objects.get(kind="service.police_filing")
    waive_obligation(make_actor(organisation), row.pk, "由集团统一办理")
    at("2026-05-05", recompute_obligations)
    assert stages("service.police_filing") == ["waived"]
    entry = Entry.objects.get(event="obligation.waived")
    assert (entry.after["why"], entry.concerns) == ("由集团统一办理", [organisation.pk])
    with pytest.raises(ObligationSettled):
        waive_obligation(make_actor(organisation), row.pk, "再次豁免")


def test_an_obligation_done_keeps_its_evidence_and_the_next_cycle_is_owed_again() -> None:
    organisation = make_organisation()
    actor = make_actor(organisation)
    at(
        "2026-01-10",
        lambda: record_number_resource(actor, {"number": "10690001", "kind": "1069", "assigned_on": "2025-06-01"}),
    )
    at("2026-02-01", recompute_obligations)
    row = Obligation.objects.get(kind="number.annual_report", cycle="2025")
    settle_obligation(actor, row.pk, "回执 2026-0007")
    at("2027-02-01", recompute_obligations)
    found = Obligation.objects.filter(kind="number.annual_report").order_by("cycle").values_list("cycle", "stage")
    assert list(found) == [("2025", "done"), ("2026", "window_open"), ("2027", "far")]


def test_a_standing_duty_is_never_done_but_may_be_waived() -> None:
    organisation = make_organisation()
    make_service(make_sponsor(organisation), provider=make_provider())
    at("2026-03-05", recompute_obligations)
    row = Obligation.objects.get(kind="service.footer_number")
    with pytest.raises(StandingDuty):
        settle_obligation(make_actor(organisation), row.pk, "已放置")
    with pytest.raises(ReasonMissing):
        waive_obligation(make_actor(organisation), row.pk, " ")
    row.refresh_from_db()
    assert row.stage == "standing"


def test_nobody_settles_the_obligation_of_another_organisation() -> None:
    make_service(provider=make_provider())
    at("2026-03-05", recompute_obligations)
    row = Obligation.objects.get(kind="service.police_filing")
    with pytest.raises(ObligationNotYours):
        settle_obligation(make_actor(make_organisation()), row.pk, "京公网安备")
    assert not Entry.objects.filter(event__startswith="obligation.").exists()


def test_a_rule_that_changed_is_computed_anew_and_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    make_service(make_sponsor(), provider=make_provider())
    at("2026-03-05", recompute_obligations)
    KindMark.objects.filter(kind="service.police_filing").update(digest="older")
    asked: list[tuple[str, frozenset[str] | None]] = []
    refresh = module.refresh_subjects

    def listen(subject_kind: str, ids: Any = None, **options: Any) -> dict[str, int]:
        asked.append((subject_kind, options["only"]))
        return refresh(subject_kind, ids, **options)

    monkeypatch.setattr(module, "refresh_subjects", listen)
    counts = at("2026-03-05", recompute_obligations)
    assert asked == [("service", frozenset({"service.police_filing"}))]
    assert counts["owed"] == 1


def test_own_lead_times_are_followed_and_given_back() -> None:
    organisation = make_organisation()
    manager = make_actor(organisation, "administrator")
    at("2025-06-02", lambda: record_licence(make_actor(organisation), LICENCE))
    at("2025-06-02", recompute_obligations)
    at("2025-06-02", lambda: set_lead_times(manager, "licence.renewal", [365, 90]))
    at("2025-06-02", follow_record)
    assert stages("licence.renewal") == ["due_soon"]
    set_lead_times(manager, "licence.renewal", [])
    at("2025-06-02", follow_record)
    assert stages("licence.renewal") == ["far"]
    with pytest.raises(LeadTimesUnfit):
        set_lead_times(manager, "licence.renewal", [30, 90])


def test_a_policy_of_one_organisation_leaves_the_others_alone() -> None:
    with_policy, without = make_organisation(), make_organisation()
    make_sponsor(with_policy)
    make_sponsor(without)
    administrator = make_actor(with_policy, "administrator")
    switch_policy_on(
        administrator,
        "filing.reconfirmation.cycle",
        "two_years",
        organisation_id=with_policy.pk,
        since=date(2026, 3, 1),
    )
    at("2026-03-05", recompute_obligations)
    row = Obligation.objects.get(kind="sponsor.reconfirmation")
    assert (row.organisation_id, row.policy_claim, row.policy_scope) == (with_policy.pk, "two_years", "organisation")


def test_a_settlement_made_while_the_nightly_run_computes_is_not_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = make_organisation()
    service = make_service(make_sponsor(organisation), provider=make_provider())
    at("2026-03-05", recompute_obligations)
    row = Obligation.objects.get(kind="service.police_filing")
    actor = make_actor(organisation)
    write = Writer.write

    def settle_first(writer: Writer) -> dict[str, int]:
        monkeypatch.setattr(Writer, "write", write)
        settle_obligation(actor, row.pk, "京公网安备11010102000001号")
        return write(writer)

    monkeypatch.setattr(Writer, "write", settle_first)
    # The service is gone and the day is long past: the run read the row as open and wants to remove it.
    Service.objects.filter(pk=service.pk).update(standing="cancelled")
    at("2026-09-05", lambda: refresh_subjects("service"))
    assert stages("service.police_filing") == ["done"]
    assert Obligation.objects.filter(subject_kind="service").count() == 1


def test_two_runs_that_store_the_same_at_once_store_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    make_service(make_sponsor(), provider=make_provider())
    monkeypatch.setattr(recomputing, "list_stored", lambda *_: {})
    at("2026-03-05", lambda: refresh_subjects("service"))
    stored = snapshot()
    at("2026-03-05", lambda: refresh_subjects("service"))
    assert snapshot() == stored != []


def test_a_record_that_changed_hands_takes_its_obligations_along_and_keeps_their_keys() -> None:
    service = make_service(make_sponsor(), provider=make_provider())
    at("2026-03-05", recompute_obligations)
    before = set(Obligation.objects.filter(subject_kind="service").values_list("pk", flat=True))
    heir = make_organisation()
    Sponsor.objects.filter(pk=service.sponsor_id).update(organisation=heir)
    at("2026-03-05", lambda: refresh_subjects("service", [service.pk]))
    after = Obligation.objects.filter(subject_kind="service")
    assert set(after.values_list("pk", flat=True)) == before
    assert set(after.values_list("organisation_id", flat=True)) == {heir.pk}


def test_a_settled_report_ends_what_follows_it_within_a_minute() -> None:
    organisation = make_organisation()
    actor = make_actor(organisation)
    at("2025-12-01", lambda: record_licence(actor, {**LICENCE, "valid_until": "2030-03-01", "issued_on": "2025-03-01"}))
    at("2026-04-02", recompute_obligations)
    assert Obligation.objects.filter(kind="licence.annual_report_make_up", cycle="2025").exists()
    report = Obligation.objects.get(kind="licence.annual_report", cycle="2025")
    at("2026-04-03", lambda: settle_obligation(actor, report.pk, "平台显示已报送"))
    at("2026-04-03", follow_record)
    assert not Obligation.objects.filter(kind="licence.annual_report_make_up", cycle="2025").exists()


def test_lead_times_and_policies_compute_only_what_they_are_about(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = make_organisation(), make_organisation()
    for number, organisation in enumerate((one, other)):
        licence = {**LICENCE, "number": f"京B2-2021000{number}"}
        actor = make_actor(organisation)
        at("2025-06-02", lambda given=licence, by=actor: record_licence(by, given))
    at("2025-06-02", follow_record)
    at("2025-06-02", recompute_obligations)
    manager = make_actor(one, "administrator")
    set_lead_times(manager, "licence.renewal", [365])
    switch_policy_on(
        manager, "filing.reconfirmation.cycle", "two_years", organisation_id=one.pk, since=date(2025, 6, 1)
    )
    asked: list[tuple[str, Any, frozenset[str] | None]] = []
    refresh = recomputing.refresh_subjects

    def listen(subject_kind: str, ids: Any = None, **options: Any) -> dict[str, int]:
        asked.append((subject_kind, ids, options["only"]))
        return refresh(subject_kind, ids, **options)

    monkeypatch.setattr(module, "refresh_subjects", listen)
    monkeypatch.setattr(following, "refresh_subjects", listen)
    at("2025-06-02", follow_record)
    mine = Obligation.objects.get(kind="licence.renewal", organisation=one).subject_id
    assert asked == [
        ("licence", [mine], frozenset({"licence.renewal"})),
        ("sponsor", None, frozenset({"sponsor.reconfirmation"})),
    ]


def test_a_new_years_holidays_rewrite_only_the_days_they_move(monkeypatch: pytest.MonkeyPatch) -> None:
    actor = make_actor(make_organisation())
    at("2026-11-20", lambda: record_licence(actor, {**LICENCE, "issued_on": "2022-06-15", "valid_until": "2027-06-15"}))
    at("2026-11-20", recompute_obligations)
    before = {row["pk"]: row for row in Obligation.objects.values("pk", "kind", "advised_on", "provisional")}
    assert any(row["provisional"] for row in before.values())
    # Fifteen days off in March, so that the advised day of the renewal (2027-03-17) moves.
    days = [ArrangedDay(date(2027, 3, n), "假日", True) for n in range(10, 20)]
    calendar = with_arrangement(current_rulebook().calendar, Arrangement(2027, "通知", tuple(days)))
    book = replace(current_rulebook(), calendar=calendar)
    monkeypatch.setattr(module, "current_rulebook", lambda: book)
    monkeypatch.setattr(recomputing, "current_rulebook", lambda: book)
    counts = at("2026-11-20", recompute_obligations)
    after = {row["pk"]: row for row in Obligation.objects.values("pk", "kind", "advised_on", "provisional")}
    moved = {row["kind"] for pk, row in after.items() if row != before[pk]}
    assert counts["owed"] == len(after)
    assert counts["written"] == sum(row != before[pk] for pk, row in after.items())
    assert "licence.renewal" in moved
