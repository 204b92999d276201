"""Tells whether a message about filings looks like fraud, why, and what to do instead.

The signs and their weights are data (`rulebook/content/scam_signals.yaml`); the verdict is `scam` or `suspicious`
from the sum of the weights, `no_sign` when nothing was found, `cannot_tell` when there is too little to judge by.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from opencc import OpenCC

from openbeian.kernel.text import Text
from openbeian.observation.content.addresses import Address, faults_of, find_addresses
from openbeian.observation.content.errors import ContentTooLarge
from openbeian.observation.content.rulebook import read_rules
from openbeian.observation.content.visible import without_invisible

MAX_MESSAGE_BYTES = 64 * 1024
"""Longer texts are no messages; they are refused."""

_MAX_SENTENCES = 400
_SENTENCE = re.compile(r"[。！？!?；;\n]+|\.\s")
_BETWEEN_CHINESE = re.compile(r"(?<=[一-龥])[\s*_·•|~^-]{1,3}(?=[一-龥])")
_WORDS = re.compile(r"[一-龥]|[a-z]{2,}", re.I)
_ENGLISH = re.compile(
    r"\b(?:the|you|your|is|are|to|of|and|for|please|we|in|on|will|has|have|not|this|be|by|icp|domain|filing)\b", re.I
)
_DATE = re.compile(r"(\d{1,2})\s?月\s?(\d{1,2})\s?[日号]|(?<![\d.])(?:20\d\d[-/.])(\d{1,2})[-/.](\d{1,2})(?!\d)")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_AUTHORITIES = ("工信部", "通信管理局", "管局", "备案中心", "miit", "ministry")
_CALL = ("联系", "致电", "拨打", "回电", "电话", "call", "contact")
_EXCERPT = 60

_KEYS = (
    "version",
    "observed_on",
    "thresholds",
    "topic",
    "official_domains",
    "obsolete_domains",
    "provider_domains",
    "short_link_domains",
    "imitated_words",
    "topic_words_in_hosts",
    "annual_report",
    "links",
    "signals",
)


class Verdict(StrEnum):
    """What a message looks like; `cannot_tell` says nothing either way."""

    SCAM = "scam"
    SUSPICIOUS = "suspicious"
    NO_SIGN = "no_sign"
    CANNOT_TELL = "cannot_tell"


_ADVICE = {
    Verdict.SCAM: Text(
        "很可能是诈骗：不要付款、点击或提供验证码；可拨打 96110 或 12381 核实举报。",
        "Very likely fraud: do not pay, click or give any code; call 96110 or 12381 to verify and report.",
    ),
    Verdict.SUSPICIOUS: Text(
        "可疑：先不要照做，从接入商控制台或 beian.miit.gov.cn 自行核对。",
        "Suspicious: do not act on it; check in your provider's console or at beian.miit.gov.cn.",
    ),
    Verdict.NO_SIGN: Text(
        "未发现诈骗迹象，但这不是保证；付款和填写验证码前仍请核对网址。",
        "No sign of fraud, which is no guarantee; still check the address before paying or entering a code.",
    ),
    Verdict.CANNOT_TELL: Text(
        "内容太少或无法识别，不能判断；请贴出完整文字和链接。",
        "Too little or unreadable; paste the whole text with its links.",
    ),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One sign: what was found, on what ground it counts, and what to do instead."""

    signal: str
    weight: int
    reason: Text
    found: str
    source: str
    instead: Text

    def as_json(self) -> dict[str, object]:
        return {
            "signal": self.signal,
            "weight": self.weight,
            "reason": self.reason.as_json(),
            "found": self.found,
            "source": self.source,
            "instead": self.instead.as_json(),
        }


@dataclass(frozen=True, slots=True)
class ScamCheck:
    """The verdict with its reasons, heaviest first, and the version of the signals that made it."""

    verdict: Verdict
    score: int
    reasons: tuple[Reason, ...]
    version: str

    @property
    def advice(self) -> Text:
        """What to do now."""
        return _ADVICE[self.verdict]

    def as_json(self) -> dict[str, object]:
        return {
            "verdict": self.verdict.value,
            "score": self.score,
            "reasons": [reason.as_json() for reason in self.reasons],
            "advice": self.advice.as_json(),
            "version": self.version,
        }


def check_message(message: str) -> ScamCheck:
    """Judges one message (SMS, mail, chat) in Chinese or English.

    Raises: ContentTooLarge above MAX_MESSAGE_BYTES of UTF-8.
    """
    if len(message.encode("utf-8", "replace")) > MAX_MESSAGE_BYTES:
        raise ContentTooLarge(limit=MAX_MESSAGE_BYTES)
    rules = _rules()
    plain = _plain(message)
    addresses = find_addresses(without_invisible(message).lower())
    found: dict[str, Reason] = {}
    for reason in (*_phrase_reasons(plain, rules), *_address_reasons(plain, addresses, rules), *_facts(plain, rules)):
        if reason.signal not in found or found[reason.signal].weight < reason.weight:
            found[reason.signal] = reason
    reasons = tuple(sorted(found.values(), key=lambda reason: -reason.weight))
    score = sum(reason.weight for reason in reasons)
    return ScamCheck(_verdict(score, plain, addresses, rules), score, reasons, str(rules["version"]))


def _plain(message: str) -> str:
    """The message as a reader takes it: one width, lower case, simplified characters, no signs between characters."""
    text = unicodedata.normalize("NFKC", without_invisible(message)).lower()
    return _BETWEEN_CHINESE.sub(lambda m: "\n" if "\n" in m[0] else "", _converter().convert(text))


def _verdict(score: int, plain: str, addresses: list[Address], rules: Mapping[str, Any]) -> Verdict:
    if score >= rules["thresholds"]["scam"]:
        return Verdict.SCAM
    if score >= rules["thresholds"]["suspicious"]:
        return Verdict.SUSPICIOUS
    rest = plain
    for address in addresses:
        rest = rest.replace(address.text, " ")
    rest = re.sub(r"\[[^\]]{0,10}\]", " ", rest)
    words = _WORDS.findall(rest)
    chinese = sum(word >= "一" for word in words)
    return Verdict.NO_SIGN if chinese >= 6 or len(_ENGLISH.findall(rest)) >= 2 else Verdict.CANNOT_TELL


def _phrase_reasons(plain: str, rules: Mapping[str, Any]) -> Iterator[Reason]:
    sentences = [s for s in _SENTENCE.split(plain, maxsplit=_MAX_SENTENCES) if s.strip()]
    for signal in rules["signals"]:
        none = tuple(_flat(signal.get("none", ())))
        groups = [tuple(_flat(signal["any"]))] if "any" in signal else [tuple(group) for group in signal["all"]]
        for sentence in _spans(sentences, int(signal.get("sentences", 1))):
            if all(_one_of(group, sentence) for group in groups) and not _one_of(none, sentence):
                yield _reason(str(signal.get("same_as", signal["id"])), signal, sentence.strip())
                break


def _spans(sentences: list[str], length: int) -> Iterator[str]:
    """Each run of `length` sentences, and each sentence alone."""
    yield from sentences
    if length > 1:
        yield from (" ".join(sentences[at : at + length]) for at in range(len(sentences) - 1))


def _one_of(words: tuple[str, ...], sentence: str) -> bool:
    return any(word in sentence for word in words)


def _flat(words: Iterable[Any]) -> Iterator[str]:
    for word in words:
        if isinstance(word, list):
            yield from _flat(word)
        else:
            yield str(word)


def _address_reasons(plain: str, addresses: list[Address], rules: Mapping[str, Any]) -> Iterator[Reason]:
    rest = plain
    for address in addresses:
        rest = rest.replace(address.text, " ")
    about_filing = _one_of(tuple(rules["topic"]), rest)
    for address in addresses:
        for fault in faults_of(address, rules, about_filing=about_filing):
            yield _reason(fault, rules["links"][fault], address.text)


def _facts(plain: str, rules: Mapping[str, Any]) -> Iterator[Reason]:
    """Signs that are no phrases: a wrong date for the annual report, an authority on a mobile."""
    report = rules["annual_report"]
    for sentence in _SENTENCE.split(plain, maxsplit=_MAX_SENTENCES):
        if "年报" in sentence and ("电信" in sentence or "许可证" in sentence or "icp" in sentence):
            days = [f"{int(m[1] or m[3]):02}-{int(m[2] or m[4]):02}" for m in _DATE.finditer(sentence)]
            if days and not any(report["opens"] <= day <= report["make_up"] for day in days):
                yield _reason("wrong_report_date", rules["links"]["wrong_report_date"], sentence.strip())
    mobile = _MOBILE.search(plain)
    if mobile and _one_of(_AUTHORITIES, plain) and _one_of(_CALL, plain):
        yield _reason("mobile_of_authority", rules["links"]["mobile_of_authority"], mobile[0])


def _reason(signal: str, rule: Mapping[str, Any], found: str) -> Reason:
    shown = found if len(found) <= _EXCERPT else found[:_EXCERPT] + "…"
    return Reason(
        signal, int(rule["weight"]), Text.read(rule["reason"]), shown, str(rule["source"]), Text.read(rule["instead"])
    )


@lru_cache(maxsize=1)
def _rules() -> Mapping[str, Any]:
    return read_rules("content/scam_signals.yaml", keys=_KEYS)


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")
