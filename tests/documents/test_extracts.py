"""Extracts: what they say, whom they hide, and a QR code that leads from the paper to the page that verifies it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader
from tests.registry.factories import (
    GRANTED_ON,
    NOON,
    SYSTEM,
    make_actor,
    make_organisation,
    make_provider,
    make_service,
    make_sponsor,
)

from openbeian.documents.actions.issue_extract import issue_extract
from openbeian.documents.errors import ExtractNotIssued, TypesettingUnavailable
from openbeian.documents.extracts import generate_code, read_code
from openbeian.documents.models import Extract
from openbeian.documents.paper import render_extract, verification_address
from openbeian.documents.typst import typesetting
from openbeian.journal.models import Entry
from openbeian.kernel import clock
from openbeian.kernel.actor import NotPermitted
from openbeian.registry.actions.cancel_sponsor import cancel_sponsor
from openbeian.registry.errors import RecordNotYours

pytestmark = pytest.mark.django_db
BASE = "https://beian.example.cn"


def issue(**changes: object) -> Extract:
    organisation = make_organisation()
    sponsor = make_sponsor(organisation, **changes)
    make_service(sponsor, name="云上书屋", domains=("yunshang.cn",), provider=make_provider(name="示例云"))
    return issue_extract(make_actor(organisation), sponsor.pk)


def text_of(pdf: bytes) -> str:
    # Every gap that typesetting may put between characters falls away.
    return re.sub(r"\s", "", "".join(p.extract_text() for p in PdfReader(io.BytesIO(pdf)).pages))


def test_the_paper_says_what_stands_on_record_and_that_it_is_no_certificate() -> None:
    extract = issue(name="北京鹏程科技有限公司")
    said = text_of(render_extract(extract, BASE))
    for words in (
        "北京鹏程科技有限公司",
        extract.sponsor.number,
        f"{extract.sponsor.number}-1",
        "云上书屋",
        "yunshang.cn",
        "示例云",
        GRANTED_ON.isoformat(),
        extract.code,
        "不是官方证书",
        "notanofficialcertificate",
    ):
        assert words in said, words


@pytest.mark.parametrize("way", ["png", "pdf"])
def test_the_qr_code_read_back_from_the_paper_opens_the_page_that_verifies_it(
    way: str, client: Client, tmp_path: Path
) -> None:
    extract = issue()
    if way == "pdf" and shutil.which("pdftoppm"):
        file = tmp_path / "extract.pdf"
        file.write_bytes(render_extract(extract, BASE))
        subprocess.run(["pdftoppm", "-png", "-r", "144", "-singlefile", file, tmp_path / "page"], check=True)
        picture = (tmp_path / "page.png").read_bytes()
    else:
        picture = render_extract(extract, BASE, as_png=True)
    with Image.open(io.BytesIO(picture)) as page:
        (code,) = zxingcpp.read_barcodes(page.convert("L"))
    assert code.text == verification_address(BASE, extract.code)
    assert "云上书屋" in client.get(code.text.removeprefix(BASE)).content.decode()


def test_a_person_is_masked_on_paper_and_in_what_is_kept() -> None:
    extract = issue(nature="individual", name="王小明")
    assert "王小明" not in str(extract.content)
    said = text_of(render_extract(extract, BASE))
    assert "王小明" not in said
    assert "王**" in said


def test_the_same_extract_makes_the_same_bytes() -> None:
    extract = issue()
    assert render_extract(extract, BASE) == render_extract(extract, BASE)


def test_a_name_is_never_read_as_markup() -> None:
    name = '#panic("x") *粗* $x$ <标签> @引用 \\ ] } "引号"'
    said = text_of(render_extract(issue(name=name), BASE))
    assert re.sub(r"\s", "", name) in said


def test_without_a_chinese_font_the_refusal_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    extract = issue()
    monkeypatch.setattr(typesetting, "find_packaged_font", lambda: None)
    monkeypatch.setattr(typesetting, "_FAMILIES", frozenset())
    typesetting._compiler.cache_clear()
    with pytest.raises(TypesettingUnavailable) as refused:
        render_extract(extract, BASE)
    typesetting._compiler.cache_clear()
    assert "fonts-noto-cjk" in refused.value.text.zh


def test_issuing_is_journalled_once_a_day_and_anew_when_the_record_changed() -> None:
    organisation = make_organisation()
    sponsor = make_sponsor(organisation)
    actor = make_actor(organisation)
    with clock.hold(NOON):
        first = issue_extract(actor, sponsor.pk)
        assert issue_extract(actor, sponsor.pk) == first
        make_service(sponsor)
        assert issue_extract(actor, sponsor.pk) != first
    assert Entry.objects.filter(event="extract.issued").count() == 2


def test_no_extract_of_a_foreign_or_cancelled_record_or_without_the_right() -> None:
    organisation = make_organisation()
    sponsor = make_sponsor(organisation)
    with pytest.raises(RecordNotYours):
        issue_extract(make_actor(make_organisation()), sponsor.pk)
    with pytest.raises(NotPermitted):
        issue_extract(make_actor(make_organisation(kind="operator"), "nobody"), sponsor.pk)
    cancel_sponsor(SYSTEM, sponsor.pk, GRANTED_ON)
    with pytest.raises(ExtractNotIssued):
        issue_extract(make_actor(organisation), sponsor.pk)
    assert not Extract.objects.exists()


def test_a_code_is_read_as_people_write_it() -> None:
    code = "7F4K-2QXM-9T0B-HW1D"
    for spelling in (code, code.lower(), code.replace("-", ""), code.replace("-", " "), "7F4K-2QXM-9TOB-HWLD"):
        assert read_code(spelling) == code
    for wrong in ("", "7F4K", code + "0", "7F4K-2QXM-9T0B-HW1U", "京ICP备2026000123号"):
        assert read_code(wrong) is None


@given(st.text(max_size=100))
def test_any_text_is_a_code_or_none(text: str) -> None:
    code = read_code(text)
    assert code is None or read_code(code) == code


def test_a_thousand_codes_are_a_thousand() -> None:
    codes = {generate_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(read_code(c) == c for c in codes)
