"""A licence's life in a time machine: grant, windows, reports made and missed, a late renewal, and all that was told.

Every job of the installation runs at ten each morning, and everything leaves over real connections: letters in both
languages, a DingTalk group at once, a Feishu group by daily digest. What arrived stands in `golden/licence_life.txt`
for people to read; `./openbeian test --slow tests/notifications/test_licence_life.py --golden` writes it anew, living
through every day. The quick test lives only the days on which something was told, and the days around them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from tests.accounts.factories import make_actor, make_organisation
from tests.notifications.factories import make_channel
from tests.notifications.receivers import SECRET, Mailbox, Receiver, open_mail_server, open_receiver

from openbeian.accounts.models import Organisation, User
from openbeian.jobs.models import Job
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor
from openbeian.notifications.models import Delivery, InboxItem
from openbeian.notifications.rendering import render_sentence
from openbeian.obligations.actions.settle_obligation import settle_obligation
from openbeian.obligations.models import Obligation
from openbeian.registry.actions.change_licence import change_licence
from openbeian.registry.actions.record_licence import record_licence
from openbeian.registry.models import Licence
from openbeian.wiring import list_job_kinds

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parent / "golden" / "licence_life.txt"
MORNING_JOBS = (
    "obligations.follow",
    "obligations.recompute",
    "notifications.follow",
    "notifications.remind",
    "notifications.digest",
)
LICENCE = {
    "number": "京B2-20210001",
    "holder": "北京示例科技有限公司",
    "certificate_number": "91110000600037341L",
    "issued_on": "2021-03-01",
    "valid_until": "2026-03-01",
    "businesses": "B25",
    "areas": "京",
}
LINK = re.compile(r"\s*(\[(打开|Open)\]\(\S+\)|https?://\S+)")


@dataclass
class Life:
    """The organisation, its people, and the other side of each of its channels."""

    organisation: Organisation
    clerk: Actor
    administrator: Actor
    mailbox: Mailbox
    dingtalk: Receiver
    feishu: Receiver
    days: frozenset[date] | None = None
    told: list[str] = field(default_factory=list)

    def live(self, first: str, last: str = "", act: Callable[[], Any] | None = None, remark: str = "") -> None:
        """From day to day, at ten in China; on the last one something may be done, after the morning's messages."""
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        while day <= end:
            if self.days is not None and day != end and day not in self.days:
                day += timedelta(days=1)
                continue
            with clock.hold(datetime(day.year, day.month, day.day, 2, tzinfo=UTC)):
                run_morning()
                self._write_down(day)
                if act and day == end:
                    self.told.append(f"{day}  ** {remark}")
                    act()
            day += timedelta(days=1)

    def settle(self, kind: str, cycle: str, evidence: str) -> None:
        settle_obligation(self.clerk, Obligation.objects.get(kind=kind, cycle=cycle).pk, evidence)

    def _write_down(self, day: date) -> None:
        for letter in self.mailbox.letters:
            # Letters to one mailbox each; the second one is read in English.
            name = "mail en" if "english" in str(letter["To"]) else "mail zh"
            body = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            self.told += [f"{day}  {name}   {line}" for line in read_sentences(body)]
        for message in self.dingtalk.received:
            self.told += [f"{day}  dingtalk  {line}" for line in read_sentences(message["markdown"]["text"])]
        for message in self.feishu.received:
            paragraphs = message["content"]["post"]["zh_cn"]["content"]
            said = "\n".join(part["text"] for paragraph in paragraphs for part in paragraph if part["tag"] == "text")
            self.told += [f"{day}  feishu    {line}" for line in read_sentences(said)]
        self.dingtalk.received.clear()
        self.feishu.received.clear()
        self.mailbox.letters.clear()
        items = InboxItem.objects.filter(read_at=None).select_related("notice", "person").order_by("person__name", "pk")
        self.told += [f"{day}  {i.person.name}    {render_sentence(i.notice, 'zh')}" for i in items]
        items.update(read_at=clock.now())


def read_sentences(text: str) -> Iterator[str]:
    """What a message tells, without its frame, links and reference."""
    for line in text.splitlines():
        said = LINK.sub("", line).strip()
        if "「" in said or "“" in said:
            yield said


def run_morning() -> None:
    """The periodic jobs, then every delivery that is due, as a worker would."""
    kinds = list_job_kinds()
    for name in MORNING_JOBS:
        kinds[name].run({}, lambda done, total: None)
    waiting = Job.objects.filter(kind="notifications.deliver", state="queued", run_at__lte=clock.now())
    for job in waiting.order_by("run_at", "pk"):
        kinds["notifications.deliver"].run(job.arguments, lambda done, total: None)
        Job.objects.filter(pk=job.pk).update(state="done")


@pytest.fixture
def life(monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    monkeypatch.setenv("OPENBEIAN_ALLOW_PRIVATE_WEBHOOKS", "1")
    with (
        open_mail_server() as (mailbox, port),
        open_receiver("dingtalk") as dingtalk,
        open_receiver("feishu") as feishu,
        override_settings(
            OPENBEIAN_MAIL=f"smtp://127.0.0.1:{port}",
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=port,
        ),
    ):
        organisation = make_organisation(name="北京示例科技有限公司")
        clerk, administrator = make_actor(organisation, "applicant"), make_actor(organisation, "administrator")
        for actor, name in ((clerk, "经办人"), (administrator, "管理员")):
            User.objects.filter(pk=actor.user_id).update(name=name)
        make_channel(organisation, "email", address="zhongwen@example.cn")
        make_channel(organisation, "email", address="english@example.cn", language="en")
        make_channel(organisation, "dingtalk", address=dingtalk.url, secret=SECRET, mention="13800000000")
        make_channel(organisation, "feishu", address=feishu.url, secret=SECRET, is_digest=True, digest_hour=9)
        yield Life(organisation, clerk, administrator, mailbox, dingtalk, feishu)


def tell(life: Life) -> str:
    """The whole life; what was told, a line each, and what was done."""
    life.live(
        "2021-03-02", act=lambda: record_licence(life.clerk, LICENCE), remark="登记许可证 The licence is recorded"
    )
    life.live("2021-03-03")
    life.live(
        "2021-12-28",
        "2022-04-20",
        lambda: life.settle("licence.annual_report", "2021", "平台显示已补报"),
        "2021 年报逾期，补报 The report on 2021 is made up for, late",
    )
    life.live("2022-04-21", "2022-04-25")
    for year in (2023, 2024, 2025):
        cycle = str(year - 1)
        life.live(
            f"{year}-01-02",
            f"{year}-01-05",
            lambda cycle=cycle: life.settle("licence.annual_report", cycle, f"{cycle} 年报已报送"),  # type: ignore[misc]
            f"{cycle} 年报按时报送 The report on {cycle} is made in time",
        )
    life.live(
        "2025-08-30",
        "2025-12-10",
        lambda: life.settle("licence.renewal", "2026-03-01", "逾期提交延续申请，受理号 2025-0099"),
        "逾期申请延续 The renewal is applied for, late",
    )
    life.live(
        "2025-12-11",
        "2026-01-05",
        lambda: life.settle("licence.annual_report", "2025", "2025 年报已报送"),
        "2025 年报按时报送 The report on 2025 is made in time",
    )
    renewed = LICENCE | {"valid_until": "2031-03-01"}
    licence = Licence.objects.get(organisation=life.organisation)
    life.live(
        "2026-01-06",
        "2026-03-06",
        lambda: change_licence(life.clerk, licence.pk, renewed),
        "收到准予延续决定 The decision to renew arrives",
    )
    life.live("2026-03-07", "2026-03-12")
    return "\n".join(life.told) + "\n"


def read_days() -> frozenset[date]:
    """The days of the golden list and their neighbours."""
    told = {date.fromisoformat(line[:10]) for line in GOLDEN.read_text("utf-8").splitlines()}
    return frozenset(day + timedelta(days=n) for day in told for n in (-1, 0, 1))


def test_a_licences_life_tells_everybody_in_time_and_once(life: Life) -> None:
    life.days = read_days()
    told = tell(life)
    assert told == GOLDEN.read_text("utf-8")
    assert not Delivery.objects.exclude(state="delivered").exists()
    lines = [line for line in told.splitlines() if "**" not in line]
    assert len(lines) == len(set(lines)), "the same was told twice on one day"
    # Ninety days before 2026-03-01 is 2025-12-01; the first reminder stands 180 days before, none comes after the end.
    renewal = [line for line in lines if "mail zh" in line and "申请延续许可证" in line]
    assert [line[:10] for line in renewal if "无人处理" not in line] == [
        "2025-09-02",
        "2025-11-01",
        "2025-11-21",
        "2025-12-01",
        "2025-12-02",
    ]
    assert [line[:10] for line in renewal if "无人处理" in line] == ["2025-12-05"]
    assert "已逾期" in next(line for line in renewal if line.startswith("2025-12-02"))
    stages = Obligation.objects.filter(kind="licence.renewal").order_by("cycle").values_list("cycle", "stage")
    assert list(stages) == [("2026-03-01", "done"), ("2031-03-01", "far")]


@pytest.mark.slow
def test_no_other_day_of_that_life_tells_anything(life: Life, request: pytest.FixtureRequest) -> None:
    told = tell(life)
    if request.config.getoption("--golden"):
        GOLDEN.write_text(told, "utf-8")
    assert told == GOLDEN.read_text("utf-8")
