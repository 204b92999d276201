"""What every test may rely on."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from openbeian.rules.rulebook import rulebook_store


@pytest.fixture(autouse=True)
def rulebook_as_it_was() -> Iterator[None]:
    """Every test starts with the rulebook as shipped; one that needs it connected to the database connects it."""
    store = rulebook_store()
    store.arrangements = None
    cache.clear()
    yield
    store.arrangements = None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the golden lists that people read anew")
