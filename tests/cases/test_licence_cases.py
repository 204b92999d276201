"""Licence applications: from the empty form to the paper, late, silent, partial, inspected, and on an outside portal."""

from __future__ import annotations

from datetime import date

import pytest
from tests.cases.factories import make_document
from tests.cases.licence_factories import add_papers, make_filled, make_holder, make_licence, make_submitted, on
from tests.registry.factories import make_sponsor

from openbeian.cases.actions.deem_licence_cases import deem_licence_cases
from openbeian.cases.actions.grant_case import grant_case
from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.actions.start_licence_case import start_licence_case
from openbeian.cases.actions.submit_case import submit_case
from openbeian.cases.actions.take_up_case import take_up_case
from openbeian.cases.actions.turn_case import turn_case
from openbeian.cases.errors import (
    CaseIncomplete,
    EvidenceMissing,
    OpenCaseExists,
    ProcedureUnfit,
    ReasonsMissing,
    TurnNotPossible,
)
from openbeian.cases.models import Case
from openbeian.cases.queries import get_reasons, list_procedures
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.models import Licence, NumberResource, Standing

pytestmark = pytest.mark.django_db
LACKING = [{"code": "plan_unfit", "field": "businesses.0.note"}]


def faults_of(refusal: pytest.ExceptionInfo[CaseIncomplete]) -> set[str]:
    return {fault.rule for fault in refusal.value.faults}


def test_apply_correct_grant_puts_the_licence_on_record_for_five_years() -> None:
    holder = make_holder()
    with on("2026-03-02"):
        case = make_submitted(holder, "licence_new")
        assert (case.state, case.due_on) == ("awaiting_acceptance", date(2026, 3, 9))
        case = turn_case(holder.officer, case.pk, "return", reasons=LACKING)
        assert case.state == "needs_correction"
    with on("2026-03-12"):
        save_draft(holder.applicant, case.pk, {"businesses.0.note": "为第三方商家提供交易平台"})
        case = submit_case(holder.applicant, case.pk)
        assert case.state == "corrected"
        with pytest.raises(TurnNotPossible):
            turn_case(holder.officer, case.pk, "return", reasons=LACKING)
        case = turn_case(holder.officer, case.pk, "accept")
        # The sixty days run from the day on which the application was complete.
        assert case.due_on == date(2026, 5, 11)
    with on("2026-04-20"):
        case = grant_case(holder.officer, case.pk)
    licence = Licence.objects.get(organisation=holder.owner)
    assert case.state == "granted"
    assert licence.number.startswith("京B2-2026")
    assert (licence.issued_on, licence.valid_until) == (date(2026, 4, 20), date(2031, 4, 20))
    assert licence.paper_awaited_from == date(2026, 4, 20)


def test_sixty_days_from_2_march_end_on_a_holiday_and_roll_to_6_may() -> None:
    holder = make_holder()
    with on("2026-03-02"):
        case = make_submitted(holder, "licence_new")
        assert turn_case(holder.officer, case.pk, "accept").due_on == date(2026, 5, 6)


def test_the_days_of_an_inspection_are_not_counted() -> None:
    holder = make_holder()
    with on("2026-03-02"):
        case = make_submitted(holder, "licence_new")
        turn_case(holder.officer, case.pk, "accept")
    with on("2026-03-10"):
        case = turn_case(holder.officer, case.pk, "inspect")
        assert case.due_on is None
    with on("2026-03-20"):
        case = turn_case(holder.officer, case.pk, "resume")
    assert case.stopped_days == 10
    assert case.due_on == date(2026, 5, 11)


def test_five_working_days_of_silence_accept_the_application() -> None:
    holder = make_holder()
    with on("2026-03-02"):
        case = make_submitted(holder, "licence_new")
    with on("2026-03-09"):
        assert deem_licence_cases()["accepted"] == 0
    with on("2026-03-10"):
        assert deem_licence_cases() == {"accepted": 1, "renewed": 0}
        assert deem_licence_cases() == {"accepted": 0, "renewed": 0}
    case.refresh_from_db()
    assert case.state == "in_review"
    assert case.due_on == date(2026, 5, 6)


def test_renewed_in_time_the_new_term_follows_on_the_old_one() -> None:
    holder = make_holder()
    with on("2025-11-20"):
        licence = make_licence(holder)
        case = make_submitted(holder, "licence_renewal", licence)
        turn_case(holder.officer, case.pk, "accept")
    with on("2026-01-15"):
        grant_case(holder.officer, case.pk)
    licence.refresh_from_db()
    assert licence.valid_until == date(2031, 3, 1)
    assert not licence.is_deemed


@pytest.mark.parametrize(("day", "is_in_time"), [("2025-12-01", True), ("2025-12-02", False)])
def test_the_last_day_for_a_licence_that_ends_on_1_march_is_1_december(day: str, is_in_time: bool) -> None:
    holder = make_holder()
    with on(day):
        licence = make_licence(holder)
        if is_in_time:
            assert make_submitted(holder, "licence_renewal", licence).state == "awaiting_acceptance"
            return
        with pytest.raises(ProcedureUnfit) as refusal:
            start_licence_case(holder.applicant, "licence_renewal", licence_id=licence.pk)
    assert "2025-12-01" in refusal.value.text.zh
    assert "无证经营" in refusal.value.text.zh
    assert not Case.objects.exists()


def test_a_draft_begun_in_time_and_submitted_too_late_is_refused_with_the_consequence() -> None:
    holder = make_holder()
    with on("2025-12-01"):
        case = make_filled(holder, "licence_renewal", make_licence(holder))
    with on("2025-12-02"), pytest.raises(CaseIncomplete) as refusal:
        submit_case(holder.applicant, case.pk)
    assert faults_of(refusal) == {"licence.renewal.apply_before_expiry"}
    case.refresh_from_db()
    assert case.state == "draft"


def test_a_correction_after_the_last_day_is_not_late() -> None:
    holder = make_holder()
    with on("2025-11-28"):
        case = make_submitted(holder, "licence_renewal", make_licence(holder))
        turn_case(holder.officer, case.pk, "return", reasons=LACKING)
    with on("2025-12-08"):
        assert submit_case(holder.applicant, case.pk).state == "corrected"


def test_an_authority_silent_until_the_end_has_renewed_and_the_paper_is_to_be_obtained() -> None:
    holder = make_holder()
    with on("2025-11-20"):
        licence = make_licence(holder)
        case = make_submitted(holder, "licence_renewal", licence)
        turn_case(holder.officer, case.pk, "accept")
    with on("2026-03-01"):
        assert deem_licence_cases()["renewed"] == 0
    with on("2026-03-02"):
        assert deem_licence_cases()["renewed"] == 1
        assert deem_licence_cases()["renewed"] == 0
    case.refresh_from_db()
    licence.refresh_from_db()
    assert case.state == "deemed_granted"
    assert (licence.is_deemed, licence.valid_until) == (True, date(2031, 3, 1))
    assert licence.paper_awaited_from == date(2026, 3, 2)


def test_silence_does_not_renew_what_waits_for_the_applicant() -> None:
    holder = make_holder()
    with on("2025-11-20"):
        licence = make_licence(holder)
        case = make_submitted(holder, "licence_renewal", licence)
        turn_case(holder.officer, case.pk, "return", reasons=LACKING)
    with on("2026-03-02"):
        assert deem_licence_cases()["renewed"] == 0
    licence.refresh_from_db()
    assert licence.valid_until == date(2026, 3, 1)


def test_businesses_never_opened_drop_out_of_a_renewal() -> None:
    holder = make_holder()
    with on("2025-11-20"):
        licence = make_licence(holder, businesses="B21, B25:未开通")
        case = make_submitted(holder, "licence_renewal", licence)
        turn_case(holder.officer, case.pk, "accept")
        grant_case(holder.officer, case.pk)
    licence.refresh_from_db()
    assert [b["code"] for b in licence.businesses] == ["B21"]


def test_with_nothing_open_nothing_is_renewed() -> None:
    holder = make_holder()
    with on("2025-11-20"):
        case = make_filled(holder, "licence_renewal", make_licence(holder, businesses="B25:未开通"))
        with pytest.raises(CaseIncomplete) as refusal:
            submit_case(holder.applicant, case.pk)
    assert faults_of(refusal) == {"licence.renewal.only_opened_business"}


def test_each_open_business_is_proved_and_each_missing_paper_named() -> None:
    holder = make_holder()
    with on("2025-11-20"):
        case = start_licence_case(
            holder.applicant, "licence_renewal", licence_id=make_licence(holder, businesses="B21, B24").pk
        )
        with pytest.raises(CaseIncomplete) as refusal:
            submit_case(holder.applicant, case.pk)
    missing = [f.field for f in refusal.value.faults if f.rule == "material.business_open_proof"]
    assert missing == ["materials.business_open_proof.businesses.0", "materials.business_open_proof.businesses.1"]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"holder.capital_yuan": "999999"}, "licence.capital.intra_province"),
        ({"holder.capital_yuan": "9999999", "areas": "京、沪"}, "licence.capital.cross_region"),
        ({"holder.capital_yuan": "一百万"}, "field.amount"),
        ({"areas": "火星"}, "licence.areas"),
        ({"businesses.0.code": "B99"}, "code_table.businesses"),
        ({"holder.certificate_number": "123"}, "certificate.length"),
        ({"verification.lawful_operation": False}, "field.promise"),
    ],
)
def test_what_an_application_gets_wrong_is_told_with_its_field(changes: dict[str, object], rule: str) -> None:
    holder = make_holder()
    with on("2026-03-02"):
        case = make_filled(holder, "licence_new", **changes)
        with pytest.raises(CaseIncomplete) as refusal:
            submit_case(holder.applicant, case.pk)
    assert faults_of(refusal) == {rule}
    assert not Licence.objects.filter(organisation=holder.owner).exists()


def test_a_change_of_name_within_thirty_days_changes_the_licence_and_late_ones_are_told() -> None:
    holder = make_holder()
    with on("2026-02-24"):
        licence = make_licence(holder)
        changes = {"holder.name": "北京新名字有限公司", "registry_change_on": "2026-01-25"}
        case = make_submitted(holder, "licence_registry_change", licence, **changes)
        turn_case(holder.officer, case.pk, "accept")
        grant_case(holder.officer, case.pk)
    licence.refresh_from_db()
    assert licence.holder == "北京新名字有限公司"
    assert licence.number.startswith("京B2-2021")


def test_a_scope_change_beyond_the_authority_asks_for_a_new_licence() -> None:
    holder = make_holder()
    with on("2026-02-24"):
        changes = {"areas": "京、沪", "decision_on": "2026-02-20", "reason": "扩大到上海"}
        case = make_filled(holder, "licence_scope_change", make_licence(holder), **changes)
        with pytest.raises(CaseIncomplete) as refusal:
            submit_case(holder.applicant, case.pk)
    assert "licence.issuer" in faults_of(refusal)


def test_ending_the_business_goes_through_a_public_notice() -> None:
    holder = make_holder()
    plan = "提前三十日公告并短信通知用户，退还余额，数据导出三个月。"
    with on("2026-03-02"):
        licence = make_licence(holder, valid_until="2027-03-01")
        changes = {"stop_on": "2026-07-01", "aftermath_plan": plan, "reason": "业务调整"}
        case = make_submitted(holder, "licence_cancellation", licence, **changes)
        case = turn_case(holder.officer, case.pk, "accept")
        assert (case.state, case.due_on) == ("public_notice", date(2026, 4, 1))
        with pytest.raises(TurnNotPossible):
            grant_case(holder.officer, case.pk)
    with on("2026-04-01"):
        turn_case(holder.officer, case.pk, "resume")
        grant_case(holder.officer, case.pk)
    licence.refresh_from_db()
    assert (licence.standing, licence.cancelled_on) == (Standing.CANCELLED, date(2026, 4, 1))


def test_a_lost_licence_is_replaced_and_a_number_assigned() -> None:
    holder = make_holder()
    with on("2026-03-02"):
        licence = make_licence(holder, valid_until="2027-03-01")
        case = make_submitted(holder, "licence_replacement", licence, loss_on="2026-03-01", reason="遗失")
        turn_case(holder.officer, case.pk, "accept")
        grant_case(holder.officer, case.pk)
        number = {"number.kind": "1062", "number.number": "10625555", "number.purpose": "通知短信", "number.licence_number": licence.number}  # fmt: skip
        case = make_submitted(holder, "number_application", **number)
        turn_case(holder.officer, case.pk, "accept")
        grant_case(holder.officer, case.pk)
    licence.refresh_from_db()
    assert licence.paper_awaited_from == date(2026, 3, 2)
    assert NumberResource.objects.get().licence == licence


def test_without_officers_here_each_act_of_the_authority_is_recorded_with_evidence() -> None:
    holder = make_holder(with_officers=False)
    with on("2026-03-02"):
        case = make_submitted(holder, "licence_new")
        assert case.channel == "outside"
        with pytest.raises(EvidenceMissing):
            turn_case(holder.applicant, case.pk, "accept")
        turn_case(holder.applicant, case.pk, "accept", evidence=make_document(case))
        grant_case(holder.applicant, case.pk, evidence=make_document(case), sponsor_number="京B2-20260077")
    assert Licence.objects.get().number == "京B2-20260077"


def test_one_open_application_per_licence_and_strangers_see_nothing() -> None:
    holder, stranger = make_holder(), make_holder(province="沪")
    with on("2025-11-20"):
        licence = make_licence(holder)
        start_licence_case(holder.applicant, "licence_renewal", licence_id=licence.pk)
        with pytest.raises(OpenCaseExists):
            start_licence_case(holder.applicant, "licence_replacement", licence_id=licence.pk)
        with pytest.raises(RecordNotYours):
            start_licence_case(stranger.applicant, "licence_renewal", licence_id=licence.pk)
        with pytest.raises(ProcedureUnfit):
            start_case(holder.applicant, "licence_new")


def test_a_refusal_names_its_reason_and_can_be_taken_up_again() -> None:
    holder = make_holder()
    with on("2026-03-02"):
        case = make_submitted(holder, "licence_new")
        turn_case(holder.officer, case.pk, "accept")
        with pytest.raises(ReasonsMissing):
            turn_case(holder.officer, case.pk, "refuse", reasons=[{"code": "domain_conflict"}])
        turn_case(holder.officer, case.pk, "refuse", reasons=[{"code": "capital_low"}])
        again = take_up_case(holder.applicant, case.pk)
        assert again.state == "draft"
        add_papers(again)
        assert submit_case(holder.applicant, case.pk).state == "awaiting_acceptance"


def test_every_reason_a_paper_names_stands_in_the_licence_catalogue() -> None:
    from openbeian.cases.queries import get_materials

    named = {r for m in get_materials("licence").values() for r in m.reasons}
    assert named - set(get_reasons("licence").reasons) == set()
    used = {m for p in list_procedures() if p.form == "licence" for m in p.materials}
    assert used == set(get_materials("licence"))


@pytest.mark.parametrize(
    "procedure", ["licence_renewal", "licence_registry_change", "licence_scope_change", "licence_cancellation", "licence_replacement"]
)  # fmt: skip
def test_whom_to_call_is_asked_with_what_the_sponsor_on_record_says(procedure: str) -> None:
    holder = make_holder()
    with on("2025-11-20"):
        sponsor = make_sponsor(holder.owner)
        licence = make_licence(holder, sponsor_number=sponsor.number)
        case = start_licence_case(holder.applicant, procedure, licence_id=licence.pk)
        person = sponsor.person
        drawn = {name: case.form["holder"][f"contact_{name}"] for name in ("name", "mobile", "email")}
        assert drawn == {"name": person.name, "mobile": person.mobile, "email": person.email}
        save_draft(holder.applicant, case.pk, {"holder.contact_mobile": ""})
        with pytest.raises(CaseIncomplete) as refusal:
            submit_case(holder.applicant, case.pk)
    assert "holder.contact_mobile" in {fault.field for fault in refusal.value.faults}


def test_whom_to_call_is_drawn_from_the_licences_latest_application_first() -> None:
    holder = make_holder()
    with on("2025-11-20"):
        licence = make_licence(holder)
        assert not start_licence_case(holder.applicant, "licence_replacement", licence_id=licence.pk).form["holder"]["contact_name"]  # fmt: skip
        Case.objects.all().delete()
        case = make_submitted(holder, "licence_registry_change", licence, **{"registry_change_on": "2025-11-10", "holder.contact_name": "赵联系"})  # fmt: skip
        turn_case(holder.officer, case.pk, "accept")
        grant_case(holder.officer, case.pk)
        again = start_licence_case(holder.applicant, "licence_renewal", licence_id=licence.pk)
    assert again.form["holder"]["contact_name"] == "赵联系"
