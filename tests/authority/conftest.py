"""Resources of the authority's tests: the official schemas, where the shared folder stands beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def schema_folder() -> Path:
    for place in (_ROOT.parent, _ROOT.parent.parent):
        folder = place / "shared" / "conformance" / "xsd"
        if folder.is_dir():
            return folder
    pytest.skip("the shared folder is absent: no conformance/xsd beside the checkout")


@pytest.fixture(scope="session")
def upload_schema(schema_folder: Path) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(schema_folder / "upload_data.xsd"))


@pytest.fixture(scope="session")
def download_schema(schema_folder: Path) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(schema_folder / "download_data.xsd"))
