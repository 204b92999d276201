"""The pack of a case: everything in it, in order, hashed and signed; nobody takes a stranger's; nothing is let out."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest
from pypdf import PdfReader
from tests.accounts.factories import make_actor, make_organisation
from tests.cases.factories import World, make_filled_case, make_person, make_sponsor_values, make_world
from tests.documents.hostile_files import pdf, picture
from tests.documents.test_extracts import text_of

from openbeian.cases import packing
from openbeian.cases.actions.build_pack import build_pack
from openbeian.cases.errors import CaseNotYours
from openbeian.cases.models import Case
from openbeian.documents.actions.store_document import store_document
from openbeian.documents.decisions import UploadLimits
from openbeian.documents.errors import PackTooLarge
from openbeian.documents.models import Document, Paper
from openbeian.documents.paper import get_signing_keys
from openbeian.documents.verification import verify_file
from openbeian.journal.models import Entry

pytestmark = pytest.mark.django_db
BASE = "https://beian.example.cn"


@pytest.fixture
def world() -> World:
    return make_world()


def make_case(world: World) -> Case:
    """A filled draft with two real papers: a picture and a PDF of two pages."""
    person = make_person("赵钱孙")
    case = make_filled_case(world, sponsor=make_sponsor_values(person=person, legal_representative=person["name"]))
    Document.objects.filter(subject_id=str(case.pk)).delete()
    for material, name, content in (
        ("sponsor_certificate", "执照 扫描.png", picture(size=(900, 700))),
        ("promise", "承诺书.pdf", pdf(2)),
    ):
        store_document(
            world.applicant, ("case", case.pk), material=material, name=name, content=content, limits=UploadLimits(1 << 22)
        )  # fmt: skip
    return case


def test_a_zip_holds_every_paper_as_handed_in_and_a_manifest_that_is_right(world: World) -> None:
    case = make_case(world)
    out = io.BytesIO()
    paper = build_pack(world.applicant, case.pk, "zip", BASE, out)
    found = verify_file(out, get_signing_keys())
    assert found.verdict == "genuine"
    assert found.signature
    assert found.signature.statement.code == paper.code
    with zipfile.ZipFile(out) as pack:
        assert pack.testzip() is None
        manifest = json.loads(pack.read("manifest.json"))
        names = [f["name"] for f in manifest["files"]]
        assert manifest["reference"] == case.reference
        assert [n.partition("/")[0] for n in names] == ["pack.pdf", "papers", "papers"]
        assert set(pack.namelist()) == {*names, "manifest.json", "manifest.json.sig"}
        for told in manifest["files"]:
            content = pack.read(told["name"])
            assert (len(content), hashlib.sha256(content).hexdigest()) == (told["size_bytes"], told["sha256"])
        kept = set(Document.objects.values_list("sha256", flat=True))
        assert {f["sha256"] for f in manifest["files"][1:]} == kept
        beside = pack.read("manifest.json.sig")
        alone = verify_file(io.BytesIO(pack.read("manifest.json")), get_signing_keys(), beside)
        assert alone.verdict == "genuine"
    assert Entry.objects.filter(event="case.pack_built").count() == 1


def test_the_pdf_holds_cover_form_and_every_page_and_no_personal_value(world: World) -> None:
    case = make_case(world)
    out = io.BytesIO()
    build_pack(world.applicant, case.pk, "pdf", BASE, out)
    assert verify_file(out, get_signing_keys()).verdict == "genuine"
    # One page for the picture and two for the PDF behind the cover and the form.
    pages = PdfReader(out).pages
    assert len(pages) >= 4
    said = text_of(out.getvalue())
    for words in (case.reference, case.title, "材料清单", "不是官方证书", "第2/2页"):
        assert words in said, words
    person = case.form["sponsor"]["person"]
    assert person["certificate_number"] not in said
    assert person["mobile"] not in said
    assert "赵钱孙" not in str(Paper.objects.get().content)


def test_a_changed_pack_is_found_out(world: World) -> None:
    out = io.BytesIO()
    build_pack(world.applicant, make_case(world).pk, "zip", BASE, out)
    with zipfile.ZipFile(out, "a") as pack:
        pack.writestr("papers/99-extra.txt", "put in later")
    assert verify_file(out, get_signing_keys()).verdict != "genuine"


def test_a_paper_that_cannot_be_set_is_named_and_lies_in_the_zip(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_case(world)
    broken = b"%PDF-1.4\nnonsense\n%%EOF\n"
    original = packing.read_content
    monkeypatch.setattr("openbeian.documents.paper.read_content", lambda d: broken if d.pages else original(d))
    out = io.BytesIO()
    build_pack(world.applicant, case.pk, "pdf", BASE, out)
    assert "无法排入本PDF" in text_of(out.getvalue())


def test_strangers_pack_nothing_and_nothing_is_journalled(world: World) -> None:
    case = make_case(world)
    for actor in (make_actor(make_organisation(), "applicant"), world.reviewer, world.officer):
        with pytest.raises(CaseNotYours):
            build_pack(actor, case.pk, "zip", BASE, io.BytesIO())
    assert not Paper.objects.exists()
    assert not Entry.objects.filter(event="case.pack_built").exists()


def test_a_case_without_papers_makes_a_pack_with_its_form(world: World) -> None:
    case = make_case(world)
    Document.objects.all().delete()
    out = io.BytesIO()
    build_pack(world.applicant, case.pk, "zip", BASE, out)
    assert zipfile.ZipFile(out).namelist() == ["pack.pdf", "manifest.json", "manifest.json.sig"]


def test_too_much_for_one_pack_is_refused_before_anything_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_case(world)
    monkeypatch.setattr(packing, "MOST_DOCUMENTS", 1)
    with pytest.raises(PackTooLarge) as refused:
        build_pack(world.applicant, case.pk, "zip", BASE, io.BytesIO())
    assert "2" in refused.value.text.zh
    assert not Paper.objects.exists()
