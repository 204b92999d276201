"""Documents for the authority's tests: any document the grammar allows, and a few filings with a story."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address
from typing import Any

from hypothesis import strategies as st

from openbeian.authority.messages.filing import Access, Address, Certificate, Domain, Person, Range, Site, Subject
from openbeian.authority.messages.grammar import Element, Grammar, Leaf, get_download_grammar, get_upload_grammar
from openbeian.authority.messages.upload import FilingReports, NewFiling, Upload
from openbeian.authority.messages.writer import list_characters_outside

PROVIDER = 110000000001
_CHARACTERS = st.characters(codec="gbk", exclude_categories=["Cc", "Cs", "Co", "Cn"])


def list_kinds(grammar: Grammar) -> Sequence[tuple[str, ...]]:
    """Every way through the alternatives and optional wrappers at the top: one path of element names per kind of message."""
    root = grammar.shapes[grammar.shape].elements
    kinds: list[tuple[str, ...]] = []
    for top in root:
        inner = top.children or grammar.shapes[top.shape].elements
        for second in inner:
            if second.low == 0 and (second.children or second.shape):
                kinds.append((top.name, second.name))
    return kinds


def documents(grammar: Grammar, kind: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Documents that hold the given kind of message and whatever else is allowed beside it."""
    return _record(grammar, grammar.shape, kind)


def _record(grammar: Grammar, shape: str, wanted: tuple[str, ...] = ()) -> st.SearchStrategy[Any]:
    described = grammar.shapes[shape]
    values = _fields(grammar, described.elements, described.many, wanted)
    return values.map(lambda held: described.record(**held))


def _fields(
    grammar: Grammar, elements: Sequence[Element], many: frozenset[str], wanted: tuple[str, ...]
) -> st.SearchStrategy[dict[str, Any]]:
    alternatives = [element for element in elements if element.is_alternative]
    plain = [element for element in elements if not element.is_alternative]
    if wanted and any(element.name == wanted[0] for element in alternatives):
        alternatives = [element for element in alternatives if element.name == wanted[0]]
    if wanted and any(element.name == wanted[0] for element in plain):  # that kind alone, so that samples stay small
        plain = [element for element in plain if element.low or element.name == wanted[0]]
    parts = [_field(grammar, element, many, wanted) for element in plain]
    if alternatives:
        parts.append(st.one_of([_field(grammar, element, many, wanted, needed=True) for element in alternatives]))
    return st.tuples(*parts).map(lambda held: {name: value for part in held for name, value in part.items()})


def _field(
    grammar: Grammar, element: Element, many: frozenset[str], wanted: tuple[str, ...], *, needed: bool = False
) -> st.SearchStrategy[dict[str, Any]]:
    is_wanted = bool(wanted) and wanted[0] == element.name
    needed = needed or element.low > 0 or is_wanted
    deeper = wanted[1:] if is_wanted else ()
    if element.children:
        inside = _wrapper(grammar, element, many, deeper)
        return inside if needed else st.one_of(st.just({}), inside)
    value = _leaf(element.leaf) if element.leaf else _record(grammar, element.shape, deeper)
    if element.field in many:
        low = max(element.low, int(needed))
        value = st.lists(value, min_size=low, max_size=min(element.high or 2, 2)).map(tuple)
    elif not needed:
        value = st.one_of(st.none(), value)
    return value.map(lambda held: {element.field: held})


def _wrapper(
    grammar: Grammar, element: Element, many: frozenset[str], deeper: tuple[str, ...]
) -> st.SearchStrategy[dict[str, Any]]:
    if element.high != 1:
        (child,) = element.children
        value = _leaf(child.leaf) if child.leaf else _record(grammar, child.shape)
        return st.lists(value, min_size=1, max_size=2).map(lambda held: {child.field: tuple(held)})
    filled = tuple(child for child in element.children if child.low or child.is_alternative) or element.children[:1]
    rest = [child for child in element.children if child not in filled]
    return _fields(grammar, (*filled, *rest), many, deeper or (filled[0].name,))


def _leaf(leaf: Leaf) -> st.SearchStrategy[Any]:
    if leaf.kind == "L":
        return st.integers(leaf.low, leaf.high if leaf.high is not None else 2**63 - 1)
    if leaf.kind == "S":
        high = min(leaf.high if leaf.high is not None else 40, max(leaf.low, 12))
        return st.text(_CHARACTERS, min_size=leaf.low, max_size=high).filter(
            lambda text: not list_characters_outside(text)
        )
    if leaf.kind == "D":
        return st.dates()
    if leaf.kind == "B":
        return st.booleans()
    if leaf.kind == "X":
        return st.binary(min_size=1, max_size=20)
    return st.integers(1 if leaf.kind == "IP" else 0, 2**32 - 1).map(IPv4Address)


KINDS = [
    *(("upload", kind) for kind in list_kinds(get_upload_grammar())),
    *(("download", kind) for kind in list_kinds(get_download_grammar())),
]


def grammar_of(side: str) -> Grammar:
    return get_upload_grammar() if side == "upload" else get_download_grammar()


def make_person(**changes: Any) -> Person:
    values = {"name": "张三", "office_phone": "010-88886666", "mobile": "13800138000", "email": "zhang@example.cn"}
    return Person(**(values | changes))


def make_subject(number: int, **changes: Any) -> Subject:
    values: dict[str, Any] = {
        "own_id": number,
        "name": f"北京示例{number}科技有限公司",
        "nature": 4,
        "address": Address(province=110000, city=110100, county=110108, street="中关村大街1号"),
        "certificate": Certificate(kind=1, number=f"91110108MA{number:08d}", registered_address="北京市海淀区"),
        "person": make_person(),
        "reported_by_provider": True,
    }
    return Subject(**(values | changes))


def make_site(number: int, **changes: Any) -> Site:
    values: dict[str, Any] = {
        "own_id": number,
        "name": f"示例网站{number}",
        "contents": (8,),
        "languages": (1,),
        "domains": (Domain(own_id=number, name=f"example{number}.cn"),),
        "accesses": (make_access(number),),
        "person": make_person(),
        "home_page": f"www.example{number}.cn",
    }
    return Site(**(values | changes))


def make_access(number: int, **changes: Any) -> Access:
    address = IPv4Address(f"203.0.{number // 200 % 200}.{number % 200 + 1}")
    values: dict[str, Any] = {
        "own_id": number,
        "server_places": (2,),
        "modes": (5,),
        "ranges": (Range(own_id=number, first=address, last=address),),
    }
    return Access(**(values | changes))


def make_filing(number: int, **changes: Any) -> NewFiling:
    return NewFiling(subject=make_subject(number, **changes), sites=(make_site(number),))


def make_upload(*filings: NewFiling) -> Upload:
    return Upload(icp=FilingReports(new_filings=filings or (make_filing(1),), reporting_unit=PROVIDER))
