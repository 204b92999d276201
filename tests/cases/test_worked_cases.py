"""Worked cases of the fact base that no other test tells: what cannot be asked for as a change."""

from __future__ import annotations

import pytest
from tests.cases.factories import World, make_sponsor_values, make_world
from tests.cases.test_filing_flow import make_granted

from openbeian.cases.actions.save_draft import save_draft
from openbeian.cases.actions.start_case import start_case
from openbeian.cases.queries import get_form, get_procedure
from openbeian.registry.models import Sponsor

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def test_a_persons_filing_does_not_become_a_companys_by_a_change(world: World) -> None:
    """Case 31: cancel and file anew. What is typed there all the same is left out, and the form says what to do."""
    make_granted(world, sponsor=make_sponsor_values(kind="individual"))
    sponsor = Sponsor.objects.get()
    case = start_case(world.applicant, "change_sponsor", sponsor_id=sponsor.pk)
    save_draft(world.applicant, case.pk, {"sponsor.nature": "enterprise", "sponsor.certificate_type": "uscc"})
    case.refresh_from_db()
    assert case.form["sponsor"]["nature"] == "individual"
    assert case.form["sponsor"]["certificate_type"] != "uscc"
    field = get_form(get_procedure("change_sponsor").form).find_field("sponsor.nature")
    assert field is not None
    assert field.is_fixed
    assert field.hint is not None
    assert "须注销后重新备案" in field.hint.zh
