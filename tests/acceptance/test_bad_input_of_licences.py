"""What strangers type about licences, reports and inspections: refused with field and fix at every door, nothing lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.accounts.factories import make_actor
from tests.cases.factories import make_credit_code
from tests.cases.licence_factories import make_holder, make_licence, on
from tests.registry.factories import make_user
from tests.supervision.inspection_factories import NOON, entry, make_inspection, make_office, photograph, told_of
from tests.supervision.test_annual_reports import RULES, make_figures
from tests.web.pages import parse, sign_in, text_of

from openbeian.entrypoints.cli import main
from openbeian.kernel import clock
from openbeian.registry.models import Licence
from openbeian.supervision.inspections.models import Entry, Photo
from openbeian.supervision.reporting.actions.start_report import start_report
from openbeian.supervision.reporting.models import AnnualReport

pytestmark = pytest.mark.django_db

BAD_LICENCES = [
    ({"valid_until": "2026-03-01"}, "valid_until", "有效期至早于发证日期"),
    ({"businesses": "B99"}, "businesses", "没有“B99”这个业务代码"),
    ({"areas": "沪"}, "areas", "省局发的许可证只能在本省经营"),
    ({"number": "合字B2-20260001", "areas": "京"}, "areas", "跨地区许可证至少覆盖两个省份"),
    ({"authority": "沪"}, "authority", "许可证号与发证机关不符"),
    ({"issued_on": "2026-02-30"}, "issued_on", ""),
    ({"areas": "京、火星"}, "areas", "没有这个省份"),
]


def good_licence() -> dict[str, str]:
    return {
        "number": "京B2-20260001",
        "holder": "北京示例科技有限公司",
        "certificate_number": make_credit_code(),
        "issued_on": "2026-03-02",
        "valid_until": "2031-03-02",
        "businesses": "B25",
        "areas": "京",
    }


# The form has no authority: there the number tells it.
@pytest.mark.parametrize(("changes", "field", "words"), [bad for bad in BAD_LICENCES if bad[1] != "authority"])
def test_a_bad_licence_is_refused_by_the_form_and_what_was_typed_stays(
    changes: dict[str, str], field: str, words: str
) -> None:
    browser = sign_in(make_holder().applicant)
    typed = good_licence() | changes
    refused = browser.post("/licences/new/", typed)
    assert refused.status_code == 422
    if field != "businesses":  # the form offers the codes as choices, and says that this is none
        assert words in text_of(refused)
    page = parse(refused)
    assert page.css_first(f"[name={field}][aria-invalid=true], fieldset .error"), field
    assert page.css_first("[name=holder]").attributes["value"] == typed["holder"]  # type: ignore[union-attr]
    assert page.css_first("[name=areas]").attributes["value"] == typed["areas"]  # type: ignore[union-attr]
    assert not Licence.objects.exists()


@pytest.mark.parametrize(("changes", "field", "words"), BAD_LICENCES)
def test_a_bad_row_of_a_sheet_is_told_with_row_field_and_fix_and_the_good_ones_are_taken(
    changes: dict[str, str], field: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    holder = make_holder()
    good, bad = good_licence() | {"number": "京B2-20260002"}, good_licence() | changes
    columns = sorted(good.keys() | bad.keys())
    lines = [",".join(columns), *(",".join(row.get(c, "") for c in columns) for row in (bad, good))]
    (tmp_path / "licences.csv").write_text("\n".join(lines), "utf-8")
    code = main(["licence", "--as", make_user(holder.owner).email, "import", str(tmp_path / "licences.csv")])
    out, said = capsys.readouterr()
    told = json.loads(out)
    assert (code, told["recorded"], told["refused"]) == (2, 1, 1)
    (refusal,) = told["refusals"]
    assert refusal["row"] == 2
    fault = next(f for f in refusal["faults"] if f["field"].partition(".")[0] == field)
    assert words in fault["message"]["zh"]
    assert fault["fix"]["zh"]
    assert fault["message"]["zh"] in said
    assert Licence.objects.get().number == "京B2-20260002"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"quality.complaints": "3", "quality.answered": "4"}, "quality.answered"),
        ({"economy.total_income": "100", "economy.telecom_income": "200"}, "economy.telecom_income"),
        ({"economy.total_income": "-5"}, "economy.total_income"),
        ({"economy.total_income": "一百"}, "economy.total_income"),
        ({"economy.total_income": "1e3"}, "economy.total_income"),
        ({"economy.total_income": "9" * 30}, "economy.total_income"),
    ],
)
def test_figures_that_cannot_be_are_kept_told_and_not_handed_in(changes: dict[str, str], path: str) -> None:
    holder = make_holder()
    with on("2026-01-12"):
        report = start_report(holder.applicant, make_licence(holder).pk, 2025)
        browser = sign_in(holder.applicant)
        figures = make_figures(report) | changes
        for form in RULES.list_forms(report.codes):
            report.refresh_from_db()
            typed = {form.path(f): figures.get(form.path(f), "") for f in form.fields}
            sent = browser.post(f"/reports/{report.pk}/forms/{form.id}/", {**typed, "revision": report.revision})
            assert sent.status_code == 302, form.id
        report.refresh_from_db()
        assert report.figures[path] == changes[path]
        sent = {"revision": report.revision, "promise": list(RULES.promises), "signed_by": "王示例"}
        refused = browser.post(f"/reports/{report.pk}/submission/", sent)
        assert refused.status_code == 422
        assert f"forms/{path.partition('.')[0]}/" in refused.content.decode()
    report.refresh_from_db()
    assert (report.state, report.submitted_at) == ("not_reported", None)


def test_a_second_report_of_a_year_opens_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    holder = make_holder()
    with on("2026-01-12"):
        licence = make_licence(holder)
        browser = sign_in(holder.applicant)
        sent = {"licence": licence.pk, "year": "2025", "regime": "report"}
        first, second = (browser.post("/reports/start/", sent) for _ in range(2))
        assert first.headers["Location"] == second.headers["Location"]
        email = make_user(holder.owner).email
        assert main(["report", "--as", email, "draft", "--year", "2025", "--licence", licence.number]) == 0
        capsys.readouterr()
        for odd in ({"year": "20255"}, {"year": "二〇二五"}, {"licence": "x"}):
            assert browser.post("/reports/start/", sent | odd).status_code in {404, 409, 422}, odd
    assert AnnualReport.objects.count() == 1


def test_an_inspection_synchronised_twice_says_it_once_and_hostile_input_is_told_and_kept_out() -> None:
    with clock.hold(NOON):
        office = make_office()
        inspection = make_inspection(office)
        browser = sign_in(office.inspector_of(inspection))
        address = f"/inspections/{inspection.pk}/sync/"

        def send(body: Any) -> Any:
            content = body if isinstance(body, (str, bytes)) else json.dumps(body)
            return browser.post(address, content, content_type="application/json")

        one = entry("logs.retention", "not_met", "只留存 30 天")
        assert send({"entries": [one]}).json()["taken"] == [one["uuid"]]
        again = send({"entries": [one]}).json()
        assert (again["taken"], again["known"]) == ([], [one["uuid"]])
        bad = entry("logs.firewall", "not_met", "x\u202e") | {"made_at": ""}
        mixed = send({"entries": [bad, entry("logs.fields")]}).json()
        assert len(mixed["taken"]) == 1
        assert {f["field"].rpartition(".")[2] for f in mixed["refused"][bad["uuid"]]} == {"made_at", "note"}
        for body in ("", "[", "null", '{"entries": 5}', "[" * 50_000, {"entries": [5]}, b"\xff\xfe"):
            assert send(body).status_code == 422, body
        assert Entry.objects.count() == 2


def test_a_photograph_without_time_names_field_and_fix_and_is_taken_once_it_is_typed() -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    with clock.hold(NOON):
        office = make_office()
        inspection = make_inspection(office)
        browser = sign_in(office.inspector_of(inspection))
        content = photograph("")
        told = told_of(content, "logs.retention")

        def send(**more: Any) -> Any:
            photo = SimpleUploadedFile("p.jpg", content, "image/jpeg")
            sent = {"told": json.dumps(told | more), "file": photo}
            return browser.post(f"/inspections/{inspection.pk}/photos/", sent)

        refused = send()
        assert refused.status_code == 422
        (fault,) = refused.json()["faults"]
        assert "time" in fault["field"] or "taken" in fault["field"]
        assert fault["fix"]["zh"]
        assert not Photo.objects.exists()
        assert send(taken_at=NOON.isoformat()).status_code == 200
        assert send(taken_at=NOON.isoformat()).status_code == 200
        assert Photo.objects.get().doubt == "typed"
        stranger = sign_in(make_actor(office.licences[0].organisation, "applicant"))
        assert stranger.post(f"/inspections/{inspection.pk}/photos/", {"told": "{}"}).status_code == 403
