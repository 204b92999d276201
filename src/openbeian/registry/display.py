"""What a site shows of its filing: the footer with number and link, as HTML to copy. Pure."""

from __future__ import annotations

from html import escape
from typing import Literal

from openbeian.kernel.errors import Problem
from openbeian.kernel.numbers import NumberNotRecognised, PoliceNumber, parse_number
from openbeian.kernel.text import Text
from openbeian.kernel.writing import EXCERPT

MINISTRY_SITE = "https://beian.miit.gov.cn/"
POLICE_SITE = "https://beian.mps.gov.cn/"
FooterCarries = Literal["sponsor", "service"]


def choose_footer_number(sponsor_number: str, service_number: str, carries: FooterCarries) -> str:
    """The number the footer shows, by the rule `service.display.number` of the sponsor's province."""
    return sponsor_number if carries == "sponsor" else service_number


def format_footer(number: str, police_number: str = "") -> str:
    """The HTML of the footer: the number linked to the ministry's system, and the police number when there is one.

    Raises: NumberNotRecognised when the police number is none.
    """
    parts = [_link(MINISTRY_SITE, number)]
    if police_number.strip():
        parts.append(_link(_police_address(police_number), parse_police_number(police_number).normal))
    return "\n".join(parts)


def parse_police_number(text: str) -> PoliceNumber:
    """Raises: NumberNotRecognised, also for a number of another kind."""
    number = parse_number(text)
    if not isinstance(number, PoliceNumber):
        message = Text("这不是公安联网备案号。", "This is no police number.")
        fix = Text("正确的写法如：京公网安备11010802012345号。", "A right one looks like 京公网安备11010802012345号.")
        raise NumberNotRecognised(Problem(message, fix, "number.police"), text[:EXCERPT])
    return number


def _police_address(text: str) -> str:
    number = parse_police_number(text)
    return f"{POLICE_SITE}#/query/webSearch?code={number.area}02{number.serial:06}"


def _link(address: str, words: str) -> str:
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(words)}</a>'
