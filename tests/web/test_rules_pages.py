"""Rules: readable by everybody, in both languages, on any day; doubtful ones marked; policies switched from the page."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openbeian.policies.models import LoadedArrangement, PolicySetting
from openbeian.policies.queries import list_policies
from openbeian.rules import rulebook as rulebook_module
from openbeian.rules.rulebook import RulebookStore, current_rulebook
from tests.accounts.factories import make_member, make_organisation
from tests.policies.factories import CYCLE, DAYS_2027
from tests.web.pages import parse, text_of
from tests.web.portal import browse, make_administrator, make_operator

pytestmark = pytest.mark.django_db
BROKEN = Path(__file__).parents[1] / "rules" / "broken"
SMALL = Path(__file__).parents[1] / "rules" / "small"


@pytest.fixture(autouse=True)
def installed() -> None:
    """Pages answer only once somebody runs the installation."""
    make_operator()


def test_everybody_reads_every_rule_in_force_without_signing_in() -> None:
    said = text_of(browse().get("/rules/?q=filing.fee"))
    assert "备案费用" in said
    assert "也有人说" in said


def test_every_rule_has_a_page_in_both_languages() -> None:
    client = browse()
    english = browse()
    english.cookies["language"] = "en"
    for rule in current_rulebook().rules.values():
        response = client.get(f"/rules/{rule.id}/")
        assert response.status_code == 200
        assert rule.title.zh in text_of(response)
    page = text_of(english.get(f"/rules/{CYCLE}/"))
    assert "What applies on" in page
    assert "Try a deadline" in page


def test_an_unknown_rule_is_404_with_the_nearest_names() -> None:
    response = browse().get("/rules/filing.reconfirmation.cycl/")
    assert response.status_code == 404
    assert CYCLE in text_of(response)


@pytest.mark.parametrize(
    ("query", "kept", "dropped"),
    [
        ("subject=penalty", "penalty.", "filing."),
        ("level=law", "法律，可信度", "行政法规，可信度"),
        ("status=open", "未决问题", "现行 "),
        ("q=公安", "公安", "广告法"),
    ],
)
def test_filters_keep_what_they_name_and_drop_the_rest(query: str, kept: str, dropped: str) -> None:
    tree = parse(browse().get(f"/rules/?{query}"))
    table = tree.css_first("tbody")
    assert table is not None
    assert kept in table.text(separator=" ")
    assert dropped not in table.text(separator=" ")


@pytest.mark.parametrize(
    "query", ["on=2026-02-30", "on=1800-01-01", "province=Q&level=x&status=%00&page=-7&size=9", "on=<b>"]
)
def test_a_mistyped_address_still_shows_the_rules(query: str) -> None:
    response = browse().get(f"/rules/?{query}")
    assert response.status_code == 200
    assert "<b>" not in parse(response).html.partition("<main")[2].partition("</form>")[0]  # type: ignore[union-attr]


def test_the_list_of_another_day_shows_the_law_of_that_day() -> None:
    client = browse()
    assert "48" in text_of(client.get("/rules/filing.sms.window/?on=2018-01-10"))
    assert "24" in text_of(client.get("/rules/filing.sms.window/?on=2026-01-10"))


def test_the_csv_is_exactly_what_the_list_shows() -> None:
    response = browse().get("/rules/?subject=counting&format=csv")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    shown = parse(browse().get("/rules/?subject=counting")).css("tbody tr")
    assert len(rows) - 1 == len(shown)
    assert all(row[0].startswith("counting.") for row in rows[1:])


def test_a_doubtful_rule_is_never_presented_as_certain() -> None:
    said = text_of(browse().get("/rules/counting.backward_advice/"))
    assert "未决问题" in said
    assert "不能当作确定的要求" in said


def test_the_test_form_shows_raw_due_and_advised_day_with_the_chain() -> None:
    said = text_of(browse().get("/rules/licence.renewal.apply_before_expiry/?anchor=2026-02-28"))
    assert "2025-11-30" in said
    assert "2025-11-28" in said
    assert "计算：" in said


@pytest.mark.parametrize("anchor", ["2026-02-30", "gestern", "9999-12-31", "0001-01-01", "1" * 500])
def test_an_impossible_day_is_answered_by_a_sentence(anchor: str) -> None:
    response = browse().get("/rules/licence.renewal.apply_before_expiry/", {"anchor": anchor})
    assert response.status_code == 200
    assert parse(response).css_first("[role=alert]") is not None or "最迟" in text_of(response)


def test_an_administrator_switches_a_claim_on_and_off_and_the_page_says_whose_policy_it_is() -> None:
    member = make_administrator()
    client = browse(member)
    answer = client.post(
        f"/rules/{CYCLE}/policy/", {"claim": "two_years", "scope": "organisation", "since": "2024-01-01"}
    )
    assert answer.status_code == 302
    said = text_of(client.get(f"/rules/{CYCLE}/?anchor=2025-03-03&on=2026-11-01"))
    assert "本单位内部政策，并非法律规定" in said
    assert "2027-03-03" in said
    assert "没有规定期限" in text_of(browse().get(f"/rules/{CYCLE}/"))
    client.post(f"/rules/policies/{PolicySetting.objects.get().pk}/off/")
    assert list_policies(member.organisation_id) == []


def test_an_administrator_cannot_set_the_policy_of_the_whole_installation() -> None:
    answer = browse(make_administrator()).post(
        f"/rules/{CYCLE}/policy/", {"claim": "two_years", "scope": "installation"}
    )
    assert answer.status_code == 403
    assert not PolicySetting.objects.exists()


def test_an_applicant_sees_no_switch_and_may_not_use_it() -> None:
    client = browse(make_member(make_organisation(), "applicant"))
    assert parse(client.get(f"/rules/{CYCLE}/")).css_first("input[name=claim]") is None
    assert client.post(f"/rules/{CYCLE}/policy/", {"claim": "two_years"}).status_code == 403


def test_who_runs_the_installation_loads_a_year_by_file_and_removes_it() -> None:
    client = browse(make_operator())
    assert "缺少，日期暂定" in text_of(client.get("/settings/calendar/"))
    content = json.dumps({"year": 2027, "source": "测试通知", "days": DAYS_2027}).encode()
    answer = client.post("/settings/calendar/", {"how": "file", "file": SimpleUploadedFile("2027.json", content)})
    assert answer.status_code == 302
    assert "本系统录入" in text_of(client.get("/settings/calendar/"))
    client.post("/settings/calendar/2027/remove/")
    assert not LoadedArrangement.objects.exists()


def test_a_faulty_file_is_refused_with_its_line_and_nothing_is_kept() -> None:
    content = b"year: 2027\nsource: x\ndays:\n  - {date: 2027-02-30, name: a, day_off: true}\n"
    answer = browse(make_operator()).post(
        "/settings/calendar/", {"how": "file", "file": SimpleUploadedFile("2027.yaml", content)}
    )
    assert answer.status_code == 422
    assert "2027.yaml:4" in text_of(answer)
    assert not LoadedArrangement.objects.exists()


def test_a_year_typed_in_by_hand_is_loaded_and_a_fault_names_its_line() -> None:
    client = browse(make_operator())
    lines = [f"{d['date']} {d['name']} {'休' if d['day_off'] else '班'}" for d in DAYS_2027]
    bad = client.post(
        "/settings/calendar/", {"year": 2027, "source": "通知", "days": "\n".join([*lines, "2027-03-03 x 班"])}
    )
    assert bad.status_code == 422
    assert f"第 {len(lines) + 1} 行" in text_of(bad)
    assert "2027-03-03 x 班" in bad.content.decode()
    assert (
        client.post("/settings/calendar/", {"year": 2027, "source": "通知", "days": "\n".join(lines)}).status_code
        == 302
    )
    assert len(LoadedArrangement.objects.get().days) == len(lines)


def test_an_administrator_of_one_organisation_does_not_load_holidays() -> None:
    client = browse(make_administrator())
    assert client.get("/settings/calendar/").status_code == 403
    assert client.get("/settings/rulebook/").status_code == 403


def test_a_broken_rule_file_is_named_with_its_line_and_the_last_good_rules_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "rulebook"))
    store = RulebookStore(folder)
    monkeypatch.setattr(rulebook_module, "_store", store)
    client: Client = browse(make_operator())
    assert "没有问题" in text_of(client.get("/settings/rulebook/"))
    shutil.copy(BROKEN / "unit_missing.yaml", folder)
    said = text_of(client.get("/settings/rulebook/"))
    assert "unit_missing.yaml:9" in said
    assert list(store.current.rules) == ["sample.limit"]
