"""Rows of a portfolio: what is read, what is refused and why. Pure."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.registry.portfolios import HEADING, INDEX, changed, make_rows

from openbeian.registry.errors import ColumnsMissing, HeadingMissing
from openbeian.registry.portfolio import PortfolioReader, find_heading
from openbeian.registry.portfolio_columns import COLUMNS, place_columns
from openbeian.registry.portfolio_rows import PortfolioRow, RowProblem
from openbeian.rules.code_tables import load_code_tables

TODAY = date(2026, 11, 21)
PROVIDERS = {f"示例云{n}": n + 1 for n in range(20)}
ROW = make_rows(1)[0]


def make_reader() -> PortfolioReader:
    return PortfolioReader(place_columns(HEADING), load_code_tables(), PROVIDERS, TODAY)


def problems_of(**cells: str) -> list[RowProblem]:
    read = make_reader().read(7, changed(ROW, **cells))
    assert isinstance(read, list)
    return read


def test_a_full_row_becomes_the_values_of_the_record() -> None:
    row = make_reader().read(2, ROW)
    assert isinstance(row, PortfolioRow)
    assert row.service is not None
    assert row.sponsor.number == ROW[INDEX["sponsor.number"]]
    assert row.sponsor.values.nature == "enterprise"
    assert row.sponsor.values.region == "110101"
    assert row.sponsor.values.person.mobile == "13800000001"
    assert row.service.values.domains == (ROW[INDEX["service.domains"]],)
    assert row.service.values.accesses[0].place == "110000"
    assert row.service.values.person == row.sponsor.values.person


@pytest.mark.parametrize("text", ["2023/5/1", "2023-5-1", "2023年5月1日", "2023-05-01 10:20:30", "45047"])
def test_every_customary_way_to_write_a_day_is_read(text: str) -> None:
    row = make_reader().read(2, changed(ROW, service__granted_on=text))
    assert isinstance(row, PortfolioRow)
    assert row.service is not None
    assert row.service.granted_on == date(2023, 5, 1)


@pytest.mark.parametrize(
    ("key", "text", "rule"),
    [
        ("sponsor__number", "京ICP备1号", "number.digits"),
        ("sponsor__number", "", "portfolio.empty"),
        ("sponsor__nature", "外星机构", "code_table.natures"),
        ("sponsor__certificate_number", "91110000MA00000000", "certificate.check"),
        ("sponsor__certificate_number", "#rounded", "portfolio.rounded"),
        ("sponsor__region", "某某市", "portfolio.region"),
        ("sponsor__name", "=1+1", "portfolio.formula"),
        ("sponsor__name", "x" * 3000, "text.too_long"),
        ("sponsor__person__mobile", "10086", "phone.service"),
        ("service__number", "京ICP备2019000999号-1", "portfolio.base"),
        ("service__kind", "App", "portfolio.kind"),
        ("service__domains", "com.cn", "domain.bare_suffix"),
        ("service__home_url", "javascript:alert(1)", "portfolio.url"),
        ("service__contents", "单位门户网站,没有的", "code_table.content_types"),
        ("service__granted_on", "1/5/2023", "date.ambiguous"),
        ("service__granted_on", "2027-01-01", "portfolio.future"),
        ("access__provider", "没有的云", "portfolio.provider"),
        ("access__provider", "", "portfolio.access"),
        ("access__ip_ranges", "192.168.0.1", "ip_range.not_public"),
    ],
)
def test_a_bad_cell_is_reported_with_row_column_rule_and_fix(key: str, text: str, rule: str) -> None:
    (problem,) = problems_of(**{key: text})
    assert (problem.row, problem.problem.rule) == (7, rule)
    assert problem.column.zh == HEADING[INDEX[key.replace("__", ".")]]
    assert problem.problem.fix.zh
    assert problem.problem.fix.en


def test_personal_values_are_masked_in_a_report() -> None:
    (mobile,) = problems_of(sponsor__person__mobile="138001380001")
    (certificate,) = problems_of(sponsor__certificate_number="91110000MA00000000")
    assert "13800138" not in mobile.value
    assert certificate.value == "9" + "*" * 16 + "0"


def test_a_row_says_all_that_is_wrong_with_it_at_once() -> None:
    found = problems_of(sponsor__name="", service__granted_on="昨天", service__domains="")
    assert {p.column.zh for p in found} == {"主办单位名称", "域名", "备案日期"}


def test_a_person_of_the_services_own_takes_nothing_from_the_sponsors() -> None:
    row = make_reader().read(2, changed(ROW, service__person__name="李另外", service__person__mobile="13900139000"))
    assert isinstance(row, PortfolioRow)
    assert row.service is not None
    assert row.service.values.person.name == "李另外"
    assert row.service.values.person.certificate_number == ""


def test_headings_that_people_already_use_are_understood() -> None:
    placed = place_columns(["*ICP备案号（必填）", "单位名称", "网站域名", "手机号码:", "不认识的列"])
    assert placed == {"sponsor.number": 0, "sponsor.name": 1, "service.domains": 2, "sponsor.person.mobile": 3}


def test_no_two_columns_share_a_heading() -> None:
    names = [name for c in COLUMNS for name in {c.heading.zh, c.heading.en, *c.synonyms}]
    assert all(place_columns([name]) for name in names)
    for column in COLUMNS:
        assert place_columns([column.heading.zh]) == {column.key: 0}


def test_a_heading_below_a_title_is_found_and_a_missing_column_named() -> None:
    rows = [(1, ["某集团备案清单"]), (2, []), (3, HEADING)]
    assert find_heading(rows)[0] == 3
    with pytest.raises(ColumnsMissing, match="Sponsor"):
        find_heading([(1, [h for h in HEADING if h != "主办单位名称"])])
    with pytest.raises(HeadingMissing):
        find_heading([(1, ["a", "b"])])


@given(
    cells=st.lists(
        st.one_of(
            st.text(max_size=60),
            st.sampled_from(["", "企业", "2023/5/1", "京ICP备2019000001号-1", "1.1.1.1-2", "#rounded"]),
        ),
        max_size=len(HEADING) + 2,
    ),
    good=st.sets(st.sampled_from(range(len(HEADING)))),
)
def test_no_cell_ever_crashes_the_reader(cells: list[str], good: set[int]) -> None:
    mixed = [ROW[i] if i in good and i < len(ROW) else c for i, c in enumerate(cells)]
    read = make_reader().read(2, mixed)
    assert isinstance(read, PortfolioRow) or (read and all(p.problem.rule for p in read))


def test_a_website_whose_domains_are_only_separators_has_none() -> None:
    (problem,) = problems_of(service__domains="，")
    assert (problem.problem.rule, problem.column.zh) == ("portfolio.empty", "域名")


def test_what_is_wrong_with_a_services_person_is_said_although_its_sponsor_is_wrong_too() -> None:
    found = problems_of(sponsor__name="", service__person__mobile="10086")
    assert {p.column.zh for p in found} == {"主办单位名称", "服务负责人手机"}


_CELLS = {
    "service.number": [
        "",
        "京ICP备2019000001号-7",
        "京ICP备2019000001号-3A",
        "京ICP备2019000001号－1",
        "粤B2-20090059-1",
    ],
    "service.kind": ["", "网站", "App", "没有的"],
    "service.name": ["", "站点", "#rounded", "=1", "站" * 121, " 站  点 "],
    "service.domains": ["", "example.cn", "a.cn,b.cn", "EXAMPLE.CN", "www.example.cn", "例子.中国", "x.nosuch", "，"],
    "service.home_url": ["", "www.example.cn", "#rounded", "不是"],
    "service.contents": ["", "单位门户网站", "没有的"],
    "service.person.name": ["", "李另外"],
    "access.provider": ["", "示例云1", "没有的云"],
    "access.mode": ["", "云接入"],
    "access.ip_ranges": ["", "8.8.8.8", "8.8.8.8,8.8.4.4", "192.168.0.1", "8.8.8." + chr(10) + "8"],
    "service.granted_on": ["", "2023/5/1", "昨天", "2027-01-01", "#rounded"],
}


@given(st.fixed_dictionaries({}, optional={key: st.sampled_from(texts) for key, texts in _CELLS.items()}))
def test_a_good_service_read_together_is_the_one_read_cell_by_cell(cells: dict[str, str]) -> None:
    row = changed(ROW, **{key.replace(".", "__"): text for key, text in cells.items()})
    slow = make_reader()
    slow._read_plain_service = lambda cells, sponsor: None  # type: ignore[method-assign]
    assert make_reader().read(7, row) == slow.read(7, row)


def test_the_rows_of_a_usual_portfolio_are_read_together() -> None:
    reader = make_reader()
    for row in make_rows(10):
        padded = [*row, ""]
        sponsor = reader.read(2, row)
        assert isinstance(sponsor, PortfolioRow)
        assert reader._read_plain_service(reader._cut_service(padded), sponsor.sponsor) == sponsor.service
