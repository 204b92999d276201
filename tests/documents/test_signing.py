"""Signed papers: a changed, re-signed, stripped or extended file is found out; keys rotate and are revoked."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from tests.documents.test_extracts import text_of
from tests.registry.factories import make_actor, make_organisation, make_provider, make_service, make_sponsor

from openbeian.documents.actions.issue_extract import issue_extract
from openbeian.documents.actions.issue_licence_extract import issue_licence_extract
from openbeian.documents.errors import ExtractNotIssued
from openbeian.documents.lookup import verify_paper
from openbeian.documents.models import Paper
from openbeian.documents.paper import render_extract, render_paper
from openbeian.documents.signatures import MARK, TRAILER_BYTES, measure_bytes, read_signature, sign, sign_pdf
from openbeian.documents.verification import Verdict, verify_file
from openbeian.journal.models import Entry
from openbeian.kernel.actor import NotPermitted
from openbeian.privacy.key_files import KeyringUnreadable
from openbeian.privacy.signing import PublishedKeysUnfit, SigningKeys, SigningKeyUnknown
from openbeian.registry.actions.record_licence import record_licence
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.models import Licence, Standing

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
BASE = "https://beian.example.cn"
PDF = b"%PDF-1.7\n" + b"content " * 500 + b"\n%%EOF\n"


@pytest.fixture(scope="module")
def keys() -> SigningKeys:
    return SigningKeys({}).with_new_key(NOW)


def judge(content: bytes, keys: SigningKeys, beside: bytes | None = None) -> Verdict:
    return verify_file(io.BytesIO(content), keys, beside).verdict


def signed(keys: SigningKeys, content: bytes = PDF) -> bytes:
    return sign_pdf(content, "licence_extract", "7F4K-2QXM-9T3B-HW6D", NOW.isoformat(), keys)


def test_what_was_signed_is_genuine_and_the_signature_stays_within_what_readers_of_pdf_look_at(
    keys: SigningKeys,
) -> None:
    file = signed(keys)
    assert judge(file, keys) == "genuine"
    assert len(file) - len(PDF) == TRAILER_BYTES < 1024
    found = verify_file(io.BytesIO(file), keys)
    assert found.signature
    assert found.signature.statement.code == "7F4K-2QXM-9T3B-HW6D"


@pytest.mark.parametrize(
    ("forge", "verdict"),
    [
        (lambda f, _: f.replace(b"content", b"CONTENT", 1), "changed"),
        (lambda f, _: f[:-TRAILER_BYTES], "unsigned"),
        (lambda f, _: f + b"\n%%EOF", "changed"),
        (lambda f, _: b"%PDF-1.7 forged\n" + f, "changed"),
        (lambda f, _: b"%PDF-1.7 forged" + f[-TRAILER_BYTES:], "changed"),
        (lambda f, _: signed(SigningKeys({}).with_new_key(NOW), f[:-TRAILER_BYTES]), "foreign"),
        (lambda f, _: f + signed(SigningKeys({}).with_new_key(NOW), b"")[-TRAILER_BYTES:], "foreign"),
        (lambda f, _: f[: len(f) // 2], "unsigned"),
        (lambda *_: b"", "unsigned"),
    ],
)
def test_a_forged_file_is_found_out(
    keys: SigningKeys, forge: Callable[[bytes, SigningKeys], bytes], verdict: Verdict
) -> None:
    assert judge(forge(signed(keys), keys), keys) == verdict


def test_another_keys_name_on_a_statement_proves_nothing(keys: SigningKeys) -> None:
    thief = SigningKeys({}).with_new_key(NOW)
    made = sign("licence_extract", "X", NOW.isoformat(), measure_bytes(PDF), thief).as_file()
    assert judge(PDF, keys, made) == "foreign"
    assert judge(PDF, keys, made.replace(thief.current.id.encode(), keys.current.id.encode())) == "changed"


@given(place=st.integers(min_value=0), change=st.integers(min_value=1, max_value=255))
def test_no_single_byte_can_be_changed(place: int, change: int) -> None:
    mine = SigningKeys({}).with_new_key(NOW)
    file = bytearray(signed(mine))
    place %= len(file)
    file[place] ^= change
    found = verify_file(io.BytesIO(bytes(file)), mine)
    # Blanks that pad the signature's line say nothing; everything that says something is proved.
    assert found.verdict != "genuine" or read_signature_of(bytes(file)) == read_signature_of(signed(mine))


def read_signature_of(file: bytes) -> object:
    found = verify_file(io.BytesIO(file), SigningKeys({}))
    return found.signature.statement if found.signature else None


@given(st.binary(max_size=2000))
def test_any_bytes_are_judged_without_a_fault(content: bytes) -> None:
    none = SigningKeys({})
    assert judge(content, none) in {"unsigned", "changed"}
    assert judge(content + MARK, none) == "changed"
    assert read_signature(content) is None


def test_a_detached_signature_proves_any_file(keys: SigningKeys) -> None:
    beside = sign("case_pack", "X", NOW.isoformat(), measure_bytes(b"any"), keys).as_file()
    assert judge(b"any", keys, beside) == "genuine"
    assert judge(b"other", keys, beside) == "changed"
    assert judge(b"any", keys, b"nonsense") == "unsigned"


def test_after_a_rotation_old_papers_stay_proved_and_a_revoked_key_proves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing.json"
    first = SigningKeys.read_or_generate(path)
    assert path.stat().st_mode & 0o077 == 0
    old = signed(first)
    second = first.with_new_key(NOW)
    second.write(path)
    keys = SigningKeys.read(path)
    assert keys.current.id != first.current.id
    assert keys.keys[first.current.id].private == b""
    assert judge(old, keys) == "genuine"
    revoked = keys.with_revoked(first.current.id, NOW)
    assert judge(old, revoked) == "foreign"
    assert judge(signed(revoked), revoked) == "genuine"
    newest = revoked.with_revoked(revoked.current.id, NOW)
    assert judge(signed(newest), newest) == "genuine"
    with pytest.raises(SigningKeyUnknown):
        keys.with_revoked("nobody", NOW)


def test_published_keys_check_elsewhere_and_hold_nothing_secret(keys: SigningKeys) -> None:
    told = keys.publish()
    assert set(told["keys"][0]) == {"key", "algorithm", "public_key", "made_at", "retired_at", "revoked_at"}
    assert judge(signed(keys), SigningKeys.read_published(told)) == "genuine"
    for broken in (None, {}, {"format": told["format"], "keys": [{}]}, {**told, "keys": [{**told["keys"][0], "public_key": "AA=="}]}):  # fmt: skip
        with pytest.raises(PublishedKeysUnfit):
            SigningKeys.read_published(broken)


def test_a_key_file_open_to_others_or_damaged_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.json"
    SigningKeys.read_or_generate(path)
    path.chmod(0o644)
    with pytest.raises(KeyringUnreadable):
        SigningKeys.read(path)
    path.write_text("{}")
    path.chmod(0o600)
    with pytest.raises(KeyringUnreadable):
        SigningKeys.read(path)


def make_licence(**changes: str) -> Licence:
    organisation = make_organisation()
    values = {
        "number": "京B2-20260001",
        "holder": "北京示例科技有限公司",
        "certificate_number": "91110000600037341L",
        "issued_on": "2026-03-02",
        "valid_until": "2031-03-02",
        "businesses": "B21, B25:未开通",
        "areas": "京",
    }
    return record_licence(make_actor(organisation), {**values, **changes})


@pytest.mark.django_db
def test_a_licence_extract_says_what_stands_on_record_and_that_it_is_no_certificate() -> None:
    licence = make_licence()
    actor = make_actor(licence.organisation)
    paper = issue_licence_extract(actor, licence.pk)
    assert issue_licence_extract(actor, licence.pk) == paper
    assert Entry.objects.filter(event="paper.issued").count() == 1
    pdf = render_paper(paper, BASE)
    assert judge(pdf, SigningKeys.read_or_generate(key_file())) == "genuine"
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    said = text_of(pdf)
    for words in (
        "京B2-20260001",
        "北京示例科技有限公司",
        "北京市通信管理局",
        "2031-03-02",
        "未开通",
        paper.code,
        "不是官方证书",
        "notanofficialcertificate",
    ):
        assert words in said, words


def key_file() -> Path:
    from django.conf import settings

    return Path(settings.SIGNING_KEYS_FILE)


@pytest.mark.django_db
def test_a_licence_extract_is_no_longer_current_once_the_record_changed() -> None:
    licence = make_licence()
    paper = issue_licence_extract(make_actor(licence.organisation), licence.pk)
    found = verify_paper(paper.code.lower())
    assert found
    assert found.is_current
    Licence.objects.filter(pk=licence.pk).update(special_terms="仅限本省")
    found = verify_paper(paper.code)
    assert found
    assert found.is_current is False
    assert "仅限本省" not in str(found.as_json())


@pytest.mark.django_db
def test_no_licence_extract_of_a_strangers_or_cancelled_licence_or_without_the_right() -> None:
    licence = make_licence()
    with pytest.raises(RecordNotYours):
        issue_licence_extract(make_actor(make_organisation()), licence.pk)
    with pytest.raises((NotPermitted, RecordNotYours)):
        issue_licence_extract(make_actor(licence.organisation, "nobody"), licence.pk)
    Licence.objects.filter(pk=licence.pk).update(standing=Standing.CANCELLED)
    with pytest.raises(ExtractNotIssued):
        issue_licence_extract(make_actor(licence.organisation), licence.pk)
    assert not Paper.objects.exists()


@pytest.mark.django_db
def test_the_filing_extract_is_signed_too() -> None:
    organisation = make_organisation()
    sponsor = make_sponsor(organisation)
    make_service(sponsor, provider=make_provider(name="示例云"))
    pdf = render_extract(issue_extract(make_actor(organisation), sponsor.pk), BASE)
    keys = SigningKeys.read_or_generate(key_file())
    assert judge(pdf, keys) == "genuine"
    assert judge(pdf.replace(b"/Type", b"/type", 1), keys) == "changed"
