"""Domain names by IDNA 2008 and the public suffix list: filings hold registrable domains, nothing above or below them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

import idna

from openbeian.kernel.errors import Problem, ValueRefused
from openbeian.kernel.text import Text
from openbeian.kernel.writing import EXCERPT, squeeze

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

LONGEST_NAME = 253
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:/*", re.IGNORECASE)
# Letters, digits and single hyphens: IDNA 2008 has nothing to say about such labels, and asking it takes 0.2 ms.
_PLAIN_LABEL = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_PLAIN_NAME = re.compile(rf"(?=.{{1,{LONGEST_NAME}}}\Z)(?:(?=[^.]{{1,63}}(?:\.|\Z)){_PLAIN_LABEL}(?:\.|\Z))+", re.ASCII)
# Nor about labels of common Chinese characters, letters and digits: all of them are allowed and stay as they are.
_PLAIN_CHINESE = re.compile("[a-z0-9\u4e00-\u9fff]{1,63}(?:\\.[a-z0-9\u4e00-\u9fff]{1,63})+")
_FULL_STOPS = str.maketrans({"。": ".", "．": ".", "｡": "."})
_WRITE = Text("请只填写域名，如 example.cn 或 例子.中国。", "Give the bare domain, such as example.cn or 例子.中国.")


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain name in its ASCII form (`name`), with the public suffix and the registrable domain it lies in."""

    name: str
    suffix: str
    registrable: str

    @property
    def unicode(self) -> str:
        """The form people read: 例子.中国."""
        return idna.decode(self.name)

    @property
    def is_registrable(self) -> bool:
        """False for a sub-domain such as www.example.cn."""
        return self.name == self.registrable


@lru_cache(maxsize=1000)
def parse_domain(text: str) -> Domain:
    """The domain a text names, in Chinese or ASCII form, in any case, with or without the root's dot.

    Raises: ValueRefused for a URL (the fix strips it), an address, a wildcard, an underscore, a bare public suffix,
    a top-level domain not on the list (not certain: the list may be old) and whatever IDNA 2008 forbids.
    """
    name = text.lower()
    if _PLAIN_CHINESE.fullmatch(name) and not name.isascii():
        name = ".".join(map(_encode_label, name.split(".")))
    if not (_PLAIN_NAME.fullmatch(name) and name[-1].isalpha()) and not _ends_encoded(name):
        squeezed = squeeze(text, limit=1000).translate(_FULL_STOPS)
        _refuse_what_is_no_name(squeezed, text)
        name = _to_ascii(squeezed.removesuffix("."), text)
    suffix = _suffixes().publicsuffix(name)
    if suffix is None:
        zh = "顶级域“{tld}”不在公共后缀表中。"
        en = "The top-level domain “{tld}” is not on the public suffix list."
        fix = Text(
            "请检查拼写；新的顶级域请先在工信部核实是否获批。", "Check the spelling; ask whether MIIT approved it."
        )
        raise _refusal("unknown_suffix", zh, en, text, fix, certain=False, tld=name.rpartition(".")[2])
    if suffix == name:
        zh, en = "“{name}”是公共后缀，不是可注册的域名。", "“{name}” is a public suffix and nobody's own domain."
        fix = Text("请填写您注册的完整域名，如 example.{s}。", "Give the whole domain, such as example.{s}.").format(
            s=name
        )
        raise _refusal("bare_suffix", zh, en, text, fix, name=name)
    own = name[: -len(suffix) - 1].rpartition(".")[2]
    return Domain(name, suffix, f"{own}.{suffix}")


def check_filing_domain(text: str) -> Domain:
    """The domain for a filing. Raises: ValueRefused as `parse_domain`, and for a sub-domain (the fix names its parent).

    Source: providers' practice, one filing covers all sub-domains (confidence M).
    """
    domain = parse_domain(text)
    if not domain.is_registrable:
        zh, en = "“{name}”是 {parent} 的子域名。", "“{name}” is a sub-domain of {parent}."
        fix = Text("备案请填写 {parent}。", "File {parent}.").format(parent=domain.registrable)
        raise _refusal("sub_domain", zh, en, text, fix, name=domain.name, parent=domain.registrable)
    return domain


def is_domain(text: str) -> bool:
    """Whether a text reads as a domain under a known suffix."""
    try:
        parse_domain(text)
    except ValueRefused:
        return False
    return True


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # a tenth of a second to load

    return PublicSuffixList(accept_unknown=False, only_icann=True)


def _refuse_what_is_no_name(squeezed: str, text: str) -> None:
    if not squeezed:
        raise _refusal("empty", "这里没有域名。", "There is no domain here.", text)
    bare = _SCHEME.sub("", squeezed, count=1) if "/" in squeezed or "?" in squeezed else squeezed
    bare = re.split(r"[/?#]", bare, maxsplit=1)[0]
    if _is_address(squeezed) or _is_address(bare):
        zh, en = "这是 IP 地址，不是域名。", "This is an IP address and no domain."
        raise _refusal("address", zh, en, text)
    if bare != squeezed or (":" in squeezed and squeezed.rpartition(":")[2].isdigit()):
        host = bare.rpartition("@")[2].partition(":")[0]
        fix = Text("请只填写 {host}。", "Give only {host}.").format(host=host[:EXCERPT]) if host else _WRITE
        raise _refusal("url", "这是网址，不是域名。", "This is a URL and no domain.", text, fix)
    if len(text.split()) > 1:
        # Squeezing would make one name out of two, and file a domain that nobody meant.
        zh, en = "域名中间有空格。", "There is a space inside the domain."
        fix = Text("每行只填一个域名，去掉空格。", "Give one domain a line, without spaces.")
        raise _refusal("space", zh, en, text, fix)
    if "@" in squeezed:
        raise _refusal("mailbox", "这是邮箱地址，不是域名。", "This is a mailbox and no domain.", text)
    if "*" in squeezed:
        fix = Text("请填写 {name}。", "Give {name}.").format(name=squeezed.replace("*.", "")[:EXCERPT])
        raise _refusal("wildcard", "不能使用通配符。", "No wildcard is allowed.", text, fix)
    if "_" in squeezed:
        raise _refusal("underscore", "域名不能含有下划线。", "A domain has no underscore.", text)


def _is_address(text: str) -> bool:
    host = text.removeprefix("[").partition("]")[0]
    for candidate in (host, host.partition(":")[0]):
        try:
            ip_address(candidate)
        except ValueError:
            continue
        return True
    return False


def _ends_encoded(name: str) -> bool:
    """Whether a plain name stands under an encoded top-level domain, such as xn--fiqs8s for 中国."""
    head, _, last = name.rpartition(".")
    return last.startswith("xn--") and _PLAIN_NAME.fullmatch(head) is not None and _is_encoded(last)


@lru_cache(1_000)
def _is_encoded(label: str) -> bool:
    try:
        return idna.encode(idna.decode(label), uts46=True, std3_rules=True).decode("ascii") == label
    except (idna.IDNAError, UnicodeError):
        return False


def _encode_label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"


def _to_ascii(text: str, original: str) -> str:
    try:
        name = text.lower()
        if not _PLAIN_NAME.fullmatch(name) or name.endswith("."):
            name = idna.encode(text, uts46=True, std3_rules=True).decode("ascii").lower()
            idna.decode(name)
    except (idna.IDNAError, UnicodeError) as wrong:
        if "too long" in str(wrong).lower():
            raise _too_long(original) from wrong
        zh, en = (
            "域名含有不允许的字符、连字符或空的一节。",
            "The domain holds a character, hyphen or empty label not allowed.",
        )
        raise _refusal("idna", zh, en, original) from wrong
    if len(name) > LONGEST_NAME:
        raise _too_long(original)
    labels = name.split(".")
    if labels[-1].isdigit():
        raise _refusal("numeric", "顶级域不能全是数字。", "A top-level domain is not a number.", original)
    return name


def _too_long(text: str) -> ValueRefused:
    zh = "域名过长：每节不超过 63 个字符，全长不超过 253 个。"
    return _refusal("too_long", zh, "Too long: 63 characters to a label and 253 in all.", text)


def _refusal(
    reason: str, zh: str, en: str, value: str, fix: Text = _WRITE, *, certain: bool = True, **places: object
) -> ValueRefused:
    return ValueRefused(Problem(Text(zh, en).format(**places), fix, f"domain.{reason}", certain), value[:EXCERPT])
