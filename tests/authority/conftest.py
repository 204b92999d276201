"""Resources of the authority's tests: the official schemas, where the shared folder stands beside the checkout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from tests.authority.bureau import make_bureau, serve
from tests.authority.connections import make_connection, make_interface_world
from tests.authority.rounds import Decider
from tests.cases.factories import World

from openbeian.authority.models import Connection
from openbeian.authority.simulator.bureau import Bureau

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


@pytest.fixture
def desk() -> Decider:
    return Decider()


@pytest.fixture
def bureau(tmp_path: Path, desk: Decider) -> Bureau:
    return make_bureau(tmp_path, desk)


@pytest.fixture
def world(db: None) -> World:
    return make_interface_world()


@pytest.fixture
def connection(bureau: Bureau, world: World) -> Iterator[Connection]:
    """The world's provider connected to the bureau, which listens on loopback."""
    with serve(bureau) as url:
        yield make_connection(world, url)
