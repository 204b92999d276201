"""Reads the filing, licence and police numbers a page shows, and whether they lead to the filing system.

The state of the link concerns the filing number, or the licence number where a page shows no filing number (a
licence replaces it); the police number has a link of its own that is not judged here:

- `right`: the number, or a link within a few characters of it, leads to the filing system (beian.miit.gov.cn);
- `obsolete`: to a former address of that system (miibeian.gov.cn, miitbeian.gov.cn and hosts under them);
- `wrong`: anywhere else, including an address without a scheme, which browsers take as a page of the own site;
- `missing`: the number leads nowhere (no link, `#`, an empty script);
- `none`: no such number is shown.

One sponsor's number shown several times has the best state of its places; a page with several sponsors' numbers has
the worst of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from urllib.parse import unquote

from openbeian.observation.content.decoding import MAX_PAGE_BYTES, decode_page
from openbeian.observation.content.errors import ContentTooLarge
from openbeian.observation.content.numbers import NumberKind, sponsor_number
from openbeian.observation.content.rulebook import read_rules
from openbeian.observation.content.scanner import Candidate, find_numbers
from openbeian.observation.content.visible import Link, LinkedText, VisibleText, read_visible, visible_text

# Every number has 备 or 证 after ICP, 安 or 可 (in any writing, so an unknown neighbour counts), or a licence's code
# before a dash. These searches run over raw markup and must never miss what the scanner would find.
_MARK = re.compile(r"[备備证證](?:(?<![一-龥，。！？；、].)|(?<=[安可營营案].))")
_LICENCE_MARK = re.compile(
    "[12１２](?<=[ABabＡＢａｂ>;\\s\"'\u00ad\u200b-\u2064\ufeff].)"
    "(?:<[^<>]{0,400}>|[\\s\"'+\u00ad\u200b-\u2064\ufeff]|&[#\\w]{1,8};)*+[-－‐-―−﹣﹘➖&]"
)
_ENCODED_MARK = re.compile(
    r"&#0*(?:22791|20633|35777|35657|(?!3[489];)\d\d;)|&#x0*(?:5907|5099|8bc1|8b49|(?!2[267];)[0-7][0-9a-f];)"
    r"|[\\%]u(?:5907|5099|8bc1|8b49|00[34])|\\u\{|\\x[34]",
    re.I,
)

_URL = re.compile(r"https?:/{1,3}[^\s'\"()<>]{3,300}|(?<=['\"])//[^\s'\"()<>]{3,300}", re.I)
_HOST = re.compile(r"(?:https?:)?/{2,}([^/?#]*)", re.I)
_NOWHERE = re.compile(r"(?:#.*|javascript:.*|about:blank|void\(0\);?)?", re.I | re.S)
_NEAR_CHARACTERS = 40
_LABEL_CHARACTERS = 12
_SHELL_CHARACTERS = 40
_SHELL_WORDS = 40
_CHINESE_RUN = re.compile(">[^<>]{0,40}[一-龥]{2}")


class LinkState(StrEnum):
    """Where the number leads; see the module. Ordered from best to worst, `none` apart."""

    RIGHT = "right"
    OBSOLETE = "obsolete"
    WRONG = "wrong"
    MISSING = "missing"
    NONE = "none"


_WORSE = {state: place for place, state in enumerate(LinkState)}


@dataclass(frozen=True, slots=True)
class FooterReading:
    """The numbers shown, in normal form and order of appearance, and the state of the link.

    `near_misses` look like numbers and are none (wrong length, no 号, a placeholder). `certain` is False when the
    absence of a number proves nothing: broken encoding, or a page that only scripts fill. `is_screen` tells the dump
    of an app's screen, which records no links. `has_verification_mark` tells a link to the former electronic mark.
    """

    icp_filing: tuple[str, ...] = ()
    icp_licence: tuple[str, ...] = ()
    telecom_licence: tuple[str, ...] = ()
    public_security: tuple[str, ...] = ()
    link: LinkState = LinkState.NONE
    near_misses: tuple[str, ...] = ()
    certain: bool = True
    is_screen: bool = False
    has_verification_mark: bool = False

    def as_json(self) -> dict[str, object]:
        """The five keys of the command's contract."""
        return {
            "icp_filing": list(self.icp_filing),
            "icp_licence": list(self.icp_licence),
            "telecom_licence": list(self.telecom_licence),
            "public_security": list(self.public_security),
            "link": self.link.value,
        }


def may_show_number(page: str) -> bool:
    """A cheap look at raw markup: False only if no number can be there, in any writing or escape."""
    if any(character in page for character in "备備证證") and _MARK.search(page):
        return True
    if _LICENCE_MARK.search(page):
        return True
    return ("&#" in page or "\\" in page or "%u" in page) and _ENCODED_MARK.search(page) is not None


def read_footer(page: bytes | str, *, declared: str | None = None) -> FooterReading:
    """Reads a page, mini-program page or screen dump; `declared` is the charset of the HTTP header.

    Raises: ContentTooLarge above MAX_PAGE_BYTES bytes (or characters).
    """
    if len(page) > MAX_PAGE_BYTES:
        raise ContentTooLarge(limit=MAX_PAGE_BYTES)
    if isinstance(page, str):
        return _read(page, certain=True)
    decoded = decode_page(page, declared=declared)
    return _read(decoded.text, certain=decoded.certain)


def _read(page: str, *, certain: bool) -> FooterReading:
    if not may_show_number(page):
        return FooterReading(certain=certain and not _is_filled_by_scripts(page))
    return read_footer_of(page, read_visible(page), certain=certain)


def read_footer_of(page: str, visible: VisibleText, *, certain: bool) -> FooterReading:
    """As `read_footer`, for a page whose text was taken out already; `certain` tells whether its bytes made sense."""
    candidates = find_numbers(visible.plain())
    if not candidates:
        is_shell = len(visible.text) < _SHELL_CHARACTERS and "<script" in page.lower()
        return FooterReading(certain=certain and not is_shell)
    numbers = {
        kind: tuple(dict.fromkeys(c.number for c in candidates if c.valid and c.kind is kind)) for kind in NumberKind
    }
    return FooterReading(
        **{kind.value: found for kind, found in numbers.items()},
        link=_link_of(candidates, visible),
        near_misses=tuple(dict.fromkeys(c.number for c in candidates if not c.valid)),
        certain=certain,
        is_screen=visible.is_screen,
        has_verification_mark="bazs.cert" in page,
    )


def _link_of(candidates: list[Candidate], visible: VisibleText) -> LinkState:
    """The link's state, read from the part of the page around the numbers."""
    words = {max(visible.plain()[c.start : c.end].split(), key=len) for c in candidates}
    shown = visible.linked_around(words)
    found = find_numbers(shown.text)
    if {c.number for c in found} != {c.number for c in candidates}:
        shown = visible.linked_around(())
        found = find_numbers(shown.text)
    return _link_state(found, shown)


def _is_filled_by_scripts(page: str) -> bool:
    """Whether a page is an empty shell for a script: next to no text, and a script to fetch it."""
    # A page with this much Chinese outside tags is no shell; counting first spares most pages the full extraction.
    if (
        sum(1 for _ in islice(_CHINESE_RUN.finditer(page), _SHELL_WORDS)) == _SHELL_WORDS
        or "<script" not in page.lower()
    ):
        return False
    return len(visible_text(page, title=False)) < _SHELL_CHARACTERS


def _link_state(candidates: list[Candidate], shown: LinkedText) -> LinkState:
    valid = [c for c in candidates if c.valid]
    concerned = [c for c in valid if c.kind is NumberKind.ICP_FILING] or [
        c for c in valid if c.kind in {NumberKind.ICP_LICENCE, NumberKind.TELECOM_LICENCE}
    ]
    by_sponsor: dict[str, LinkState] = {}
    for candidate in concerned:
        sponsor = sponsor_number(candidate.number)
        state = _state_at(candidate, shown.links)
        by_sponsor[sponsor] = min(by_sponsor.get(sponsor, state), state, key=_WORSE.__getitem__)
    return max(by_sponsor.values(), key=_WORSE.__getitem__, default=LinkState.NONE)


def _state_at(candidate: Candidate, links: Iterable[Link]) -> LinkState:
    """The best state of the links over a number; else that of a link to the system beside it."""
    over, beside = [LinkState.MISSING], [LinkState.MISSING]
    for link in links:
        if link.start < candidate.end and link.end > candidate.start:
            over.append(link_state(link.target, link.action))
        elif candidate.start - _LABEL_CHARACTERS <= link.end and link.start <= candidate.end + _NEAR_CHARACTERS:
            beside.append(link_state(link.target, link.action))
    best = min(over, key=_WORSE.__getitem__)
    if best is not LinkState.MISSING:
        return best
    known = [state for state in beside if state is not LinkState.WRONG]
    return min(known, key=_WORSE.__getitem__)


def link_state(target: str, action: str = "") -> LinkState:
    """Where an address as written in `href` (or opened by a click) leads."""
    address = re.sub(r"[\x00-\x20]", "", target).replace("\\", "/")
    if _NOWHERE.fullmatch(address):
        opened = _URL.search(unquote(f"{target} {action}"))
        return _state_of_host(opened[0]) if opened else LinkState.MISSING
    if address.startswith("/pages/"):  # a mini-program's own page that shows the address it is given
        shown = _URL.search(unquote(address))
        return _state_of_host(shown[0]) if shown else LinkState.WRONG
    return _state_of_host(address)


def _state_of_host(address: str) -> LinkState:
    found = _HOST.match(address)
    host = found[1].rpartition("@")[2].partition(":")[0].rstrip(".").lower() if found else ""
    official, obsolete = _hosts()
    if host in official:
        return LinkState.RIGHT
    if any(host == old or host.endswith(f".{old}") for old in obsolete):
        return LinkState.OBSOLETE
    return LinkState.WRONG


FOOTER_RULE_KEYS = (
    "version",
    "observed_on",
    "official_hosts",
    "obsolete_hosts",
    "number_forms",
    "verification_mark",
    "consequences",
)


@lru_cache(maxsize=1)
def _hosts() -> tuple[frozenset[str], tuple[str, ...]]:
    rules = read_rules("content/footer.yaml", keys=FOOTER_RULE_KEYS)
    return (
        frozenset(entry["host"] for entry in rules["official_hosts"]),
        tuple(entry["host"] for entry in rules["obsolete_hosts"]),
    )
