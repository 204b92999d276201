"""The pages of licences: cover and next action, starting and recording, what strangers see, tables to take away."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from openbeian.accounts.models import Membership
from openbeian.cases.actions.deem_licence_cases import deem_licence_cases
from openbeian.cases.actions.turn_case import turn_case
from openbeian.cases.models import Case
from openbeian.obligations.actions.recompute_obligations import recompute_obligations
from openbeian.registry.models import Licence, NumberResource
from tests.accounts.factories import make_member
from tests.cases.factories import make_credit_code
from tests.cases.licence_factories import Holder, make_holder, make_licence, make_submitted, on
from tests.web.pages import text_of
from tests.web.portal import browse, make_operator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def installed() -> None:
    make_operator()


def member(holder: Holder) -> Membership:
    return make_member(holder.owner, "applicant")


def test_the_page_tells_cover_window_and_ground_and_offers_the_renewal() -> None:
    holder = make_holder()
    with on("2025-11-20"):
        licence = make_licence(holder, businesses="B21, B25:未开通")
        said = text_of(browse(member(holder)).get(f"/licences/{licence.pk}/"))
    assert "还有 101 天" in said
    assert "最迟 2025-12-01 提交（还有 11 天）" in said
    assert "未开通，不予延续" in said
    assert "办理延续" in said
    assert "示例控股" in said
    assert "王示例" not in said


def test_too_late_the_page_says_so_and_offers_a_new_application() -> None:
    holder = make_holder()
    with on("2025-12-02"):
        licence = make_licence(holder)
        said = text_of(browse(member(holder)).get(f"/licences/{licence.pk}/"))
        refused = browse(member(holder)).post(
            "/licences/start/", {"procedure": "licence_renewal", "licence": licence.pk, "token": "x"}
        )
    assert "已错过 2025-12-01 的申请期限" in said
    assert "将断档或已断档" in said
    assert "重新申请许可" in said
    assert refused.status_code == 409
    assert "不予延续" in text_of(refused)
    assert not Case.objects.exists()


def test_starting_twice_opens_one_draft_and_its_form_is_filled_from_the_record() -> None:
    holder = make_holder()
    with on("2025-11-20"):
        licence = make_licence(holder)
        browser = browse(member(holder))
        sent = {"procedure": "licence_renewal", "licence": licence.pk, "token": "abc"}
        first = browser.post("/licences/start/", sent, follow=True)
        browser.post("/licences/start/", sent)
    assert Case.objects.count() == 1
    assert licence.holder in text_of(first)


def test_silence_leaves_a_task_to_obtain_the_paper_and_the_printed_end_decides() -> None:
    holder = make_holder()
    with on("2025-11-20"):
        licence = make_licence(holder)
        case = make_submitted(holder, "licence_renewal", licence)
        turn_case(holder.officer, case.pk, "accept")
    with on("2026-03-02"):
        deem_licence_cases()
        recompute_obligations(everything=True)
        browser = browse(member(holder))
        said = text_of(browser.get(f"/licences/{licence.pk}/"))
        assert "视为准予延续" in said
        assert "领取许可证" in said
        browser.post(f"/licences/{licence.pk}/paper/", {"printed_end": "2031-02-28"})
    licence.refresh_from_db()
    assert (licence.valid_until.isoformat(), licence.is_deemed, licence.paper_awaited_from) == (
        "2031-02-28",
        False,
        None,
    )


def test_a_licence_is_recorded_by_form_and_faults_stand_beside_their_fields() -> None:
    holder = make_holder()
    browser = browse(member(holder))
    values = {
        "number": "京B2-20260001",
        "holder": "北京示例科技有限公司",
        "certificate_number": make_credit_code(),
        "issued_on": "2026-03-02",
        "valid_until": "2026-03-01",
        "businesses": ["B21", "B25"],
        "unopened": ["B25"],
        "areas": "京",
        "shareholders": "甲公司:60%\n乙公司:50%:外资",
    }
    refused = browser.post("/licences/new/", values)
    assert refused.status_code == 422
    assert "有效期至早于发证日期" in text_of(refused)
    assert "超过 100%" in text_of(refused)
    values |= {"valid_until": "2031-03-02", "shareholders": "甲公司:60%\n乙公司:40%:外资"}
    assert browser.post("/licences/new/", values).status_code == 302
    licence = Licence.objects.get()
    assert licence.businesses == [{"code": "B21", "opened": True}, {"code": "B25", "opened": False}]
    assert licence.shareholders[1] == {"name": "乙公司", "percent": "40", "is_foreign": True}
    assert (
        browser.post(f"/licences/{licence.pk}/change/", values | {"holder": "北京更名科技有限公司"}).status_code == 302
    )
    licence.refresh_from_db()
    assert licence.holder == "北京更名科技有限公司"


def test_a_number_is_recorded_by_form() -> None:
    holder = make_holder()
    sent = {"number": "10625555", "kind": "1062", "assigned_on": "2025-06-15"}
    assert browse(member(holder)).post("/licences/numbers/new/", sent).status_code == 302
    assert NumberResource.objects.get().number == "10625555"


def test_tables_hold_what_the_list_shows_and_strangers_see_nothing() -> None:
    holder, stranger = make_holder(), make_holder(province="沪")
    with on("2025-11-20"):
        licence = make_licence(holder, holder="=1+1有限公司")
        make_licence(holder, number="京B1-20240001", businesses="B14", valid_until="2029-01-01")
        browser = browse(member(holder))
        table = browser.get("/licences/?business=B21&export=csv").getvalue().decode()
        sheet = browser.get("/licences/?export=xlsx").getvalue()
        foreign = browse(make_member(stranger.owner, "applicant"))
        assert foreign.get(f"/licences/{licence.pk}/").status_code == 404
        assert licence.number not in text_of(foreign.get("/licences/"))
    assert table.count("\n") == 2
    assert "'=1+1有限公司" in table
    assert load_workbook(BytesIO(sheet)).active.max_row == 3
    assert "2025-12-01" in table
