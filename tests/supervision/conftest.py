"""What the tests of supervision share: a folder of evidence of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def evidence_folder(tmp_path: Path) -> Iterator[Path]:
    """Packs of a test lie apart from those of the others."""
    home, settings.HOME = settings.HOME, tmp_path
    yield tmp_path / "evidence"
    settings.HOME = home
