"""What every test may rely on."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings

from openbeian.rules.rulebook import rulebook_store

# How long an example takes is the machine's business: a slow one must not fail a test that is about what comes out.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def rulebook_as_it_was() -> Iterator[None]:
    """Every test starts with the rulebook as shipped; one that needs it connected to the database connects it."""
    store = rulebook_store()
    store.arrangements = None
    cache.clear()
    yield
    store.arrangements = None


@pytest.fixture(autouse=True)
def journal_with_its_head(request: pytest.FixtureRequest) -> None:
    """A test with transactions of its own empties all tables, the journal's head with them, which a migration made."""
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        request.getfixturevalue("transactional_db")
        from openbeian.journal.models import Head

        Head.objects.get_or_create(pk=1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the golden lists that people read anew")
