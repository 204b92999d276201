"""The way of a filing through the public actions, from an empty form to a number, and every way it can stop."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.accounts.factories import make_actor, make_organisation
from tests.cases.factories import (
    PROMISES,
    World,
    add_papers,
    approve,
    fill,
    make_filled_case,
    make_person,
    make_service_values,
    make_sponsor_values,
    make_submitted_case,
    make_world,
)

from openbeian.cases.actions.confirm_person import confirm_person
from openbeian.cases.actions.expire_confirmations import expire_confirmations
from openbeian.cases.actions.grant_case import grant_case
from openbeian.cases.actions.lapse_cases import lapse_cases
from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.actions.submit_case import submit_case
from openbeian.cases.actions.take_up_case import take_up_case
from openbeian.cases.actions.turn_case import turn_case
from openbeian.cases.errors import (
    CaseFrozen,
    CaseIncomplete,
    CaseMovedOn,
    CaseNotYours,
    CodeWrong,
    ConfirmationOver,
    OpenCaseExists,
    ProcedureUnfit,
    ReasonsMissing,
    SecondPersonNeeded,
    TurnNotPossible,
)
from openbeian.cases.models import Case, SentMessage, SmsConfirmation
from openbeian.journal.models import Entry
from openbeian.journal.queries import verify_journal
from openbeian.kernel import clock
from openbeian.kernel.actor import SYSTEM
from openbeian.registry.models import Access, Provider, Service, Sponsor

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def read_code(confirmation: SmsConfirmation) -> str:
    """The code as the person reads it in the message."""
    body = SentMessage.objects.get(key=f"code:{confirmation.pk}").body
    found = re.search(r"核验码 (\d{6})", body)
    assert found
    return found[1]


def confirm_all(case: Case) -> None:
    for c in case.confirmations.filter(round=case.confirmation_round, state="waiting"):
        confirm_person(SYSTEM, c.secret, read_code(c), c.mobile, c.certificate_tail)


def make_granted(world: World, **values: object) -> Case:
    case = approve(world, make_submitted_case(world, **values))
    confirm_all(case)
    return grant_case(world.officer, case.pk)


def test_a_first_filing_becomes_a_sponsor_a_service_and_two_numbers(world: World) -> None:
    case = make_granted(world)

    sponsor = Sponsor.objects.get()
    service = Service.objects.get()
    year = clock.today().year
    assert sponsor.number == f"京ICP备{year}000001号"
    assert service.number == f"京ICP备{year}000001号-1"
    assert case.state == "granted"
    assert not case.is_open
    assert Access.objects.get().provider == world.provider
    assert [s.to_state for s in case.steps.order_by("pk")] == [
        "awaiting_first_review",
        "in_first_review",
        "awaiting_forwarding",
        "awaiting_sms",
        "administration_review",
        "granted",
    ]
    assert verify_journal() == Entry.objects.count()


def test_sites_apps_and_mini_programs_share_one_sequence_of_numbers(world: World) -> None:
    make_granted(world)
    sponsor = Sponsor.objects.get()
    for kind, suffix in (("app", "-2A"), ("mini_program", "-3X"), ("quick_app", "-4K")):
        case = start_case(world.applicant, "add_service", sponsor_id=sponsor.pk)
        case = fill(world, case, service=make_service_values(kind=kind))
        case = approve(world, submit_case(world.applicant, case.pk))
        confirm_all(case)
        grant_case(world.officer, case.pk)
        assert Service.objects.latest("sequence").number == sponsor.number + suffix


def test_an_incomplete_draft_is_refused_with_every_fault_and_leaves_no_trace(world: World) -> None:
    case = start_case(world.applicant, "first_filing")
    entries = Entry.objects.count()
    with pytest.raises(CaseIncomplete) as refusal:
        submit_case(world.applicant, case.pk)
    fields = {f.field for f in refusal.value.faults}
    assert {"sponsor.nature", "sponsor.person.mobile", "services.0.name", "provider_id"} <= fields
    assert "verification.truthful" in fields
    case.refresh_from_db()
    assert case.state == "draft"
    assert case.submitted_at is None
    assert Entry.objects.count() == entries


def test_a_returned_case_can_be_amended_and_passes(world: World) -> None:
    case = make_submitted_case(world)
    turn_case(world.reviewer, case.pk, "take")
    case = turn_case(
        world.reviewer,
        case.pk,
        "return",
        reasons=[
            {"code": "service_name_unfit", "field": "services.0.name"},
            {"code": "certificate_unfit", "field": "sponsor.certificate_number", "note": "反光"},
        ],
    )
    assert case.state == "needs_amendment"
    assert [r["code"] for r in case.steps.latest("pk").reasons] == ["service_name_unfit", "certificate_unfit"]

    save_draft(world.applicant, case.pk, {"services.0.name": "测试鲜花小店"})
    case = submit_case(world.applicant, case.pk)
    assert case.state == "amended"
    assert approve(world, case).state == "awaiting_sms"


def test_a_return_without_a_reason_is_refused(world: World) -> None:
    case = make_submitted_case(world)
    turn_case(world.reviewer, case.pk, "take")
    for reasons in ([], [{"code": "nonsense"}], [{"code": "other"}]):
        with pytest.raises(ReasonsMissing):
            turn_case(world.reviewer, case.pk, "return", reasons=reasons)
    case.refresh_from_db()
    assert case.state == "in_first_review"


def test_a_case_in_review_at_the_administration_is_frozen(world: World) -> None:
    case = approve(world, make_submitted_case(world))
    confirm_all(case)
    with pytest.raises(CaseFrozen):
        save_draft(world.applicant, case.pk, {"sponsor.name": "另一个名字"})
    for verb in ("withdraw", "abandon"):
        with pytest.raises(TurnNotPossible):
            turn_case(world.applicant, case.pk, verb)


def test_a_second_open_case_for_one_certificate_is_refused_and_the_first_is_named(world: World) -> None:
    sponsor = make_sponsor_values()
    first = make_submitted_case(world, sponsor=sponsor)
    second = make_filled_case(world, sponsor=sponsor)
    with pytest.raises(OpenCaseExists, match=first.reference):
        submit_case(world.applicant, second.pk)


def test_a_second_open_case_for_a_sponsor_on_record_is_refused_at_the_start(world: World) -> None:
    make_granted(world)
    sponsor = Sponsor.objects.get()
    first = start_case(world.applicant, "change_sponsor", sponsor_id=sponsor.pk)
    with pytest.raises(ProcedureUnfit, match=first.reference):
        start_case(world.applicant, "add_service", sponsor_id=sponsor.pk)


def test_every_named_person_must_confirm_before_the_administration_sees_the_case(world: World) -> None:
    service = {**make_service_values(), "person_is_sponsor_person": False, "person": make_person("王芳")}
    case = approve(world, make_submitted_case(world, service=service))
    one, two = case.confirmations.order_by("person_path")
    confirm_person(SYSTEM, one.secret, read_code(one), one.mobile, one.certificate_tail)
    case.refresh_from_db()
    assert case.state == "awaiting_sms"
    confirm_person(SYSTEM, two.secret, read_code(two), two.mobile, two.certificate_tail)
    case.refresh_from_db()
    assert case.state == "administration_review"


def test_five_wrong_codes_are_forgiven_and_the_sixth_returns_the_case(world: World) -> None:
    case = approve(world, make_submitted_case(world))
    confirmation = case.confirmations.get()
    wrong = "000000" if read_code(confirmation) != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(CodeWrong):
            confirm_person(SYSTEM, confirmation.secret, wrong, confirmation.mobile, confirmation.certificate_tail)
    case.refresh_from_db()
    assert case.state == "awaiting_sms"
    with pytest.raises(ConfirmationOver):
        confirm_person(SYSTEM, confirmation.secret, wrong, confirmation.mobile, confirmation.certificate_tail)
    case.refresh_from_db()
    assert case.state == "needs_amendment"
    assert case.steps.latest("pk").reasons[0]["code"] == "sms_failed"
    with pytest.raises(ConfirmationOver):
        confirm_person(
            SYSTEM, confirmation.secret, read_code(confirmation), confirmation.mobile, confirmation.certificate_tail
        )


def test_the_right_code_with_another_mobile_does_not_confirm(world: World) -> None:
    case = approve(world, make_submitted_case(world))
    c = case.confirmations.get()
    with pytest.raises(CodeWrong):
        confirm_person(SYSTEM, c.secret, read_code(c), "13900000000", c.certificate_tail)


def test_codes_run_out_after_24_hours_and_the_case_comes_back(world: World) -> None:
    case = approve(world, make_submitted_case(world))
    c = case.confirmations.get()
    assert c.expires_at - c.sent_at == timedelta(hours=24)
    assert not expire_confirmations(case.pk, case.confirmation_round)
    with clock.hold(c.expires_at):
        with pytest.raises(ConfirmationOver):
            confirm_person(SYSTEM, c.secret, read_code(c), c.mobile, c.certificate_tail)
        assert expire_confirmations(case.pk, case.confirmation_round)
        assert not expire_confirmations(case.pk, case.confirmation_round)
    case.refresh_from_db()
    assert case.state == "needs_amendment"


def test_cancelling_an_access_sends_no_sms_and_needs_two_reviewers(world: World) -> None:
    make_granted(world)
    service = Service.objects.get()
    case = start_case(world.applicant, "cancel_access", service_id=service.pk, provider_id=world.provider.pk)
    save_draft(world.applicant, case.pk, {"reason": "更换接入服务商", "verification.truthful": True})
    case = submit_case(world.applicant, case.pk)
    turn_case(world.reviewer, case.pk, "take")
    case = turn_case(world.reviewer, case.pk, "approve")
    assert case.state == "awaiting_second_person"
    with pytest.raises(SecondPersonNeeded):
        turn_case(world.reviewer, case.pk, "approve")
    case = turn_case(world.second_reviewer, case.pk, "approve")
    assert case.state == "administration_review"
    grant_case(world.officer, case.pk)
    service.refresh_from_db()
    assert service.standing == "shell"
    assert case.confirmations.count() == 0


def test_a_cancelled_service_frees_its_domain_but_never_its_number(world: World) -> None:
    make_granted(world)
    service = Service.objects.get()
    domain = service.domains.get().domain
    case = start_case(world.applicant, "cancel_service", service_id=service.pk)
    save_draft(world.applicant, case.pk, {"reason": "停止服务", "provider_id": str(world.provider.pk), **PROMISES})
    case = approve(world, submit_case(world.applicant, case.pk))
    confirm_all(case)
    grant_case(world.officer, case.pk)
    sponsor = Sponsor.objects.get()
    assert sponsor.standing == "shell"

    case = start_case(world.applicant, "add_service", sponsor_id=sponsor.pk)
    values = make_service_values(domains=[domain], home_url=f"www.{domain}")
    case = approve(world, submit_case(world.applicant, fill(world, case, service=values).pk))
    confirm_all(case)
    grant_case(world.officer, case.pk)
    assert Service.objects.latest("sequence").number == f"{sponsor.number}-2"


def test_a_sponsor_with_services_cannot_be_cancelled(world: World) -> None:
    make_granted(world)
    with pytest.raises(ProcedureUnfit, match="remain"):
        start_case(world.applicant, "cancel_sponsor", sponsor_id=Sponsor.objects.get().pk)


def test_a_change_writes_the_new_values_and_keeps_number_and_certificate(world: World) -> None:
    make_granted(world)
    sponsor = Sponsor.objects.get()
    case = start_case(world.applicant, "change_sponsor", sponsor_id=sponsor.pk)
    other = make_sponsor_values()["certificate_number"]
    typed = {
        "sponsor.name": "北京更名科技有限公司",
        "sponsor.certificate_number": other,
        "provider_id": str(world.provider.pk),
        **PROMISES,
    }
    case = save_draft(world.applicant, case.pk, typed)
    assert case.form["sponsor"]["certificate_number"] != other
    add_papers(case)
    case = approve(world, submit_case(world.applicant, case.pk))
    confirm_all(case)
    grant_case(world.officer, case.pk)
    number = sponsor.number
    sponsor.refresh_from_db()
    assert (sponsor.name, sponsor.number) == ("北京更名科技有限公司", number)
    changed = Entry.objects.get(event="sponsor.changed")
    assert changed.before["name"] != changed.after["name"] == "北京更名科技有限公司"


def test_a_reconfirmation_moves_the_day_and_nothing_else(world: World) -> None:
    make_granted(world)
    sponsor = Sponsor.objects.get()
    with clock.hold(clock.now() + timedelta(days=700)):
        case = start_case(world.applicant, "reconfirmation", sponsor_id=sponsor.pk)
        case = save_draft(world.applicant, case.pk, {"provider_id": str(world.provider.pk), **PROMISES})
        add_papers(case)
        case = approve(world, submit_case(world.applicant, case.pk))
        confirm_all(case)
        grant_case(world.officer, case.pk)
        before = (sponsor.number, sponsor.name, sponsor.granted_on)
        sponsor.refresh_from_db()
        assert sponsor.confirmed_on == clock.today()
        assert (sponsor.number, sponsor.name, sponsor.granted_on) == before


def test_a_change_begins_with_the_provider_on_record_where_there_is_just_one(world: World) -> None:
    make_granted(world)
    sponsor, service = Sponsor.objects.get(), Service.objects.get()
    ours = str(world.provider.pk)
    wishes: list[tuple[str, dict[str, int], str]] = [
        ("reconfirmation", {"sponsor_id": sponsor.pk}, ours),
        ("change_sponsor", {"sponsor_id": sponsor.pk}, ours),
        ("change_service", {"service_id": service.pk}, ours),
        ("change_access", {"service_id": service.pk}, ours),
        ("add_service", {"sponsor_id": sponsor.pk}, ""),
        ("add_access", {"service_id": service.pk}, ""),
    ]
    for procedure, subject, provider in wishes:
        case = start_case(world.applicant, procedure, **subject)
        assert (case.form["provider_id"], str(case.provider_id or "")) == (provider, provider), procedure
        turn_case(world.applicant, case.pk, "abandon")
    other = Provider.objects.create(name="另一家云", kind="access_provider")
    service.accesses.create(provider=other, mode="cloud", place="110000", granted_on=service.granted_on)
    assert start_case(world.applicant, "reconfirmation", sponsor_id=sponsor.pk).provider is None


def test_a_provider_no_longer_in_the_register_is_not_proposed(world: World) -> None:
    make_granted(world)
    Provider.objects.update(is_active=False)
    case = start_case(world.applicant, "change_sponsor", sponsor_id=Sponsor.objects.get().pk)
    assert (case.form["provider_id"], case.provider) == ("", None)


def test_a_draft_is_warned_at_30_and_40_days_and_lapses_after_45_with_its_data(world: World) -> None:
    case = make_filled_case(world)
    saved = case.saved_at
    for days, expected in ((29, (0, 0)), (30, (1, 0)), (31, (0, 0)), (40, (1, 0)), (45, (0, 0)), (46, (0, 1))):
        with clock.hold(saved + timedelta(days=days)):
            counts = lapse_cases()
            assert (counts["warned"], counts["lapsed"]) == expected, days
    case.refresh_from_db()
    assert case.state == "lapsed"
    with clock.hold(saved + timedelta(days=50)):
        case = take_up_case(world.applicant, case.pk)
        assert case.state == "draft"
        assert case.form["sponsor"]["name"]
        assert submit_case(world.applicant, case.pk).state == "awaiting_first_review"


def test_a_stale_page_is_told_so_instead_of_acting_twice(world: World) -> None:
    case = make_submitted_case(world)
    turn_case(world.reviewer, case.pk, "take", revision=case.revision)
    with pytest.raises(CaseMovedOn):
        turn_case(world.reviewer, case.pk, "approve", revision=case.revision)


def test_strangers_and_wrong_roles_cannot_touch_a_case(world: World) -> None:
    case = make_submitted_case(world)
    stranger = make_actor(make_organisation("owner"), "applicant")
    rival = make_actor(make_organisation("access_provider"), "first_reviewer")
    for actor in (stranger, rival, world.officer):
        with pytest.raises(CaseNotYours):
            turn_case(actor, case.pk, "withdraw")
    with pytest.raises(TurnNotPossible):
        turn_case(world.applicant, case.pk, "take")


def test_a_draft_is_not_shown_to_the_provider_before_it_is_submitted(world: World) -> None:
    case = make_filled_case(world)
    with pytest.raises(CaseNotYours):
        turn_case(world.reviewer, case.pk, "take")


def test_a_personal_sponsor_files_with_their_own_name(world: World) -> None:
    case = make_granted(
        world, sponsor=make_sponsor_values(kind="individual"), service=make_service_values(name="李明的小屋")
    )
    assert Sponsor.objects.get().nature == "individual"
    assert case.state == "granted"


def test_an_outside_channel_records_the_result_with_evidence_and_the_given_numbers(world: World) -> None:
    from tests.cases.factories import make_document

    world.provider.channel = "outside"
    world.provider.save()
    case = approve(world, make_submitted_case(world))
    assert case.state == "awaiting_forwarding"
    from openbeian.cases.actions.forward_case import forward_case
    from openbeian.cases.actions.record_confirmation import record_confirmation
    from openbeian.cases.errors import EvidenceMissing

    case = forward_case(world.reviewer, case.pk)
    assert case.state == "awaiting_sms"
    with pytest.raises(EvidenceMissing):
        record_confirmation(world.reviewer, case.pk)
    record_confirmation(world.reviewer, case.pk, evidence=make_document(case))
    number = "京ICP备2021001234号"
    case = grant_case(
        world.reviewer,
        case.pk,
        evidence=make_document(case),
        sponsor_number=number,
        service_numbers=[f"{number}-1"],
    )
    assert Sponsor.objects.get().number == number
    assert Service.objects.get().number == f"{number}-1"
