"""The grammar: every element, occurrence and bound agrees with the official schemas, and with our records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from lxml import etree

from openbeian.authority.messages.grammar import Element, Grammar, get_download_grammar, get_upload_grammar

XS = "{http://www.w3.org/2001/XMLSchema}"
Fact = tuple[str, int, int | None, str, int, int | None]
GRAMMARS = {"upload_data.xsd": get_upload_grammar, "download_data.xsd": get_download_grammar}
WHOLE = {"L", "B", "IP", "IP0"}
BOUNDS = {"B": (0, 1), "IP": (1, 2**32 - 1), "IP0": (0, 2**32 - 1), "D": (10, 10), "X": (1, None)}


def of_grammar(grammar: Grammar, elements: Iterable[Element], path: str) -> Iterator[Fact]:
    for element in elements:
        here = f"{path}/{element.name}"
        # The schema writes an alternative as a member of a choice, occurring once.
        occurrence = (1, 1) if element.is_alternative else (element.low, element.high)
        children = grammar.shapes[element.shape].elements if element.shape else element.children
        if element.leaf is None:
            yield (here, *occurrence, "group", 0, None)
            yield from of_grammar(grammar, children, here)
        else:
            kind = element.leaf.kind
            low, high = BOUNDS.get(kind, (element.leaf.low, element.leaf.high))
            yield (here, *occurrence, "number" if kind in WHOLE else "text", low, high)


def of_schema(parent: etree._Element, path: str) -> Iterator[Fact]:
    for group in parent:
        for element in group.iter(f"{XS}element"):
            if next(element.iterancestors(f"{XS}element"), None) is not next(group.iterancestors(f"{XS}element"), None):
                continue
            here = f"{path}/{element.get('name')}"
            high = element.get("maxOccurs", "1")
            inside_choice = next(element.iterancestors(f"{XS}choice", f"{XS}element")).tag == f"{XS}choice"
            low = 1 if inside_choice else int(element.get("minOccurs", "1"))
            occurrence = (low, None if high == "unbounded" else int(high))
            content = element.find(f"{XS}complexType")
            if content is not None:
                yield (here, *occurrence, "group", 0, None)
                yield from of_schema(content, here)
            else:
                yield (here, *occurrence, *of_type(element))


def of_type(element: etree._Element) -> tuple[str, int, int | None]:
    facets = {str(f.tag).removeprefix(XS): int(f.get("value")) for f in element.iter() if f.get("value")}
    restriction = element.find(f".//{XS}restriction")
    is_number = restriction is not None and restriction.get("base") == "xs:long"
    low = facets.get("minInclusive" if is_number else "minLength", 0)
    high = facets.get("maxInclusive" if is_number else "maxLength")
    return ("number" if is_number else "text", low, high)


@pytest.mark.needs_shared
@pytest.mark.parametrize("name", GRAMMARS)
def test_the_grammar_says_what_the_official_schema_says(name: str, schema_folder: Path) -> None:
    grammar = GRAMMARS[name]()
    root = etree.parse(str(schema_folder / name)).getroot().find(f"{XS}element")
    assert root is not None
    expected = sorted(of_schema(root.find(f"{XS}complexType"), ""), key=str)
    ours = sorted(of_grammar(grammar, grammar.shapes[grammar.shape].elements, ""), key=str)
    assert root.get("name") == grammar.root
    assert [fact for fact in ours if fact not in expected] == []
    assert [fact for fact in expected if fact not in ours] == []


def walk(elements: Iterable[Element]) -> Iterator[Element]:
    for element in elements:
        yield element
        yield from walk(element.children)


@pytest.mark.parametrize("name", GRAMMARS)
def test_every_element_fills_a_field_that_exists_and_every_shape_is_reached(name: str) -> None:
    grammar = GRAMMARS[name]()
    reached = {grammar.shape}
    for shape in grammar.shapes.values():
        known = {field.name for field in fields(shape.record)}
        for element in walk(shape.elements):
            assert not element.field or element.field in known
            if element.shape:
                reached.add(element.shape)
    assert reached == set(grammar.shapes)


def test_every_field_of_every_record_travels_in_some_message() -> None:
    carried: dict[type, set[str]] = {}
    for load in GRAMMARS.values():
        for shape in load().shapes.values():
            carried.setdefault(shape.record, set()).update(e.field for e in walk(shape.elements) if e.field)
    for record, names in carried.items():
        assert {field.name for field in fields(record)} == names, record.__name__
