"""Where a site's addresses lie: in the declared ranges, with its provider, in a delivery network, abroad. Pure."""

from __future__ import annotations

from openbeian.kernel.answers import Answer
from openbeian.kernel.text import Text
from openbeian.observation.probing.knowledge import ProbeKnowledge, Ranges
from openbeian.observation.probing.record import Access, CheckKind, CheckResult, DnsAnswers, Whose

_SILENT = ("timeout", "refused")
_MOST_SHOWN = 5


def check_dns(answers: DnsAnswers) -> CheckResult:
    """Whether the name resolves; silence of all resolvers is our own trouble, errors are nobody's yet."""
    troubles = [answer.trouble for answer in answers.resolvers]
    if answers.addresses:
        differ = any(trouble in {"no_such_name", "no_answer"} for trouble in troubles)
        return CheckResult(
            CheckKind.DNS, Answer.MET, "resolvers_differ" if differ else "", detail=_by_resolver(answers)
        )
    if not troubles or all(trouble in _SILENT for trouble in troubles):
        return CheckResult(CheckKind.DNS, Answer.CANNOT_TELL, "resolvers_silent", Whose.OURS, _by_resolver(answers))
    if any(trouble in {"no_such_name", "no_answer"} for trouble in troubles):
        return CheckResult(CheckKind.DNS, Answer.NOT_MET, "no_resolution", detail=_by_resolver(answers))
    return CheckResult(CheckKind.DNS, Answer.CANNOT_TELL, "resolution_failed", Whose.UNKNOWN, _by_resolver(answers))


def _by_resolver(answers: DnsAnswers) -> Text:
    said = "; ".join(
        f"{each.resolver}: {', '.join((*each.ipv4, *each.ipv6)[:_MOST_SHOWN]) or each.trouble}"
        for each in answers.resolvers
    )
    return Text(said, said)


def see_access(answers: DnsAnswers, declared: Ranges, knowledge: ProbeKnowledge) -> Access:
    """The addresses sorted by where they lie."""
    addresses = answers.addresses
    outside = tuple(address for address in addresses if address not in declared)
    network = knowledge.find_network(answers.aliases, outside)
    return Access(
        addresses=addresses,
        outside=outside if declared else (),
        abroad=tuple(address for address in outside if knowledge.is_abroad(address)),
        provider=network.id if network else "",
        cdn=network.id if network else "",
    )


def check_access(access: Access, declared: Ranges, provider: Ranges, knowledge: ProbeKnowledge) -> CheckResult:
    """Whether the site is where its access says.

    `declared` are the ranges on record, `provider` all ranges of its access providers; either may be empty. An
    address family of which nothing is declared counts as outside only beside a declared one that fits nowhere.
    """
    if not access.addresses:
        return CheckResult(CheckKind.ACCESS, Answer.CANNOT_TELL, "no_resolution")
    strangers = [address for address in access.addresses if address not in declared]
    shown = ", ".join(strangers[:_MOST_SHOWN])
    if not strangers:
        return CheckResult(CheckKind.ACCESS, Answer.MET)
    network = next((each for each in knowledge.networks if each.id == access.cdn), None)
    # An alias of a foreign network says nothing of where a visitor from the mainland arrives; its addresses do.
    if access.abroad:
        return _not_met("resolves_abroad", ", ".join(access.abroad[:_MOST_SHOWN]))
    if network is not None:
        detail = Text(f"{network.name.zh}：{shown}", f"{network.name.en}: {shown}")
        return CheckResult(CheckKind.ACCESS, Answer.CANNOT_TELL, "suspected_cdn", detail=detail)
    if not declared:
        return CheckResult(CheckKind.ACCESS, Answer.CANNOT_TELL, "nothing_declared", detail=Text(shown, shown))
    if not any(declared.holds_family_of(address) for address in strangers):
        # Only the other family is declared: IPv6 often is not, and proves nothing against the site.
        return CheckResult(CheckKind.ACCESS, Answer.CANNOT_TELL, "nothing_declared", detail=Text(shown, shown))
    elsewhere = bool(provider) and not any(address in provider for address in access.addresses)
    return _not_met(
        "not_accessed" if elsewhere and len(strangers) == len(access.addresses) else "address_differs", shown
    )


def _not_met(reason: str, shown: str) -> CheckResult:
    return CheckResult(CheckKind.ACCESS, Answer.NOT_MET, reason, detail=Text(shown, shown))
