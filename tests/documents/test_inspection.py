"""What an upload may be: by its content, within bounds, and with nothing in it that acts or tells on people."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.documents import hostile_files as hostile

from openbeian.documents.decisions import JPEG, PDF, PNG, UploadLimits, clean_name
from openbeian.documents.errors import UploadRefused
from openbeian.documents.inspection import inspect_upload
from openbeian.documents.inspection.pdf import find_fault
from openbeian.documents.inspection.pictures import inspect_picture

LIMITS = UploadLimits(max_bytes=4 * 1024 * 1024)

HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing": ("empty", lambda: b""),
    "more bytes than the rule allows": ("too_large", lambda: b"\xff\xd8\xff" + bytes(LIMITS.max_bytes)),
    "an SVG with a script": ("type", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>'),
    "a web page named photo.jpg": ("type", lambda: b"<!doctype html><script>x</script>"),
    "a GIF": ("type", lambda: hostile.picture("GIF", mode="L")),
    "a TIFF": ("type", lambda: hostile.picture("TIFF")),
    "a program": ("type", lambda: b"MZ" + bytes(500)),
    "a page that a PDF begins in": ("type", lambda: b"<html>" + hostile.pdf()),
    "a PNG that decodes to gigabytes": ("pixels", lambda: hostile.png_claiming(60_000, 60_000)),
    "a PNG one pixel high and endless": ("pixels", lambda: hostile.png_claiming(2_000_000_000, 1)),
    "a PNG with a bomb among its comments": ("damaged", hostile.png_with_text_bomb),
    "a PNG without its pixels": ("damaged", lambda: hostile.png_claiming(600, 600)),
    "a moving picture": ("animated", hostile.animated_png),
    "half a PNG": ("damaged", lambda: hostile.picture("PNG", (600, 500))[:60]),
    "half a JPEG": ("damaged", lambda: hostile.picture("JPEG", (600, 500))[:700]),
    "a JPEG of three bytes": ("damaged", lambda: b"\xff\xd8\xff"),
    "half a PDF": ("damaged", lambda: hostile.pdf()[:100]),
    "a PDF of eight bytes": ("damaged", lambda: b"%PDF-1.7"),
    "a PDF with a script": ("active", hostile.pdf_with_javascript),
    "a PDF with a script packed away": ("active", hostile.pdf_with_hidden_javascript),
    "a PDF with a script spelt in escapes": (
        "active",
        lambda: hostile.pdf_with_javascript().replace(b"/JavaScript", b"/J#61vaScript"),
    ),
    "a PDF that starts a program": ("active", hostile.pdf_that_launches),
    "a PDF with a file inside": ("embedded", hostile.pdf_with_attachment),
    "a PDF under a password": ("encrypted", hostile.encrypted_pdf),
    "a PDF with too many pages": ("pages", lambda: hostile.pdf(LIMITS.max_pages + 1)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_field_and_fix_in_both_languages(name: str) -> None:
    reason, make = HOSTILE[name]
    with pytest.raises(UploadRefused) as refused:
        inspect_upload(make(), LIMITS)
    (fault,) = refused.value.faults
    assert fault.rule == f"upload.{reason}"
    assert fault.field == "file"
    assert all((fault.message.zh, fault.message.en, fault.fix.zh, fault.fix.en))
    assert "{" not in fault.message.zh + fault.fix.zh + fault.message.en + fault.fix.en


def test_a_pdf_that_unpacks_without_end_is_refused_and_takes_no_memory_of_ours() -> None:
    with pytest.raises(UploadRefused) as refused:
        inspect_upload(hostile.pdf_bomb(), LIMITS)
    assert refused.value.faults[0].rule in {"upload.too_complex", "upload.damaged"}


def test_the_place_of_the_photograph_and_the_camera_are_gone_and_it_stands_upright() -> None:
    taken = hostile.jpeg_with_gps()
    assert b"SecretCamera" in taken
    kept = inspect_upload(taken, LIMITS)
    assert (kept.media_type, kept.width_px, kept.height_px) == (JPEG, 500, 600)
    assert b"Secret" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as picture:
        assert not picture.getexif()
        assert "comment" not in picture.info


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x03\x04zip", hostile.pdf()])
def test_what_hangs_on_behind_a_picture_is_cut_off(tail: bytes) -> None:
    kept = inspect_upload(hostile.picture("PNG") + tail, LIMITS)
    assert tail not in kept.content


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "1"), ("PNG", "P"), ("PNG", "LA"), ("PNG", "RGBA"), ("PNG", "I;16")],
)
def test_pictures_of_every_colour_mode_come_out_as_browsers_show_them(kind: str, mode: str) -> None:
    kept = inspect_upload(hostile.picture(kind, mode=mode), LIMITS)
    with Image.open(io.BytesIO(kept.content)) as picture:
        assert picture.mode in {"RGB", "L", "RGBA"}
        assert picture.size == (600, 500)


def test_a_plain_pdf_is_kept_as_it_is_with_its_pages_counted() -> None:
    content = hostile.pdf(3)
    kept = inspect_upload(content, LIMITS)
    assert (kept.media_type, kept.pages, kept.content) == (PDF, 3, content)


def test_a_material_may_ask_for_pictures_only_and_for_a_least_size() -> None:
    only_pictures = UploadLimits(max_bytes=10_000_000, media_types=(PNG, JPEG), min_side_px=501)
    with pytest.raises(UploadRefused) as refused:
        inspect_upload(hostile.pdf(), only_pictures)
    assert "PNG" in refused.value.faults[0].fix.zh
    with pytest.raises(UploadRefused) as refused:
        inspect_upload(hostile.picture("PNG", (600, 500)), only_pictures)
    assert refused.value.faults[0].rule == "upload.too_small"


@given(st.integers(0, 3000), st.binary(max_size=40))
@settings(max_examples=60, deadline=None)
def test_a_picture_with_any_bytes_overwritten_is_read_or_refused(place: int, noise: bytes) -> None:
    for original in (hostile.picture("PNG", (40, 30)), hostile.jpeg_with_gps()):
        where = place % len(original)
        broken = original[:3] + (original[:where] + noise + original[where + len(noise) :])[3:]
        try:
            kept = inspect_picture(broken, LIMITS)
        except UploadRefused:
            continue
        assert kept.content
        assert b"SecretCamera" not in kept.content


@given(st.integers(5, 900), st.binary(max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_pdf_with_any_bytes_overwritten_is_read_or_refused(place: int, noise: bytes) -> None:
    original = hostile.pdf(2)
    where = place % len(original)
    answer = find_fault(original[:where] + noise + original[where + len(noise) :], 60)
    assert set(answer) == {"pages"} or "reason" in answer


@given(st.text(max_size=300))
def test_a_name_never_leaves_its_folder_or_breaks_a_header(name: str) -> None:
    cleaned = clean_name(name, PNG)
    assert cleaned.endswith(".png")
    assert not set('/\\:*?"<>|\r\n\x00') & set(cleaned)
    assert cleaned.isprintable()
    assert len(cleaned) <= 130
    assert not cleaned.startswith(".")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("营业执照.JPEG", "营业执照.png"),
        ("..\\..\\windows\\system.ini", "system.png"),
        ("/etc/passwd", "passwd.png"),
        ("", "document.png"),
        ("photo\u202egpj.exe", "photogpj.png"),
    ],
)
def test_a_name_keeps_its_words_and_gets_the_true_extension(sent: str, shown: str) -> None:
    assert clean_name(sent, PNG) == shown
