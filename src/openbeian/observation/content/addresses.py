"""Finds web addresses in a message and says what is wrong with them: imitation, tricks, hidden destinations."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

MAX_ADDRESSES = 50

_LETTER = r"a-z0-9\u00c0-\u024f\u0370-\u03ff\u0400-\u052f"
_ADDRESS = re.compile(
    rf"(?:(?P<scheme>h(?:tt|xx)ps?)://+(?P<user>[^\s/@<>\"'，。]{{1,100}}@)?|(?<![{_LETTER}@.-]))"
    rf"(?P<host>(?:[{_LETTER}-]{{1,63}}\.){{1,10}}[a-z\u0400-\u04ff][{_LETTER}-]{{1,30}}|\d{{1,3}}(?:\.\d{{1,3}}){{3}})"
    r"(?P<port>:\d{1,5})?(?P<path>[/?#][!-~]{0,300})?",
    re.I,
)
_NUMERIC = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_PROGRAM = re.compile(r"\.(?:apk|exe|msi|bat|scr|mobileconfig)(?:$|[?#])", re.I)
_FILE_NAME = re.compile(r"\.(?:txt|pdf|docx?|xlsx?|png|jpe?g|html?|php|js|py|zip)$", re.I)
# Letters of other scripts, and digits, that pass for Latin letters at a glance.
_CONFUSABLE = str.maketrans(
    "аеорсухіјѕԁһӏвнкмтοαιντυρε013íìîïáàâäéèêëóòôöúùûüñç", "aeopcyxijsdhlbhkmtoaivtupeoleiiiiaaaaeeeeoooouuuunc"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A web address in a message: `host` in lower case, `user` what stands before an `@`."""

    text: str
    scheme: str
    user: str
    host: str
    path: str


def find_addresses(message: str) -> list[Address]:
    """The addresses of a message, at most MAX_ADDRESSES; e-mail addresses and file names are none."""
    found = []
    for m in _ADDRESS.finditer(message.replace("。", ". ") if "。" in message else message):
        host = m["host"].lower().rstrip(".")
        mailbox = not m["scheme"] and m.start("host") > 0 and message[m.start("host") - 1] == "@"
        if mailbox or (not m["scheme"] and (_FILE_NAME.search(host) or not re.search("[^0-9.]", host))):
            continue
        found.append(Address(m[0], (m["scheme"] or "").lower(), (m["user"] or "")[:-1].lower(), host, m["path"] or ""))
        if len(found) == MAX_ADDRESSES:
            break
    return found


def is_under(host: str, domains: Collection[str]) -> bool:
    """Whether a host is one of the domains or stands under one."""
    labels = host.split(".")
    return any(".".join(labels[place:]) in domains for place in range(len(labels)))


def readable(host: str) -> str:
    """A host with its punycode labels decoded, as a browser might show it."""
    return ".".join(_decoded(label) for label in host.split("."))


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label


def faults_of(address: Address, rules: Mapping[str, Any], *, about_filing: bool) -> list[str]:
    """The ids (keys of `links` in scam_signals.yaml) of what is wrong with an address; empty for official ones."""
    official, providers = rules["official_domains"], rules["provider_domains"]
    host = address.host
    faults = []
    if _PROGRAM.search(address.path):
        faults.append("program_download")
    if is_under(host, official) and host.isascii() and not address.user:
        return faults
    if address.user and (is_under(address.user.partition(":")[0], official) or "." in address.user):
        faults.append("user_trick")
    shown = readable(host)
    skeleton = shown.translate(_CONFUSABLE).replace("rn", "m").replace("vv", "w")
    if skeleton != host and any(is_under(s, official) for s in (skeleton, skeleton.replace("l", "i"))):
        faults.append("homograph")
    elif any(f"{end}." in f"{host}." and f".{end}." in f".{host}." for end in official):
        faults.append("sub_domain_trick")
    elif not is_under(host, providers):
        faults += _imitation(host, skeleton, address, rules, about_filing=about_filing)
    if address.scheme in {"http", "hxxp"}:
        faults.append("plain_http")
    return faults


def _imitation(
    host: str, skeleton: str, address: Address, rules: Mapping[str, Any], *, about_filing: bool
) -> list[str]:
    forms = {host, skeleton, skeleton.replace("l", "i")}
    if any(str(word) in form for form in forms for word in rules["imitated_words"]):
        return ["look_alike"]
    if is_under(host, rules["short_link_domains"]):
        return ["short_link"]
    if _NUMERIC.fullmatch(host):
        return ["ip_link"]
    if any(word in host for word in rules["topic_words_in_hosts"]) or (
        about_filing and (address.scheme or len(address.path) > 1)
    ):
        return ["foreign_link"]
    return ["foreign_link"] if "gov.cn" in unquote(address.path) else []
