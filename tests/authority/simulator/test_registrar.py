"""What the simulated bureau makes of uploaded records: its findings, what it puts on record, and what it sends back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from tests.authority.bureau import make_bureau
from tests.authority.dialogue import NOON, acknowledge_all, call, fetch_all, icp, pack, publish, report, send
from tests.authority.samples import PROVIDER, make_access, make_filing, make_site, make_subject, make_upload

from openbeian.authority import envelope
from openbeian.authority.interface import STATUS
from openbeian.authority.messages.filing import Attachment, Domain
from openbeian.authority.messages.resources import Allocation, DomainRecord, DomainRemoval, SourceRange
from openbeian.authority.messages.upload import (
    AddressReports,
    Cancellation,
    Change,
    DomainReports,
    NewAccess,
    NewFiling,
    NewSites,
    UnfiledResult,
    Upload,
    VerificationResult,
)
from openbeian.authority.messages.writer import write
from openbeian.authority.simulator.bureau import Bureau
from openbeian.authority.simulator.desk import Question, Verdict, choose_desk
from openbeian.kernel import clock


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    made = make_bureau(tmp_path)
    acknowledge_all(made)
    yield made
    made.store.close()


def test_an_approved_filing_gets_numbers_ids_and_a_password(bureau: Bureau) -> None:
    with clock.hold(NOON):
        codes, documents = report(bureau, make_upload(make_filing(7)))
    assert codes == [1001]
    results, filings = documents[0].icp, documents[1].icp
    assert results is not None
    assert filings is not None
    assert [(r.outcome, r.operation, r.record_id) for r in results.reviews] == [(1, 1, 7)]
    assert (results.results[0].record, results.results[0].operation) == ("7", 1)
    filing = filings.filings[0]
    assert filing.subject is not None
    assert filing.subject.number == "京ICP备2026000001号"
    assert filing.sites[0].number == "京ICP备2026000001号-1"
    assert filing.subject.first_reported_at == "2026-11-21 12:00:00"
    access = filing.sites[0].accesses[0]
    assert (access.own_id, access.provider_id) == (7, PROVIDER)
    status = call(bureau, STATUS, queryConditionType=0, queryCondition="EXAMPLE7.cn").status
    assert status is not None
    assert (status.is_filed, status.site_number, status.site_name) == (True, "京ICP备2026000001号-1", "示例网站7")


def test_a_refused_filing_brings_the_opinion_and_leaves_no_record(tmp_path: Path) -> None:
    bureau = make_bureau(tmp_path, choose_desk("refuse"))
    acknowledge_all(bureau)
    codes, documents = report(bureau, make_upload())
    assert codes == [1002]
    assert documents[0].icp is not None
    review = documents[0].icp.reviews[0]
    assert review.outcome == 0
    assert review.opinion is not None
    assert "模拟管局" in review.opinion
    status = call(bureau, STATUS, queryConditionType=0, queryCondition="example1.cn").status
    bureau.store.close()
    assert status is not None
    assert not status.is_filed


def test_a_held_file_waits_until_the_desk_has_decided_about_each_record(tmp_path: Path) -> None:
    class Desk:
        open_questions: list[Question] = []
        verdicts: dict[tuple[int, int], Verdict] = {}

        def decide(self, question: Question) -> Verdict | None:
            self.open_questions.append(question)
            return self.verdicts.get((question.sequence, question.position))

    desk = Desk()
    bureau = make_bureau(tmp_path, desk)
    acknowledge_all(bureau)
    assert send(bureau, pack(make_upload(make_filing(1), make_filing(2)))).code == 0
    assert fetch_all(bureau) == []
    desk.verdicts[1, 0] = Verdict(is_approved=True)
    assert fetch_all(bureau) == []
    desk.verdicts[1, 1] = Verdict(is_approved=False, opinion="域名证书不清晰")
    results = fetch_all(bureau)[0].icp
    bureau.store.close()
    assert results is not None
    assert [(r.record_id, r.outcome, r.opinion) for r in results.reviews] == [(1, 1, None), (2, 0, "域名证书不清晰")]


def broken(raw: bytes) -> bytes:
    return envelope.compress(raw, "beianinfo.xml")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"<UploadData", 5001),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><UploadData/>', 5001),
        (b"\xff\xff", 5008),
        (write(make_upload()).replace(b"V.3.0", b"V.9.9"), 5004),
        (write(make_upload()).replace(b"<Bbfs>1</Bbfs>", b"<Bbfs>2</Bbfs>"), 5001),
        (write(make_upload()).replace(b"<Bbfs>1</Bbfs>", b""), 5001),
        (write(make_upload()).replace(b"<Bbfs>", b"<Extra/><Bbfs>"), 5001),
        (write(make_upload()).replace(str(PROVIDER).encode(), b"7"), 5003),
    ],
)
def test_an_unreadable_or_foreign_file_is_answered_as_a_whole_with_its_name(
    bureau: Bureau, raw: bytes, code: int
) -> None:
    assert send(bureau, broken(raw)).code == 0
    (document,) = fetch_all(bureau)
    assert document.icp is not None
    finding = document.icp.results[0].findings[0]
    assert finding.code == code
    assert finding.text is not None
    assert "beianinfo.xml" in finding.text
    assert bureau.library.find("own_subject", 1) is None


@pytest.mark.parametrize(
    ("filing", "code"),
    [
        (replace(make_filing(2), subject=make_subject(1)), 1037),
        (replace(make_filing(2), subject=replace(make_subject(1), own_id=2)), 1003),
        (
            replace(
                make_filing(2), sites=(make_site(2, domains=(Domain(own_id=1, name="Example1.cn"),), home_page=None),)
            ),
            1005,
        ),
        (replace(make_filing(2), sites=(make_site(2), make_site(2))), 1039),
        (replace(make_filing(2), sites=(make_site(2, domains=(Domain(own_id=1, name="nodot"),)),)), 1004),
        (replace(make_filing(2), sites=(make_site(2, contents=(60,)),)), 1034),
        (replace(make_filing(2), sites=(make_site(2, languages=(60,)),)), 1066),
        (replace(make_filing(2), sites=(make_site(2, home_page="www.other.cn"),)), 1041),
        (replace(make_filing(2), sites=(make_site(2, accesses=(make_access(2, modes=(9,)),)),)), 1035),
        (replace(make_filing(2), sites=(make_site(2, accesses=(make_access(2, server_places=(13,)),)),)), 1036),
        (make_filing(2, nature=None), 1014),
    ],
)
def test_the_machine_finds_what_is_wrong_with_a_new_filing(bureau: Bureau, filing: NewFiling, code: int) -> None:
    publish(bureau, 1)
    codes, _ = report(bureau, make_upload(filing))
    assert codes == [code]


def test_a_bad_record_does_not_keep_the_others_of_its_file_from_the_record(bureau: Bureau) -> None:
    publish(bureau, 1)
    codes, _ = report(bureau, make_upload(make_filing(1), make_filing(2)))
    assert codes == [1037, 1001]


def test_sites_and_accesses_are_added_to_a_filing_under_its_password(bureau: Bureau) -> None:
    filing, digest = publish(bureau)
    added = NewSites(subject_number=filing.subject.number, sites=(make_site(2),), password_digest="0" * 32)
    assert report(bureau, icp(new_sites=(added,)))[0] == [1018]
    codes, documents = report(bureau, icp(new_sites=(replace(added, password_digest=digest.upper()),)))
    assert codes == [1001]
    assert documents[1].icp is not None
    assert [site.number for site in documents[1].icp.filings[0].sites] == [
        f"{filing.subject.number}-{n}" for n in (1, 2)
    ]
    access = NewAccess(
        site_number=f"{filing.subject.number}-2",
        own_id=9,
        server_places=(2,),
        modes=(1,),
        ranges=make_access(9).ranges,
        password_digest=digest,
    )
    assert report(bureau, icp(new_accesses=(access,)))[0] == [1001]
    assert report(bureau, icp(new_accesses=(access,)))[0] == [1038]
    unknown = replace(access, own_id=10, site_number="京ICP备1号-1")
    assert report(bureau, icp(new_accesses=(unknown,)))[0] == [1059]


def test_a_change_replaces_what_stands_on_record_and_keeps_its_numbers(bureau: Bureau) -> None:
    filing, digest = publish(bureau)
    other, _ = publish(bureau, 2)
    subject = replace(
        make_subject(1, name="新名称有限公司"), authority_id=filing.subject.authority_id, number=filing.subject.number
    )
    site = replace(filing.sites[0], name="新网站名", domains=(Domain(own_id=5, name="new.cn"),), home_page=None)
    change = Change(subject=subject, sites=(site,), password_digest=digest)
    codes, documents = report(bureau, icp(changes=(change,)))
    assert codes == [1001]
    assert documents[1].icp is not None
    changed = documents[1].icp.filings[0]
    assert changed.subject is not None
    assert (changed.subject.name, changed.subject.number) == ("新名称有限公司", filing.subject.number)
    assert (changed.sites[0].number, changed.sites[0].accesses) == (filing.sites[0].number, filing.sites[0].accesses)
    taken = replace(site, domains=other.sites[0].domains)
    moved = replace(subject, address=replace(subject.address, province=310000, city=310100))
    refused = [
        replace(change, sites=(taken,)),
        replace(change, subject=moved),
        replace(change, subject=replace(subject, number="x")),
    ]
    assert report(bureau, icp(changes=tuple(refused)))[0] == [1005, 1046, 1016]


def test_cancelling_strikes_site_and_subject_and_frees_the_domain(bureau: Bureau) -> None:
    filing, digest = publish(bureau)
    site, access = filing.sites[0], filing.sites[0].accesses[0]
    last_access = Cancellation(scope=2, record_id=access.authority_id, reason=1)
    assert report(bureau, icp(cancellations=(last_access,)))[0] == [1025]
    codes, documents = report(
        bureau, icp(cancellations=(Cancellation(scope=1, record_id=site.authority_id, reason=1),))
    )
    assert codes == [1001]
    assert documents[-1].icp is not None
    assert [c.scope for c in documents[-1].icp.cancelled] == [1, 0]
    publish_again, _ = report(bureau, make_upload(make_filing(1)))
    assert publish_again == [1001]
    gone = Cancellation(scope=0, record_id=filing.subject.authority_id, reason=1, password_digest=digest)
    assert report(bureau, icp(cancellations=(gone,)))[0] == [1058]


def test_addresses_are_taken_with_a_source_and_without_overlap(bureau: Bureau) -> None:
    first, last = IPv4Address("203.0.113.0"), IPv4Address("203.0.113.255")
    source = SourceRange(own_id=1, first=first, last=last, source_unit=1)
    own_use = Allocation(own_id=2, first=first, last=last, mode=3, use=1, allocated_on=date(2026, 1, 1))
    elsewhere = replace(own_use, first=IPv4Address("198.51.100.0"), last=IPv4Address("198.51.100.9"))
    reports = AddressReports(
        new_sources=(source, source), new_allocations=(own_use, elsewhere), reporting_unit=PROVIDER
    )
    codes, documents = report(bureau, Upload(ip=reports))
    assert codes == [2998, 2003, 2998, 2005]
    assert documents[0].ip is not None
    related = documents[0].ip.source_results[1].findings[0].related
    assert [(r.own_id, r.first) for r in related] == [(1, first)]
    removal = AddressReports(removed_sources=(1, 99), reporting_unit=PROVIDER)
    assert report(bureau, Upload(ip=removal))[0] == [2998, 2055]


def test_domains_are_taken_once_and_struck_by_name(bureau: Bureau) -> None:
    place = {
        "province": 110000,
        "city": 110100,
        "email": "a@example.cn",
        "phone": "010-88886666",
        "organisation": "某公司",
        "address": "某地",
    }
    people = {f"{who}_{name}": value for who in ("registrant", "administrator") for name, value in place.items()}
    record = DomainRecord(
        own_id=1,
        name="example.cn",
        kind=1,
        registered_on=date(2020, 1, 1),
        expires_on=date(2099, 1, 1),
        registrar="某注册商",
        name_servers="ns.example.cn",
        registrant_name="张三",
        administrator_name="李四",
        **people,
    )  # type: ignore[arg-type]
    expired = replace(record, own_id=2, name="old.cn", expires_on=date(2021, 1, 1))
    reports = DomainReports(
        added=(record, record, expired),
        removed=(DomainRemoval(name="EXAMPLE.cn"), DomainRemoval(name="none.cn")),
        reporting_unit=PROVIDER,
    )
    assert report(bureau, Upload(domains=reports))[0] == [3998, 3999, 3004, 3998, 3037]


def test_verifications_unfiled_sites_and_materials_are_noted_and_answered(bureau: Bureau) -> None:
    filing, _ = publish(bureau)
    subject = replace(filing.subject, own_id=None)
    verified = VerificationResult(
        outcome=0,
        verifier="李四",
        verified_on=date(2026, 11, 20),
        reporting_unit=PROVIDER,
        opinion="信息真实",
        subject=subject,
        sites=(replace(filing.sites[0], accesses=(replace(filing.sites[0].accesses[0], reported_by_provider=True),)),),
    )
    stranger = replace(verified, subject=replace(subject, authority_id=999))
    unfiled = UnfiledResult(
        domain="unfiled.cn",
        address=IPv4Address("203.0.113.5"),
        carrier_id=1,
        provider_id=PROVIDER,
        province=110000,
        outcome=1,
        opinion="已关闭",
        listed_on=date(2026, 11, 1),
        due_on=date(2026, 11, 10),
    )
    form = Attachment(format=1, purpose=1, content=b"jpeg", owner_kind=1, owner_number=filing.subject.number)
    upload = icp(verifications=(verified, stranger), unfiled_results=(unfiled,), materials=(form,))
    codes, documents = report(bureau, upload)
    assert codes == [1001, 1058, 1001, 1060]
    assert documents[0].icp is not None
    assert [result.record for result in documents[0].icp.results] == [
        str(filing.subject.authority_id),
        "999",
        "unfiled.cn",
        filing.subject.number,
    ]
