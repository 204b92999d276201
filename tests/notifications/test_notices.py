"""From what happened and what is due to notices: told to whom it concerns, once, when they want it, and escalated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from tests.accounts.factories import make_actor, make_member, make_organisation
from tests.cases.factories import (
    World,
    approve,
    make_person,
    make_sponsor_values,
    make_submitted_case,
    make_world,
)
from tests.notifications.factories import make_channel, make_item, remind_of

from openbeian.accounts.acting import actor_of
from openbeian.accounts.actions.change_profile import change_profile
from openbeian.cases.actions.turn_case import turn_case
from openbeian.jobs.models import Job
from openbeian.journal.models import Cursor, Head
from openbeian.kernel import clock
from openbeian.kernel.errors import OpenBeianError
from openbeian.notifications.actions.deliver_notice import deliver_notice
from openbeian.notifications.actions.follow_journal import follow_journal
from openbeian.notifications.actions.gather_digests import gather_digests
from openbeian.notifications.actions.remind import remind
from openbeian.notifications.case_dates import CaseDates
from openbeian.notifications.decisions import compute_send_at, is_quiet, make_line
from openbeian.notifications.errors import MessageRefused, MessageUndelivered
from openbeian.notifications.models import Delivery, EscalationPolicy, InboxItem, Notice, Subscription
from openbeian.notifications.ports import Message, Sender, Untraced, Way
from openbeian.notifications.rendering import render_message

pytestmark = pytest.mark.django_db
PORTAL = "https://beian.example.cn"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # twelve o'clock in China


class Wire(Untraced):
    """A sender that keeps what it was given, or raises what it is told to."""

    def __init__(self, *raised: Exception) -> None:
        self.sent: list[Message] = []
        self.raised = list(raised)

    def choose(self, way: Way) -> Sender:
        return self

    def deliver_message(self, message: Message) -> str:
        self.sent.append(message)
        if self.raised:
            raise self.raised.pop(0)
        return "250 ok"


@pytest.fixture
def world() -> World:
    return make_world()


def read_on() -> None:
    """The journal up to here is old news."""
    Cursor.objects.update_or_create(reader="notifications", defaults={"sequence": Head.objects.get(pk=1).sequence})


def list_told(person_id: int | None) -> list[str]:
    return list(InboxItem.objects.filter(person_id=person_id).order_by("pk").values_list("notice__kind", flat=True))


# --- Events -----------------------------------------------------------------------------------------------------------


def test_a_submitted_case_is_told_to_the_reviewers_and_not_to_the_one_who_did_it(world: World) -> None:
    make_submitted_case(world)
    follow_journal()
    assert list_told(world.reviewer.user_id) == ["case.submitted"]
    assert list_told(world.second_reviewer.user_id) == ["case.submitted"]
    assert list_told(world.applicant.user_id) == []
    assert list_told(world.officer.user_id) == []


def test_a_returned_case_is_told_to_its_applicant_and_not_to_their_colleagues(world: World) -> None:
    colleague = make_actor(world.owner, "applicant")
    case = make_submitted_case(world)
    turn_case(world.reviewer, case.pk, "take")
    read_on()
    turn_case(world.reviewer, case.pk, "return", reasons=[{"code": "other", "note": "请补充"}])
    follow_journal()
    assert list_told(world.applicant.user_id) == ["case.returned"]
    assert list_told(colleague.user_id) == []


def test_when_the_owner_has_left_everybody_who_may_act_is_told(world: World) -> None:
    colleague = make_actor(world.owner, "applicant")
    case = make_submitted_case(world)
    turn_case(world.reviewer, case.pk, "take")
    read_on()
    from openbeian.accounts.models import Membership

    Membership.objects.filter(user_id=world.applicant.user_id).update(is_active=False)
    turn_case(world.reviewer, case.pk, "return", reasons=[{"code": "other", "note": "请补充"}])
    follow_journal()
    assert list_told(colleague.user_id) == ["case.returned"]
    assert list_told(world.applicant.user_id) == []


def test_reading_the_journal_again_tells_nothing_twice(world: World) -> None:
    make_submitted_case(world)
    first = follow_journal()
    assert first["notices"] > 0
    assert follow_journal() == {"read": 0, "notices": 0}
    Cursor.objects.update(sequence=0)
    assert follow_journal()["notices"] == 0


def test_a_reader_that_dies_leaves_cursor_and_notices_as_they_were(world: World) -> None:
    make_submitted_case(world)

    def die() -> None:
        with transaction.atomic():
            follow_journal()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        die()
    assert Notice.objects.count() == 0
    assert follow_journal()["notices"] > 0


def test_a_natural_persons_name_leaves_masked_and_a_companys_in_full(world: World) -> None:
    person = make_person("欧阳明德")
    individual = make_sponsor_values(kind="individual")
    individual |= {"name": person["name"], "person": person, "certificate_number": person["certificate_number"]}
    make_submitted_case(world, sponsor=individual)
    make_submitted_case(world)
    follow_journal()
    titles = sorted(set(Notice.objects.filter(kind="case.submitted").values_list("title", flat=True)))
    assert len(titles) == 2
    assert any("有限公司" in t for t in titles)
    assert any(t.startswith("欧***") for t in titles)
    assert not any("欧阳明德" in t for t in titles)


def test_an_organisations_channel_hears_only_of_its_own_cases_and_only_of_what_it_takes(world: World) -> None:
    stranger = make_channel(make_organisation("access_provider"))
    everything = make_channel(world.provider_organisation)
    picky = make_channel(world.provider_organisation, takes_all=False)
    Subscription.objects.create(channel=picky, kind="case.withdrawn")
    off = make_channel(world.provider_organisation, is_active=False)
    case = make_submitted_case(world)
    turn_case(world.applicant, case.pk, "withdraw")
    follow_journal()
    told = {c: list(c.notices.values_list("kind", flat=True)) for c in (stranger, everything, picky, off)}
    assert told == {stranger: [], everything: ["case.submitted", "case.withdrawn"], picky: ["case.withdrawn"], off: []}


# --- Cases' own dates -------------------------------------------------------------------------------------------------


def test_a_review_at_its_limit_reminds_once_before_and_once_after(world: World) -> None:
    case = make_submitted_case(world)
    read_on()
    assert case.due_on is not None
    at = datetime.combine(case.due_on, datetime.min.time(), clock.CHINA) + timedelta(hours=10)
    counts = []
    for hours in (0, 1, 24, 25, 48):
        with clock.hold(at + timedelta(hours=hours)):
            remind([CaseDates()])
        counts.append(list_told(world.reviewer.user_id).count("reminder.review"))
    assert counts == [1, 1, 2, 2, 2]


def test_a_returned_case_is_reminded_of_until_it_is_submitted_again(world: World) -> None:
    case = make_submitted_case(world)
    turn_case(world.reviewer, case.pk, "take")
    turn_case(world.reviewer, case.pk, "return", reasons=[{"code": "other", "note": "请补充"}])
    now = clock.now()
    counts = []
    for days in (2, 3, 4, 7):
        with clock.hold(now + timedelta(days=days)):
            remind([CaseDates()])
        counts.append(list_told(world.applicant.user_id).count("reminder.amendment"))
    assert counts == [0, 1, 1, 2]


def test_codes_about_to_expire_are_told_to_the_applicant_once(world: World) -> None:
    case = approve(world, make_submitted_case(world))
    expires_at = case.confirmations.order_by("expires_at")[0].expires_at
    for hours in (7, 5, 4):
        with clock.hold(expires_at - timedelta(hours=hours)):
            remind([CaseDates()])
    assert list_told(world.applicant.user_id).count("reminder.sms") == 1


# --- Reminders and escalation -----------------------------------------------------------------------------------------


def test_each_stage_of_a_due_item_is_told_once() -> None:
    organisation = make_organisation()
    make_channel(organisation)
    item = make_item(organisation)
    assert remind_of(item) == {"items": 1, "notices": 1}
    assert remind_of(item) == {"items": 1, "notices": 0}
    overdue = make_item(organisation, key=item.key, stage="overdue")
    assert remind_of(overdue)["notices"] == 1


def test_administrators_hear_of_it_when_nobody_acts_and_only_then() -> None:
    organisation = make_organisation()
    applicant, administrator = make_member(organisation, "applicant"), make_member(organisation, "administrator")
    waiting, done = make_item(organisation), make_item(organisation)
    with clock.hold(NOON):
        remind_of(waiting, done)
    for days in (2, 3, 4):
        with clock.hold(NOON + timedelta(days=days)):
            remind_of(waiting)
    assert list_told(applicant.user_id) == ["reminder.obligation"] * 2
    assert list_told(administrator.user_id) == ["escalation"]
    assert Notice.objects.get(kind="escalation", channel__person_id=administrator.user_id).item == waiting.key


@pytest.mark.parametrize(("after_days", "told"), [(0, []), (10, []), (1, ["escalation"])])
def test_an_organisation_chooses_when_administrators_hear_of_it(after_days: int, told: list[str]) -> None:
    organisation = make_organisation()
    administrator = make_member(organisation, "administrator")
    make_member(organisation, "applicant")
    EscalationPolicy.objects.create(organisation=organisation, after_days=after_days)
    item = make_item(organisation)
    for days in (0, 5):
        with clock.hold(NOON + timedelta(days=days)):
            remind_of(item)
    assert list_told(administrator.user_id) == told


# --- When it leaves ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hour", "quiet", "until"),
    [(21, False, None), (22, True, "2026-03-03 08:00"), (3, True, "2026-03-02 08:00"), (8, False, None)],
)
def test_quiet_hours_are_hours_in_china_and_run_over_midnight(hour: int, quiet: bool, until: str | None) -> None:
    at = datetime(2026, 3, 2, hour, 30, tzinfo=clock.CHINA)
    assert is_quiet(at, 22, 8) is quiet
    sent = compute_send_at(at, 22, 8)
    assert (f"{sent.astimezone(clock.CHINA):%Y-%m-%d %H:%M}" if sent != at else None) == until


def test_in_quiet_hours_the_job_waits_for_their_end() -> None:
    organisation = make_organisation()
    make_channel(organisation, quiet_from=11, quiet_until=14)
    with clock.hold(NOON):
        remind_of(make_item(organisation))
    assert Job.objects.get(kind="notifications.deliver").run_at == NOON + timedelta(hours=2)


def test_a_digest_leaves_once_a_day_from_its_hour_on_and_groups_by_owner() -> None:
    organisation = make_organisation()
    mine = make_member(organisation, "applicant")
    channel = make_channel(organisation, is_digest=True, digest_hour=15)
    with clock.hold(NOON):
        remind_of(*(make_item(organisation, owner_id=o) for o in (None, mine.user_id, None, mine.user_id)))
        assert gather_digests() == 0
    with clock.hold(NOON + timedelta(hours=3)):
        assert gather_digests() == 1
        remind_of(make_item(organisation))
        assert gather_digests() == 0
    message = render_message(Delivery.objects.get(channel=channel), PORTAL)
    assert [line.owner for line in message.lines] == [mine.user.name] * 2 + ["未指定负责人"] * 2
    assert "4" in message.title
    with clock.hold(NOON + timedelta(days=1, hours=3)):
        assert gather_digests() == 1
    assert Notice.objects.filter(channel=channel, delivery=None).count() == 0


def test_a_message_speaks_the_channels_language_and_links_into_the_portal() -> None:
    organisation = make_organisation()
    for language in ("zh", "en"):
        make_channel(organisation, language=language)
    remind_of(make_item(organisation, title="年报", path="/services/7/"))
    said = [render_message(d, PORTAL).lines[0] for d in Delivery.objects.order_by("channel_id")]
    assert [line.sentence for line in said] == ["「年报」应于 2026-03-31 前完成。", "“年报” is due on 2026-03-31."]
    assert {line.link for line in said} == {f"{PORTAL}/services/7/"}


def test_somebody_elses_text_stays_on_its_line() -> None:
    assert make_line("甲\r\nBcc: x\u202e乙\x00\u200b", 50) == "甲 Bcc: x乙"
    assert make_line("字" * 60, 50) == "字" * 49 + "…"


# --- Delivery ---------------------------------------------------------------------------------------------------------


def make_delivery(**fields: Any) -> Delivery:
    organisation = make_organisation()
    make_channel(organisation, **fields)
    remind_of(make_item(organisation))
    return Delivery.objects.get()


def deliver(delivery: Delivery, wire: Wire) -> bool:
    try:
        return deliver_notice(delivery.pk, wire.choose, PORTAL)
    finally:
        delivery.refresh_from_db()


def test_a_delivery_keeps_the_answer_and_is_not_sent_again() -> None:
    delivery, wire = make_delivery(), Wire()
    assert deliver(delivery, wire) is True
    assert deliver(delivery, wire) is False
    assert len(wire.sent) == 1
    assert (delivery.state, delivery.answer, delivery.attempts) == ("delivered", "250 ok", 1)
    assert delivery.delivered_at is not None


def test_an_outage_leaves_it_waiting_with_what_was_answered_and_is_no_repeat() -> None:
    delivery, wire = make_delivery(), Wire(MessageUndelivered("451 later"))
    with pytest.raises(MessageUndelivered):
        deliver(delivery, wire)
    assert (delivery.state, delivery.answer) == ("waiting", "451 later")
    deliver(delivery, wire)
    assert (delivery.state, delivery.attempts, delivery.is_repeat) == ("delivered", 2, False)
    assert wire.sent[0].key == wire.sent[1].key


def test_a_refusal_ends_it_with_what_was_answered() -> None:
    delivery, wire = make_delivery(), Wire(MessageRefused("errcode 310000"))
    with pytest.raises(MessageRefused):
        deliver(delivery, wire)
    assert (delivery.state, delivery.answer) == ("failed", "errcode 310000")
    assert deliver(delivery, wire) is False


def test_after_an_attempt_of_unknown_outcome_the_message_goes_again_under_its_key_and_says_so() -> None:
    delivery, wire = make_delivery(), Wire(KeyboardInterrupt())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        deliver(delivery, wire)
    assert delivery.state == "sending"
    deliver(delivery, wire)
    assert delivery.state == "delivered"
    assert [m.is_repeat for m in wire.sent] == [False, True]
    assert wire.sent[0].key == wire.sent[1].key


def test_a_channel_switched_off_meanwhile_gets_nothing() -> None:
    delivery, wire = make_delivery(), Wire()
    delivery.channel.is_active = False
    delivery.channel.save()
    assert deliver(delivery, wire) is False
    assert wire.sent == []
    assert delivery.state == "failed"


def test_addresses_and_secrets_stand_sealed_in_the_database() -> None:
    from django.db import connection

    channel = make_channel(make_organisation(), secret="very-secret-value", mention="13800138000")
    with connection.cursor() as cursor:
        cursor.execute("SELECT address, secret, mention FROM notifications_channel WHERE id = %s", [channel.pk])
        row = cursor.fetchone()
    assert not any(plain in cell for cell in row for plain in ("t0ken", "very-secret", "13800138000"))


def test_every_refusal_has_words_in_both_languages() -> None:
    from openbeian.notifications import errors

    refusals = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, OpenBeianError)]
    assert len(refusals) > 4
    assert all(e.message.zh != e.message.en for e in refusals if e is not OpenBeianError)


@pytest.mark.parametrize(("kind", "called"), [("dingtalk", ("all", "13800138000")), ("feishu", ("all",))])
def test_a_robot_that_knows_mobiles_calls_those_whose_matters_the_message_holds(
    kind: str, called: tuple[str, ...]
) -> None:
    organisation = make_organisation()
    channel = make_channel(organisation, kind, mention="all", is_digest=False)
    owner, silent = make_member(organisation, "applicant"), make_member(organisation, "applicant")
    change_profile(actor_of(owner, "web"), "责任示例员", "zh", "+86 138-0013-8000")
    remind_of(make_item(organisation, owner_id=owner.user_id), make_item(organisation, owner_id=silent.user_id))
    messages = [render_message(d, "https://p.cn") for d in Delivery.objects.filter(channel=channel).order_by("pk")]
    assert [message.mention for message in messages] == [called, ("all",)]
