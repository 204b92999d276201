"""Storing, removing, keeping and sweeping: no row without its file, no evidence lost."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from tests.documents.hostile_files import picture
from tests.registry.factories import make_actor, make_organisation

from openbeian.documents.actions.keep_documents import keep_documents
from openbeian.documents.actions.remove_document import remove_document
from openbeian.documents.actions.store_document import store_document
from openbeian.documents.actions.sweep_orphans import GRACE, sweep_orphans
from openbeian.documents.decisions import UploadLimits
from openbeian.documents.errors import DocumentDamaged, DocumentNotFound, UploadRefused
from openbeian.documents.file_storage import generate_name, get_storage
from openbeian.documents.models import Document
from openbeian.documents.queries import get_document, list_documents_of, read_content
from openbeian.journal.models import Entry
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted

pytestmark = pytest.mark.django_db
LIMITS = UploadLimits(max_bytes=1_000_000)
CASE = ("case", 7)


@pytest.fixture
def actor() -> Actor:
    return make_actor(make_organisation())


def store(actor: Actor, content: bytes | None = None) -> Document:
    content = picture() if content is None else content
    return store_document(actor, CASE, material="domain_certificate", name="证书.png", content=content, limits=LIMITS)


def file_of(document: Document) -> Path:
    return Path(settings.DOCUMENTS_FOLDER) / document.stored_name[:2] / document.stored_name


def list_files() -> set[Path]:
    return {p for p in Path(settings.DOCUMENTS_FOLDER).rglob("*") if p.is_file()}


def test_a_document_is_stored_under_a_random_name_for_this_installation_only(actor: Actor) -> None:
    document = store(actor)
    file = file_of(document)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "证书" not in str(file)
    assert read_content(document) == file.read_bytes()
    assert list(list_documents_of(*CASE)) == [document]
    entry = Entry.objects.get()
    assert (entry.event, entry.subject_kind, entry.subject_id) == ("document.stored", "case", "7")
    assert "证书" not in str(entry.after)


def test_a_refused_file_leaves_no_trace(actor: Actor) -> None:
    before = list_files()
    with pytest.raises(UploadRefused):
        store(actor, b"<html>")
    assert list_files() == before
    assert not Document.objects.exists()
    assert not Entry.objects.exists()


def test_somebody_without_the_right_stores_and_removes_nothing(actor: Actor) -> None:
    auditor = make_actor(make_organisation(), "auditor")
    with pytest.raises(NotPermitted):
        store(auditor)
    document = store(actor)
    with pytest.raises(NotPermitted):
        remove_document(auditor, CASE, document.pk)
    assert list_documents_of(*CASE).exists()


def test_another_organisation_or_another_case_cannot_remove_it(actor: Actor) -> None:
    document = store(actor)
    with pytest.raises(DocumentNotFound):
        remove_document(make_actor(make_organisation()), CASE, document.pk)
    with pytest.raises(DocumentNotFound):
        remove_document(actor, ("case", 8), document.pk)
    document.refresh_from_db()
    assert document.removed_at is None


def test_a_removed_document_is_shown_no_more_and_swept_after_a_day(actor: Actor) -> None:
    document = store(actor)
    remove_document(actor, CASE, document.pk)
    remove_document(actor, CASE, document.pk)
    assert Entry.objects.filter(event="document.removed").count() == 1
    assert not list_documents_of(*CASE).exists()
    with pytest.raises(DocumentNotFound):
        get_document(document.pk)
    sweep_orphans()
    assert file_of(document).exists()
    with clock.hold(clock.now() + GRACE + timedelta(minutes=1)):
        assert sweep_orphans()["files"] >= 1
        assert sweep_orphans() == {"files": 0, "rows": 0}
    assert not file_of(document).exists()


def test_evidence_of_a_submitted_case_stays_readable_after_its_removal(actor: Actor) -> None:
    document = store(actor)
    assert keep_documents(actor, CASE) == 1
    assert keep_documents(actor, CASE) == 0
    remove_document(actor, CASE, document.pk)
    with clock.hold(clock.now() + GRACE + timedelta(minutes=1)):
        sweep_orphans()
    assert read_content(get_document(document.pk))
    assert not list_documents_of(*CASE).exists()


def test_a_file_whose_row_never_came_is_swept_and_a_fresh_one_is_left(actor: Actor) -> None:
    with transaction.atomic():
        document = store(actor)
        transaction.set_rollback(True)
    orphan = file_of(document)
    assert orphan.exists()
    half = orphan.with_name(orphan.name[:2] + generate_name()[2:] + ".part")
    half.write_bytes(b"half")
    sweep_orphans()
    assert orphan.exists()
    long_ago = clock.now().timestamp() - 2 * GRACE.total_seconds()
    for file in (orphan, half):
        os.utime(file, (long_ago, long_ago))
    sweep_orphans()
    assert not orphan.exists()
    assert not half.exists()


def test_a_damaged_or_missing_file_is_said_to_be_so(actor: Actor) -> None:
    document = store(actor)
    file_of(document).write_bytes(b"other")
    with pytest.raises(DocumentDamaged):
        read_content(document)
    file_of(document).unlink()
    with pytest.raises(DocumentDamaged):
        read_content(document)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "ab/cd", "A" * 32, "0" * 31])
def test_the_store_takes_no_name_but_its_own(name: str) -> None:
    with pytest.raises(ValueError, match="not a stored name"):
        get_storage().get(name)
