"""The pages of notifications: channels, the test that shows the answer, the log, the inbox, and the warning."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from openbeian.entrypoints.cli import main
from openbeian.jobs.actions.record_beat import record_beat
from openbeian.journal.models import Entry
from openbeian.kernel import clock
from openbeian.notifications.models import Channel, Delivery, EscalationPolicy, InboxItem
from tests.accounts.factories import make_member, make_organisation
from tests.notifications.factories import make_channel, make_item, remind_of
from tests.notifications.receivers import SECRET, open_receiver
from tests.web.pages import parse, read_form, text_of
from tests.web.portal import browse, make_administrator, make_operator

pytestmark = pytest.mark.django_db
FIELDS = {"name": "审核群", "language": "zh", "digest_hour": "9", "takes_all": "on", "is_active": "on"}
ROBOT = "https://oapi.dingtalk.example/robot/send?access_token=t0ken"


def test_an_administrator_adds_a_robot_whose_address_and_secret_are_shown_nowhere_again() -> None:
    administrator = make_administrator()
    browser = browse(administrator)
    response = browser.post("/settings/notifications/new/dingtalk/", FIELDS | {"address": ROBOT, "secret": SECRET})
    channel = Channel.objects.get()
    assert response.url == f"/settings/notifications/{channel.pk}/"
    assert (channel.person_id, channel.organisation_id) == (None, administrator.organisation_id)
    pages = [browser.get(url).content.decode() for url in ("/settings/notifications/", response.url)]
    assert "审核群" in pages[0]
    assert not any("t0ken" in page or SECRET in page for page in pages)
    entry = Entry.objects.get(event="channel.added")
    assert "t0ken" not in str(entry.after)


def test_a_member_adds_only_channels_of_their_own() -> None:
    member = make_member(make_organisation(), "applicant")
    fields = FIELDS | {"address": "me@example.cn", "is_own": ""}
    assert browse(member).post("/settings/notifications/new/email/", fields).status_code == 302
    assert Channel.objects.get().person_id == member.user_id


def test_saving_a_channel_without_its_secret_keeps_the_secret() -> None:
    administrator = make_administrator()
    channel = make_channel(administrator.organisation, "dingtalk", secret=SECRET)
    browser = browse(administrator)
    url = f"/settings/notifications/{channel.pk}/"
    fields = {k: v[0] for k, v in read_form(parse(browser.get(url)), "main form[method=post]").items()}
    assert browser.post(url, fields | {"name": "改名"}).status_code == 302
    channel.refresh_from_db()
    assert (channel.name, channel.secret) == ("改名", SECRET)


@pytest.mark.parametrize(
    ("kind", "wrong", "field"),
    [
        ("webhook", {"address": "https://127.0.0.1/x", "secret": "short"}, "secret"),
        ("webhook", {"address": "http://8.8.8.8/x", "secret": SECRET}, "address"),
        ("email", {"address": "not-an-address"}, "address"),
        ("dingtalk", {"address": ROBOT, "mention": "<@all>"}, "mention"),
        ("dingtalk", {"address": ROBOT, "quiet_from": "22"}, "quiet_until"),
        ("dingtalk", {"address": ROBOT, "takes_all": ""}, "kinds"),
    ],
)
def test_a_faulty_channel_is_refused_at_its_field_and_nothing_is_saved(
    kind: str, wrong: dict[str, str], field: str
) -> None:
    response = browse(make_administrator()).post(f"/settings/notifications/new/{kind}/", FIELDS | wrong)
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert Channel.objects.count() == 0


def test_the_test_button_shows_what_the_robot_answered_behind_its_http_200(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBEIAN_ALLOW_PRIVATE_WEBHOOKS", "1")
    administrator = make_administrator()
    browser = browse(administrator)
    with open_receiver("dingtalk") as robot:
        channel = make_channel(administrator.organisation, "dingtalk", address=robot.url, secret=SECRET)
        url = f"/settings/notifications/{channel.pk}/"
        assert "对方已接收" in text_of(browser.post(f"{url}try/", follow=True))
        robot.answer = (200, b'{"errcode":300001,"errmsg":"token is not exist"}')
        said = text_of(browser.post(f"{url}try/", follow=True))
    assert "没有送达" in said
    assert "token is not exist" in said


def test_the_test_button_does_not_enter_a_private_network() -> None:
    administrator = make_administrator()
    channel = make_channel(administrator.organisation, address="https://127.0.0.1:1/x", secret=SECRET)
    said = text_of(browse(administrator).post(f"/settings/notifications/{channel.pk}/try/", follow=True))
    assert "指向内网或本机" in said


@pytest.mark.parametrize("address", ["{id}/", "{id}/try/"])
def test_a_channel_of_somebody_else_is_not_found(address: str) -> None:
    mine = make_organisation()
    colleague = make_member(mine, "applicant")
    channels = [
        make_channel(make_organisation()),
        make_channel(mine, person_id=colleague.user_id),
    ]
    for channel in channels:
        url = "/settings/notifications/" + address.format(id=channel.pk)
        assert browse(make_administrator(mine)).post(url, FIELDS).status_code == 404
    member = browse(make_member(mine, "applicant"))
    assert member.get(f"/settings/notifications/{make_channel(mine).pk}/").status_code == 404
    assert "测试渠道" not in text_of(member.get("/settings/notifications/"))


def test_the_log_tells_what_went_to_whom_with_proof_and_keeps_to_the_organisation() -> None:
    organisation = make_organisation()
    make_channel(organisation)
    make_channel(stranger := make_organisation())
    remind_of(make_item(organisation, title='=HYPERLINK("x")'), make_item(stranger, title="别家的事"))
    Delivery.objects.update(state="delivered", answer="HTTP 200 ok", delivered_at=clock.now(), attempts=1)
    browser = browse(make_administrator(organisation))
    page = text_of(browser.get("/settings/notifications/log/"))
    assert "HTTP 200 ok" in page
    assert "别家的事" not in page
    assert "没有符合条件" in text_of(browser.get("/settings/notifications/log/?state=failed"))
    table = browser.get("/settings/notifications/log/?export=csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(table)))
    assert len(rows) == 2
    assert not any(cell.startswith("=") for cell in rows[1])
    assert "没有符合条件" in text_of(browse(make_member(organisation, "applicant")).get("/settings/notifications/log/"))


def test_the_inbox_counts_what_is_unread_and_opening_leads_to_the_matter() -> None:
    member = make_member(make_organisation(), "applicant")
    colleague = make_member(member.organisation, "applicant")
    remind_of(make_item(member.organisation, title="<b>年报</b>", path="/cases/"))
    browser = browse(member)
    page = browser.get("/inbox/")
    assert "&lt;b&gt;年报&lt;/b&gt;" in page.content.decode()
    assert "1 条未读" in page.content.decode()
    item = InboxItem.objects.get(person_id=member.user_id)
    assert browser.get(f"/inbox/{item.pk}/").status_code == 405
    other = InboxItem.objects.get(person_id=colleague.user_id)
    assert browser.post(f"/inbox/{other.pk}/").status_code == 404
    assert browser.post(f"/inbox/{item.pk}/").url == "/cases/"
    item.refresh_from_db()
    assert item.read_at is not None
    assert "条未读" not in browser.get("/inbox/").content.decode()
    browse(colleague).post("/inbox/read/")
    assert not InboxItem.objects.filter(read_at=None).exists()


def test_administrators_see_on_every_page_that_the_worker_has_not_run() -> None:
    administrator, member = make_administrator(), make_member(make_organisation(), "applicant")
    warning = "后台程序没有运行"
    assert warning in text_of(browse(administrator).get("/settings/"))
    assert warning in text_of(browse(make_operator()).get("/settings/"))
    assert warning not in text_of(browse(member).get("/settings/"))
    record_beat("worker")
    assert warning not in text_of(browse(administrator).get("/settings/"))
    with clock.hold(clock.now() + timedelta(hours=1)):
        assert warning in text_of(browse(administrator).get("/settings/"))


def test_administrators_see_that_the_journal_is_not_read_although_the_worker_runs() -> None:
    administrator = make_administrator()
    browser = browse(administrator)
    browser.post("/settings/notifications/escalation/", {"after_days": "5"})
    assert EscalationPolicy.objects.get().after_days == 5
    with clock.hold(clock.now() + timedelta(minutes=11)):
        record_beat("worker")
        assert "通知停滞" in text_of(browser.get("/settings/"))


@pytest.mark.parametrize("days", ["-1", "91", "x", "", "³"])
def test_an_impossible_number_of_days_changes_nothing(days: str) -> None:
    said = text_of(
        browse(make_administrator()).post("/settings/notifications/escalation/", {"after_days": days}, follow=True)
    )
    assert "0–90" in said
    assert EscalationPolicy.objects.count() == 0


def test_the_command_tests_a_channel_and_prints_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENBEIAN_ALLOW_PRIVATE_WEBHOOKS", "1")
    organisation = make_organisation()
    with open_receiver("webhook") as receiver:
        channel = make_channel(organisation, address=receiver.url, secret=SECRET)
        assert main(["notifications", "test", str(channel.pk), "--json"]) == 0
        receiver.answer = (503, b"")
        assert main(["notifications", "test", str(channel.pk)]) == 2
    assert main(["notifications", "test", "987654"]) == 2
    said = capsys.readouterr()
    assert '"delivered": true' in said.out
    remind_of(make_item(organisation))
    assert main(["notifications", "log", "--json"]) == 0
    assert '"state": "waiting"' in capsys.readouterr().out


def test_every_kind_of_channel_has_a_form_that_opens(db: Any) -> None:
    browser = browse(make_administrator())
    for kind in ("email", "dingtalk", "wecom", "feishu", "webhook"):
        assert browser.get(f"/settings/notifications/new/{kind}/").status_code == 200
    assert browser.get("/settings/notifications/new/inbox/").status_code == 404
