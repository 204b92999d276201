"""What a person means who types something into the public look-up: a domain, a number or a name. Pure and bounded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from openbeian.kernel.domains import parse_domain
from openbeian.kernel.errors import ValueRefused
from openbeian.kernel.numbers import NumberNotRecognised, PoliceNumber, ServiceNumber, find_numbers
from openbeian.kernel.text import Text
from openbeian.kernel.writing import fold
from openbeian.registry.name_grams import squeeze_name

LONGEST_QUESTION = 300
Kind = Literal["domain", "sponsor_number", "service_number", "name", "nothing"]

_NUMBER = re.compile(r"ICP|公网安备|[AB][12]\s*-\s*\d", re.IGNORECASE)
_AROUND_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?/*(?:[^/@\s]*@)?", re.IGNORECASE)
_FULL_STOPS = str.maketrans({"。": ".", "｡": "."})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for, in normal form; `hint` says what to type when nothing can be looked up."""

    kind: Kind
    value: str = ""
    hint: Text | None = None


@lru_cache(maxsize=4096)
def read_question(text: str) -> Question:
    """The question in a text: a number in any spelling, a domain in any (URL, IDN, sub-domain), else a name."""
    try:
        folded = fold(text, limit=LONGEST_QUESTION)
    except ValueRefused as refusal:
        return Question("nothing", hint=refusal.problem.fix)
    if not folded:
        return Question("nothing", hint=Text("请输入域名、备案号或名称。", "Type a domain, a filing number or a name."))
    return _read_number(folded) or _read_domain(folded) or _read_name(folded)


def _read_number(text: str) -> Question | None:
    if not _NUMBER.search(text):
        return None
    try:
        numbers = find_numbers(text, limit=LONGEST_QUESTION)
    except NumberNotRecognised:
        return None
    for number in numbers:
        if isinstance(number, ServiceNumber):
            return Question("service_number", number.normal)
        if isinstance(number, PoliceNumber):
            zh = "公安联网备案号请到公安机关的平台查询。"
            return Question(
                "nothing", number.normal, Text(zh, "Police numbers are looked up on the police's own site.")
            )
        return Question("sponsor_number", number.normal)
    return None


def _read_domain(text: str) -> Question | None:
    dotted = text.translate(_FULL_STOPS)
    if "." not in dotted or " " in dotted:
        return None
    host = re.split(r"[/?#:\\]", _AROUND_HOST.sub("", dotted, count=1), maxsplit=1)[0]
    try:
        return Question("domain", parse_domain(host).registrable)
    except ValueRefused as refusal:
        if refusal.problem.rule == "domain.address":
            hint = Text("不能按 IP 地址查询；请输入域名。", "An address cannot be looked up; type the domain.")
            return Question("nothing", host, hint)
        return None


def _read_name(text: str) -> Question:
    if not squeeze_name(text):
        hint = Text("名称里至少要有一个字。", "A name has at least one letter.")
        return Question("nothing", hint=hint)
    return Question("name", text)
