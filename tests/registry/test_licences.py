"""Licences on record: what is refused with field and fix, who sees them, and lists from files."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from tests.registry.factories import make_actor, make_organisation, make_sponsor

from openbeian.journal.models import Entry
from openbeian.kernel.actor import NotPermitted
from openbeian.kernel.errors import Fault
from openbeian.registry.actions.change_licence import change_licence
from openbeian.registry.actions.record_licence import record_licence
from openbeian.registry.actions.record_number_resource import record_number_resource
from openbeian.registry.errors import (
    HeadingMissing,
    LicenceOnRecord,
    LicenceUnfit,
    NumberResourceUnfit,
    NumberTaken,
    RecordNotYours,
    SheetUnreadable,
)
from openbeian.registry.licence_sheet import read_licence_sheet
from openbeian.registry.licence_values import read_licence
from openbeian.registry.models import Licence, NumberResource
from openbeian.registry.queries import get_licence, list_licences_visible_to, list_number_resources_visible_to
from openbeian.rules.code_tables import load_code_tables

CODE = "91110000600037341L"


def raw(**changes: Any) -> dict[str, Any]:
    values = {
        "number": "京B2-20260001",
        "holder": "北京示例科技有限公司",
        "certificate_number": CODE,
        "issued_on": "2026-03-02",
        "valid_until": "2031-03-02",
        "businesses": "B21, B25:未开通",
        "areas": "京",
    }
    return {**values, **changes}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_until": "2026-03-01"}, "valid_until"),
        ({"businesses": "B25, B99"}, "businesses.1"),
        ({"businesses": ""}, "businesses"),
        ({"areas": "京、沪"}, "areas"),
        ({"areas": "火星"}, "areas.0"),
        ({"number": "B2-20260001", "areas": "京"}, "areas"),
        ({"authority": "沪"}, "authority"),
        ({"number": "京ICP备2026000123号"}, "number"),
        ({"number": ""}, "number"),
        ({"certificate_number": "123"}, "certificate_number"),
        ({"issued_on": "2026-02-30"}, "issued_on"),
        ({"holder": ""}, "holder"),
    ],
)
def test_a_fault_names_its_field_and_its_fix(changes: dict[str, str], field: str) -> None:
    with pytest.raises(LicenceUnfit) as refused:
        read_licence(raw(**changes))
    fault = next(f for f in refused.value.faults if f.field == field)
    assert fault.fix.zh
    assert fault.fix.en


def test_businesses_areas_and_authority_are_read_in_any_customary_writing() -> None:
    values = read_licence(
        raw(
            number="合字B2-20260001",
            areas="全国",
            authority="工信部",
            businesses=["b11", {"code": "B25", "opened": False}],
        )
    )
    assert (values.authority, values.areas) == ("miit", ("nationwide",))
    assert values.businesses == (("B11", True), ("B25", False))


def test_the_authority_follows_from_the_number() -> None:
    assert read_licence(raw(number="京ICP证030173号")).authority == "京"
    assert read_licence(raw(number="B1.B2-20260001", areas="京 沪")).authority == "miit"


def test_without_a_printed_end_the_term_is_counted_from_the_day_of_issue() -> None:
    values = read_licence(raw(issued_on="2021-08-31", valid_until=""))
    assert (values.valid_until, values.is_end_printed) == (date(2026, 8, 31), False)


def test_every_business_code_says_how_sure_it_is() -> None:
    table = load_code_tables().businesses
    sure = {row.id for row in table if row.confidence == "H"}
    assert sure == {"B11", "B14", "B21", "B25"}
    assert {row.id for row in table if row.confidence == "L"} == {"A22", "A24-1", "A25-3", "A27"}


@settings(deadline=None, max_examples=150)
@given(
    st.dictionaries(
        st.sampled_from(sorted(raw())),
        st.one_of(st.text(max_size=60), st.none(), st.integers(), st.lists(st.text(max_size=5), max_size=3)),
    )
)
def test_whatever_is_typed_is_read_or_refused(changes: dict[str, Any]) -> None:
    faults: tuple[Fault, ...] = ()
    values = None
    try:
        values = read_licence(raw(**changes))
    except LicenceUnfit as refused:
        faults = refused.faults
    assert bool(faults) is (values is None)


@pytest.mark.django_db
def test_a_licence_is_tied_to_the_holders_own_sponsor_and_journalled_without_its_certificate() -> None:
    organisation = make_organisation()
    sponsor = make_sponsor(organisation, certificate_number=CODE)
    licence = record_licence(make_actor(organisation), raw())
    assert licence.sponsor == sponsor
    entry = Entry.objects.get(event="licence.recorded")
    assert CODE not in str(entry.after)


@pytest.mark.django_db
def test_the_same_licence_is_recorded_once_and_then_changed() -> None:
    organisation = make_organisation()
    actor = make_actor(organisation)
    licence = record_licence(actor, raw())
    with pytest.raises(LicenceOnRecord):
        record_licence(actor, raw())
    changed = change_licence(actor, licence.pk, raw(valid_until="2036-03-02"))
    assert (changed.pk, changed.valid_until) == (licence.pk, date(2036, 3, 2))
    assert Licence.objects.count() == 1
    record_licence(make_actor(make_organisation()), raw())


@pytest.mark.django_db
def test_licences_are_seen_by_their_own_and_by_the_administration_that_issued_them() -> None:
    organisation = make_organisation()
    licence = record_licence(make_actor(organisation), raw())
    issuer = make_actor(make_organisation(kind="administration", province="京"), "officer")
    other = make_actor(make_organisation(kind="administration", province="沪"), "officer")
    provider = make_actor(make_organisation(kind="access_provider"), "first_reviewer")
    stranger = make_actor(make_organisation())
    assert get_licence(issuer, licence.pk) == licence
    for actor in (other, provider, stranger):
        assert not list_licences_visible_to(actor).exists()
        with pytest.raises(RecordNotYours):
            get_licence(actor, licence.pk)
    with pytest.raises(RecordNotYours):
        change_licence(stranger, licence.pk, raw())
    with pytest.raises(NotPermitted):
        record_licence(issuer, raw())


@pytest.mark.django_db
def test_a_sponsor_of_somebody_else_cannot_be_named() -> None:
    foreign = make_sponsor()
    with pytest.raises(LicenceUnfit) as refused:
        record_licence(make_actor(make_organisation()), raw(sponsor_number=foreign.number))
    assert refused.value.faults[0].field == "sponsor_number"
    assert not Licence.objects.exists()


@pytest.mark.django_db
def test_a_number_resource_stands_under_a_licence_of_its_own_holder() -> None:
    actor, stranger = make_actor(make_organisation()), make_actor(make_organisation())
    record_licence(actor, raw())
    given = {"number": "10690001", "kind": "1069", "assigned_on": "2025-06-01", "licence_number": "京B2-20260001"}
    resource = record_number_resource(actor, given)
    assert resource.licence is not None
    with pytest.raises(NumberTaken):
        record_number_resource(actor, given)
    with pytest.raises(NumberResourceUnfit):
        record_number_resource(stranger, given)
    with pytest.raises(NumberResourceUnfit) as refused:
        record_number_resource(actor, {"number": "abc", "kind": "95", "assigned_on": ""})
    assert [f.field for f in refused.value.faults] == ["number", "kind", "assigned_on"]
    assert not list_number_resources_visible_to(stranger).exists()
    assert NumberResource.objects.count() == 1


HEAD = "许可证号,持证人,统一社会信用代码,发证日期,有效期至,业务种类,业务覆盖范围\n"


def test_a_csv_is_read_in_either_customary_encoding(tmp_path: Path) -> None:
    line = f"京B2-20260001,示例公司,{CODE},2026/3/2,2031-03-02,B25,京\n"
    rows = []
    for name, encoding in (("a.csv", "utf-8-sig"), ("b.csv", "gb18030")):
        (tmp_path / name).write_bytes((HEAD + "\n" + line).encode(encoding))
        rows.append(list(read_licence_sheet(tmp_path / name).rows))
    assert rows[0] == rows[1]
    assert rows[0][0][1]["number"] == "京B2-20260001"


def test_an_xlsx_with_real_dates_is_read(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(HEAD.strip().split(","))
    book.active.append(["京B2-20260001", "示例公司", CODE, date(2026, 3, 2), date(2031, 3, 2), "B25", "京"])
    book.save(tmp_path / "a.xlsx")
    ((_, row),) = read_licence_sheet(tmp_path / "a.xlsx").rows
    assert read_licence(row).valid_until == date(2031, 3, 2)


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"PK\x03\x04broken", b"\xff\xfe\x00\x81", b'"' + b"x" * 200_000]
)
def test_what_is_no_list_of_licences_is_refused_or_empty(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with suppress(SheetUnreadable, HeadingMissing):
        assert list(read_licence_sheet(tmp_path / "a.csv").rows) == []
