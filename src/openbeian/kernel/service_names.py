"""What a website, app or mini-program may be called: finds every fault of a name by rules handed in as data."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from openbeian.kernel.domains import is_domain
from openbeian.kernel.errors import Problem, ValueRefused
from openbeian.kernel.text import Text
from openbeian.kernel.writing import count_han, fold


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRule:
    """One rule from the rulebook: which check (`id`), what it needs (`limit`, `words` or `marks`), how sure it is.

    A rule `for_individuals` concerns sponsors who are persons; `certain` False makes it advice.
    """

    id: str
    limit: int = 0
    words: tuple[str, ...] = ()
    marks: str = ""
    for_individuals: bool = False
    certain: bool = True


Finding = tuple[Text, Text]
_LONGEST = 200


def find_name_problems(
    name: str, rules: Iterable[NameRule], *, individual: bool, national_body: bool = False
) -> tuple[Problem, ...]:
    """Everything wrong with a name, in the order of the rules; empty for a good one.

    `individual` when the sponsor is a person; `national_body` when it may call itself 中国 or 国家.

    Raises: KeyError for a rule whose `id` is not in `CHECKS`.
    """
    try:
        folded = fold(name, limit=_LONGEST)
    except ValueRefused as refusal:
        return (refusal.problem,)
    if not folded:
        empty = Text("名称未填写。", "The name is missing."), Text("请填写服务名称。", "Give the service a name.")
        return (Problem(*empty, "service_name.empty"),)
    return tuple(_apply(folded, rules, individual=individual, national_body=national_body))


def _apply(name: str, rules: Iterable[NameRule], *, individual: bool, national_body: bool) -> Iterator[Problem]:
    for rule in rules:
        if (rule.for_individuals and not individual) or (rule.id == "national_heads" and national_body):
            continue
        if finding := CHECKS[rule.id](name, rule):
            yield Problem(*finding, f"service_name.{rule.id}", rule.certain)


def _fewest_han(name: str, rule: NameRule) -> Finding | None:
    if count_han(name) >= rule.limit:
        return None
    return (
        Text("名称少于 {n} 个汉字。", "The name has fewer than {n} Chinese characters.").format(n=rule.limit),
        Text("请使用至少 {n} 个汉字。", "Use at least {n} Chinese characters.").format(n=rule.limit),
    )


def _most_characters(name: str, rule: NameRule) -> Finding | None:
    if len(name) <= rule.limit:
        return None
    return (
        Text("名称超过 {n} 个字。", "The name is longer than {n} characters.").format(n=rule.limit),
        Text("建议缩短到 {n} 个字以内。", "Better keep it within {n} characters.").format(n=rule.limit),
    )


def _only_digits(name: str, _rule: NameRule) -> Finding | None:
    if not name.replace(" ", "").isdigit():
        return None
    return (
        Text("名称不能是纯数字。", "The name is nothing but digits."),
        Text("请改用说明内容的汉字名称。", "Use Chinese characters that tell the content."),
    )


def _only_latin(name: str, _rule: NameRule) -> Finding | None:
    letters = [c for c in name if c.isalpha()]
    if not letters or not all(unicodedata.name(c, "").startswith("LATIN") for c in letters):
        return None
    return (
        Text("名称不能是纯英文。", "The name is nothing but Latin letters."),
        Text("请改用说明内容的汉字名称。", "Use Chinese characters that tell the content."),
    )


def _special_characters(name: str, rule: NameRule) -> Finding | None:
    special = "".join(dict.fromkeys(c for c in name if not c.isalnum() and c not in rule.marks))
    if not special:
        return None
    shown = special.replace(" ", "␠")
    return (
        Text("名称含有特殊符号：{c}", "The name holds special characters: {c}").format(c=shown),
        Text("请去掉空格和标点。", "Leave out blanks and punctuation."),
    )


def _like_a_domain(name: str, _rule: NameRule) -> Finding | None:
    if "." not in name or not is_domain(name):
        return None
    return (
        Text("名称不能用域名。", "The name is a domain."),
        Text("请改用说明内容的汉字名称。", "Use Chinese characters that tell the content."),
    )


def _national_heads(name: str, rule: NameRule) -> Finding | None:
    head = next((word for word in rule.words if name.startswith(word)), None)
    if head is None:
        return None
    return (
        Text("名称以“{w}”开头。", "The name begins with “{w}”.").format(w=head),
        Text("除国家级单位外不能使用，请去掉。", "Only national bodies may use it; leave it out."),
    )


def _individual_words(name: str, rule: NameRule) -> Finding | None:
    found = "、".join(word for word in rule.words if word in name)
    if not found:
        return None
    return (
        Text("个人主办的服务名称含有“{w}”。", "The name of a person's service holds “{w}”.").format(w=found),
        Text(
            "请去掉，或以单位名义备案。",
            "Leave it out, or file in the name of an organisation.",
        ),
    )


CHECKS: dict[str, Callable[[str, NameRule], Finding | None]] = {
    "fewest_han": _fewest_han,
    "most_characters": _most_characters,
    "only_digits": _only_digits,
    "only_latin": _only_latin,
    "special_characters": _special_characters,
    "like_a_domain": _like_a_domain,
    "national_heads": _national_heads,
    "trade_words": _individual_words,
    "community_words": _individual_words,
    "place_words": _individual_words,
}
"""The checks a rule may name."""
