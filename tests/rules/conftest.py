"""The shipped rulebook, loaded once; it is immutable, so tests may share it."""

from pathlib import Path

import pytest

from openbeian.rules.loader import load_rulebook
from openbeian.rules.rulebook import Rulebook

SHIPPED = Path(__file__).parents[2] / "rulebook"


@pytest.fixture(scope="session")
def shipped() -> Path:
    return SHIPPED


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return load_rulebook(SHIPPED)
