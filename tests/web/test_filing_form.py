"""Reading and drawing the form by its spec: whatever is posted is bounded, kept as typed, and can be drawn again."""

from __future__ import annotations

import json

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeian.cases.decisions.form_values import blank_form, differ, find_value, walk_form, with_value
from openbeian.cases.decisions.record_values import NO_END, read_day
from openbeian.cases.queries import get_form, get_procedure
from openbeian.entrypoints.web.filing_form.merging import find_conflicts, is_same_shape, read_shape
from openbeian.entrypoints.web.filing_form.reading import compute_digest, read_shown, read_typed
from openbeian.entrypoints.web.filing_form.sections import find_section_of
from openbeian.entrypoints.web.filing_form.showing import FormView
from openbeian.kernel.errors import OpenBeianError
from openbeian.rules.forms import walk_fields

FORM = get_form("filing")
BLANK = blank_form(FORM)
LEAVES = [e.path for e in walk_form(FORM, BLANK, {}) if e.field.type not in {"group", "list"}]
PARTS = ["", ":none", ":1", ":2", ":3", ":number:news"]

posts = st.dictionaries(
    st.tuples(st.sampled_from(LEAVES), st.sampled_from(PARTS)).map("".join),
    st.lists(st.text(max_size=40) | st.sampled_from(["website", "110000", "110101", "长期", "2026/3/1"]), max_size=4),
    max_size=25,
)


def make_post(fields: dict[str, list[str]], shown: list[str]) -> QueryDict:
    post = QueryDict(mutable=True)
    for name, values in fields.items():
        post.setlist(name, values)
    post.setlist("shown", shown)
    return post


@settings(max_examples=60, deadline=None)
@given(posts, st.lists(st.sampled_from(LEAVES), max_size=30), st.text(max_size=20))
def test_whatever_is_posted_is_read_and_can_be_drawn_again(
    fields: dict[str, list[str]], paths: list[str], junk: str
) -> None:
    post = make_post(fields, [*(f"{p}|" for p in paths), junk])
    try:
        typed = read_typed(FORM, post, read_shown(post))
    except OpenBeianError:
        return
    assert set(typed) <= set(paths)
    json.dumps(typed)
    values = BLANK
    for path, value in typed.items():
        values = with_value(values, path, value)
    view = FormView(get_procedure("first_filing"), values)
    for section in FORM.sections:
        for one in view.show_section(section):
            html = render_to_string(one.template, {"one": one, "language": "zh"})
            assert "<script" not in html


@settings(max_examples=60, deadline=None)
@given(posts)
def test_what_is_drawn_and_sent_back_untouched_is_no_change(fields: dict[str, list[str]]) -> None:
    post = make_post(fields, [f"{p}|" for p in LEAVES])
    typed = read_typed(FORM, post, read_shown(post))
    again = make_post(fields, [f"{path}|{compute_digest(value)}" for path, value in typed.items()])
    assert read_typed(FORM, again, read_shown(again)) == {}


def test_every_kind_of_field_of_every_form_has_a_template_that_draws() -> None:
    values = with_value(BLANK, "services.0.person_is_sponsor_person", False)
    drawn = set()
    for kind in ("website", "app", "mini_program", "quick_app"):
        values = with_value(values, "services.0.kind", kind)
        view = FormView(get_procedure("first_filing"), values)
        for section in FORM.sections:
            for one in view.show_section(section):
                render_to_string(one.template, {"one": one, "language": "en"})
                drawn |= {leaf.field.type for leaf in one.walk()}
    assert drawn == {field.type for _, field in walk_fields(FORM.root.fields)}


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("sponsor.person.mobile", "sponsor"),
        ("services.3.name", "services"),
        ("services.3.accesses.0.ip_ranges", "access"),
        ("services.0.accesses", "access"),
        ("provider_id", "access"),
        ("reason", "verification"),
        ("materials.domain_certificate.services.0", "materials"),
    ],
)
def test_a_path_belongs_to_the_step_that_claims_most_of_it(path: str, section: str) -> None:
    assert find_section_of(path, FORM, FORM.sections).id == section


def test_every_field_is_shown_on_exactly_one_step() -> None:
    values = with_value(BLANK, "services.0.person_is_sponsor_person", False)
    view = FormView(get_procedure("first_filing"), values)
    shown = [leaf.path for s in FORM.sections for one in view.show_section(s) for leaf in one.walk()]
    assert len(shown) == len(set(shown))


def test_equal_values_typed_on_two_pages_are_no_conflict() -> None:
    current = with_value(BLANK, "sponsor.name", "甲")
    shown = {"sponsor.name": compute_digest("")}
    assert find_conflicts(current, {"sponsor.name": "甲"}, shown, same_shape=True) == []
    assert [c.path for c in find_conflicts(current, {"sponsor.name": "乙"}, shown, same_shape=True)] == ["sponsor.name"]


def test_a_removed_entry_never_lets_typed_text_land_in_its_neighbour() -> None:
    two = with_value(BLANK, "services", [*BLANK["services"], *blank_form(FORM)["services"]])
    one = with_value(two, "services", two["services"][1:])
    assert not is_same_shape(read_shape(two), one)
    shown = {"services.0.name": compute_digest("")}
    (conflict,) = find_conflicts(one, {"services.0.name": "花店"}, shown, same_shape=False)
    assert not conflict.fits
    assert find_value(one, "services.0.name") == ""


def test_a_day_typed_beside_no_end_is_kept_and_counts_for_nothing_until_the_tick_is_taken_away() -> None:
    path = "sponsor.certificate_until"
    post = make_post({path: ["2031/5/1"], f"{path}:none": ["on"]}, [f"{path}|"])
    typed = read_typed(FORM, post, read_shown(post))
    values = with_value(BLANK, path, typed[path])
    assert read_day(find_value(values, path)) is None
    assert not differ(find_value(values, path), NO_END)
    view = FormView(get_procedure("first_filing"), values)
    (one,) = [leaf for s in FORM.sections for top in view.show_section(s) for leaf in top.walk() if leaf.path == path]
    html = render_to_string(one.template, {"one": one, "language": "zh"})
    assert 'value="2031-05-01"' in html
    assert "checked" in html
    unticked = make_post({path: [one.typed_day]}, [f"{path}|{one.digest}"])
    assert read_typed(FORM, unticked, read_shown(unticked)) == {path: "2031-05-01"}
