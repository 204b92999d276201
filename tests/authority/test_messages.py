"""Writer and reader: every kind of message is valid against the official schema and comes back as it went."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.authority.samples import KINDS, documents, grammar_of, make_filing, make_person, make_site, make_upload

from openbeian.authority.errors import DocumentNotSendable, DocumentUnreadable
from openbeian.authority.messages.carriage import Cargo, list_obstacles
from openbeian.authority.messages.conditions import list_condition_faults
from openbeian.authority.messages.filing import Attachment
from openbeian.authority.messages.reader import read_download, read_upload
from openbeian.authority.messages.resources import Allocation, CustomerOwned
from openbeian.authority.messages.upload import AddressReports, Cancellation, FilingReports, NewSites, Upload
from openbeian.authority.messages.writer import list_faults, write

QUICK = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = ["/".join(kind) for _, kind in KINDS]


def test_the_samples_cover_every_kind_the_interface_names() -> None:
    covered = {name for side, kind in KINDS for name in kind}
    wanted = "XZBA XZWZ XZJR BGBA ZXBA HSJG XZHYD WBACLJG XGBA SCBA BASJ ZXSJ BAJG HSRW HCJG HMDLB FFJRHMD WBAWZLB XGTZ JCDM SJTB"
    assert set(wanted.split()) <= covered


@pytest.mark.needs_shared
@pytest.mark.parametrize(("side", "kind"), KINDS, ids=NAMES)
def test_what_we_write_is_valid_against_the_official_schema(
    side: str, kind: tuple[str, ...], upload_schema: etree.XMLSchema, download_schema: etree.XMLSchema
) -> None:
    schema = upload_schema if side == "upload" else download_schema

    @QUICK
    @given(documents(grammar_of(side), kind))
    def check(document: object) -> None:
        raw = write(document)  # type: ignore[arg-type]
        assert raw.startswith(b'<?xml version="1.0" encoding="GBK"?>')
        schema.assertValid(etree.fromstring(raw))
        assert kind[-1].encode() in raw

    check()


@pytest.mark.parametrize(("side", "kind"), KINDS, ids=NAMES)
def test_a_written_document_reads_back_as_it_was(side: str, kind: tuple[str, ...]) -> None:
    read = read_upload if side == "upload" else read_download

    @QUICK
    @given(documents(grammar_of(side), kind))
    def check(document: object) -> None:
        reading = read(write(document))  # type: ignore[arg-type]
        assert reading.document == document
        assert (reading.deviations, reading.asides, reading.version) == ((), (), "V.3.0")

    check()


def test_elements_the_specification_does_not_know_are_kept_aside_and_the_rest_is_read() -> None:
    raw = write(make_upload()).replace(b"</Dwmc>", b"</Dwmc><Lxr_msn>x</Lxr_msn>", 1)
    reading = read_upload(raw)
    assert reading.document == make_upload()
    path = "/ICP[1]/XZBA[1]/Baxx[1]/Zt_xx[1]/Lxr_msn"
    assert [(aside.path, aside.content) for aside in reading.asides] == [(path, "<Lxr_msn>x</Lxr_msn>")]
    assert [d.kind for d in reading.deviations] == ["unknown"]


def test_texts_beyond_the_schema_are_read_in_full() -> None:
    long_name = "长" * 5000
    raw = write(make_upload()).replace("北京示例1科技有限公司".encode("gbk"), long_name.encode("gbk"))
    icp = read_upload(raw).document.icp
    assert icp is not None
    assert icp.new_filings[0].subject is not None
    assert icp.new_filings[0].subject.name == long_name


def test_a_value_of_the_wrong_type_is_kept_aside_and_named() -> None:
    raw = write(make_upload()).replace(b"<Dwxz>4</Dwxz>", b"<Dwxz>four</Dwxz>")
    reading = read_upload(raw)
    assert [(d.kind, d.value) for d in reading.deviations] == [("type", "four")]
    assert reading.asides[0].content == "<Dwxz>four</Dwxz>"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", 5001),
        (b"<UploadData", 5001),
        (b"<Other/>", 5001),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><UploadData>&b;</UploadData>', 5001),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><UploadData/>', 5001),
        (b"<UploadData>&undefined;</UploadData>", 5001),
        (b"<UploadData>" + b"<a/>" * 2_000_001 + b"</UploadData>", 5001),
        (b"<UploadData" + b"".join(b' a%d=""' % i for i in range(500_001)) + b"/>", 5001),
        (b"<a>" * 100_000 + b"</a>" * 100_000, 5001),
        ("<UploadData>名称备</UploadData>".encode(), 5008),
        (b"\xff\xfe<UploadData/>", 5008),
        ("<UploadData/>".encode("utf-16"), 5008),
    ],
    ids=[
        "empty",
        "cut",
        "root",
        "entity",
        "external",
        "undefined",
        "elements",
        "attributes",
        "deep",
        "utf-8",
        "bom",
        "utf-16",
    ],
)
def test_hostile_documents_are_refused_with_the_specified_code(raw: bytes, code: int) -> None:
    with pytest.raises(DocumentUnreadable) as refusal:
        read_upload(raw)
    assert refusal.value.processing_code == code


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_read_or_refused_and_never_break_the_reader(raw: bytes) -> None:
    for read in (read_upload, read_download):
        with pytest.raises(DocumentUnreadable) as refusal:
            read(raw)
        assert refusal.value.processing_code in {5001, 5008}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_document_is_read_or_refused_and_never_breaks_the_reader(data: st.DataObject) -> None:
    raw = bytearray(write(make_upload()))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=8))
    try:
        reading = read_upload(bytes(raw))
    except DocumentUnreadable:
        return
    list_faults(reading.document)
    list_condition_faults(reading.document)


def faults_of(upload: Upload) -> dict[str, str]:
    with pytest.raises(DocumentNotSendable) as refusal:
        write(upload)
    return {fault.field: fault.rule for fault in refusal.value.faults}


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"name": None}, "name", "v3.missing"),
        ({"name": "名" * 256}, "name", "v3.length"),
        ({"name": "㛃😀公司"}, "name", "v3.characters"),
        ({"name": "a\x00b"}, "name", "v3.characters"),
        ({"nature": 1000}, "nature", "v3.range"),
        ({"nature": True}, "nature", "v3.type"),
        ({"own_id": 0}, "own_id", "v3.range"),
        ({"person": make_person(mobile="1380013")}, "person.mobile", "v3.length"),
    ],
)
def test_what_the_schema_forbids_is_refused_with_its_field(changes: dict[str, object], field: str, rule: str) -> None:
    upload = make_upload(make_filing(1, **changes))
    assert faults_of(upload) == {f"icp.new_filings.0.subject.{field}": rule}


def test_a_document_of_two_halves_or_none_is_refused() -> None:
    both = replace(make_upload(), ip=AddressReports(removed_sources=(1,), reporting_unit=1))
    assert faults_of(both) == {"": "v3.choice"}
    assert faults_of(Upload()) == {"": "v3.choice"}


def test_ipv6_addresses_apps_rare_characters_and_long_names_are_sent_outside_the_interface() -> None:
    cargo = [
        Cargo("services.0.kind", "service_kind", "app"),
        Cargo("services.1.kind", "service_kind", "mini_program"),
        Cargo("services.2.kind", "service_kind", "website"),
        Cargo("accesses.0.ip", "address", "2001:db8::1"),
        Cargo("accesses.1.ip", "address", "203.0.113.7"),
        Cargo("sponsor.name", "text", "𠮷野公司", 255),
        Cargo("sponsor.investor", "text", "资" * 256, 255),
        Cargo("sponsor.note", "text", "寻常", 255),
    ]
    faults = list_obstacles(cargo)
    assert {fault.field: fault.rule for fault in faults} == {
        "services.0.kind": "v3.service_kind",
        "services.1.kind": "v3.service_kind",
        "accesses.0.ip": "v3.ipv6",
        "sponsor.name": "v3.characters",
        "sponsor.investor": "v3.length",
    }
    assert all("窗口" in fault.fix.zh and "counter" in fault.fix.en for fault in faults)


def conditions_of(upload: Upload) -> set[tuple[str, str]]:
    return {(fault.field, fault.rule) for fault in list_condition_faults(upload)}


def test_a_unit_needs_a_named_person_with_an_office_phone_and_an_individual_does_not() -> None:
    bare = make_person(name=None, office_phone=None)
    unit = make_upload(make_filing(1, person=bare))
    place = "icp.new_filings.0.subject.person"
    assert conditions_of(unit) == {(f"{place}.name", "v3.required"), (f"{place}.office_phone", "v3.required")}
    assert conditions_of(make_upload(make_filing(1, person=bare, nature=5))) == set()


def test_phones_and_mailboxes_keep_to_the_prose_of_the_specification() -> None:
    person = make_person(mobile="13800138000;13900139000", office_phone="(010)88886666", email="nobody")
    place = "icp.new_filings.0.subject.person"
    assert conditions_of(make_upload(make_filing(1, person=person))) == {
        (f"{place}.office_phone", "v3.phone"),
        (f"{place}.email", "v3.email"),
    }


def test_attachments_are_bounded_by_their_purpose() -> None:
    form = Attachment(format=1, purpose=1, content=b"x" * 150_000, owner_kind=1, owner_id=1)
    photo = replace(form, purpose=5)
    filing = replace(make_filing(1), attachments=(form, photo))
    assert conditions_of(make_upload(filing)) == {("icp.new_filings.0.attachments.1.content", "v3.attachment_size")}


def test_cancelling_a_subject_needs_its_password_and_a_site_does_not() -> None:
    cancel = [Cancellation(scope=scope, record_id=1, reason=1) for scope in (0, 1, 2)]
    upload = Upload(icp=FilingReports(cancellations=tuple(cancel), reporting_unit=1))
    assert conditions_of(upload) == {("icp.cancellations.0.password_digest", "v3.required")}


def test_each_allocation_mode_asks_for_its_own_fields() -> None:
    def asked(mode: int) -> set[str]:
        record = Allocation(own_id=1, first=IPv4Address("203.0.113.0"), last=IPv4Address("203.0.113.9"), mode=mode)
        reports = AddressReports(new_allocations=(record,), reporting_unit=1)
        return {field.rpartition(".")[2] for field, _ in conditions_of(Upload(ip=reports))}

    assert {"use", "allocated_on", "unit_name", "contact_email"} <= asked(1)
    assert asked(2) == {"allocated_to"}
    assert asked(3) == {"use", "allocated_on"}
    assert asked(4) == set()


def test_a_range_that_ends_before_it_starts_is_named() -> None:
    record = CustomerOwned(first=IPv4Address("203.0.113.9"), last=IPv4Address("203.0.113.1"), source_reports=True)
    reports = AddressReports(new_customer_owned=(record,), reporting_unit=1)
    assert conditions_of(Upload(ip=reports)) == {
        ("ip.new_customer_owned.0.first", "v3.range_order"),
        ("ip.new_customer_owned.0.source_unit", "v3.required"),
    }


def test_a_file_holds_at_most_a_thousand_records_and_at_least_one() -> None:
    assert conditions_of(Upload(icp=FilingReports(reporting_unit=1))) == {("", "v3.records")}
    sites = NewSites(subject_id=1, sites=(make_site(1),))
    full = Upload(icp=FilingReports(new_sites=(sites,) * 1000, reporting_unit=1))
    assert conditions_of(full) == set()
    assert conditions_of(Upload(icp=FilingReports(new_sites=(sites,) * 1001, reporting_unit=1))) == {("", "v3.records")}
