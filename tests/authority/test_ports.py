"""The tests' own outbox and inbox keep the promises of the ports they stand in for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.authority.boxes import Boxes
from tests.authority.port_contract import PortContract


class TestBoxesOfTheTests(PortContract):
    """The double used by the exchange and chaos tests."""

    @pytest.fixture
    def boxes(self, tmp_path: Path) -> Iterator[Boxes]:  # type: ignore[override]
        made = Boxes(tmp_path / "boxes.sqlite3")
        yield made
        made.close()
