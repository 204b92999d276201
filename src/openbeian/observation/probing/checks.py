"""From what was seen to answers in three values: doors, certificate, registration, title, footer, words. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

from openbeian.kernel.answers import Answer
from openbeian.kernel.domains import parse_domain
from openbeian.kernel.errors import ValueRefused
from openbeian.kernel.text import Text
from openbeian.observation.content.comparison import compare_with_record, form_of_province
from openbeian.observation.content.footer import FooterReading, LinkState
from openbeian.observation.content.page import PageReading
from openbeian.observation.probing.record import (
    NO_DETAIL,
    Certificate,
    CheckKind,
    CheckResult,
    DomainRegistration,
    Exchange,
    ProbeTarget,
    Whose,
)

# Answers of firewalls, logins and overload: they say who is asking, not how the site is.
_BLOCKED = frozenset({401, 403, 405, 406, 407, 412, 418, 421, 423, 425, 429, 444, 449, 451, 493, 499, 503, 521, 567})
_UNSEEN = frozenset(
    {"address_not_public", "too_large", "unknown_encoding", "network_unreachable", "no_resolution", "bad_redirect"}
)
_DOWN = frozenset({"refused", "no_https"})
_IRRELEVANT = re.compile(r"[\W_]+")
_LINKS = {
    LinkState.MISSING: "link_missing",
    LinkState.OBSOLETE: "link_obsolete",
    LinkState.WRONG: "link_wrong",
}


def check_doors(target: ProbeTarget, http: Exchange | None, https: Exchange | None) -> list[CheckResult]:
    """Whether the site answers by each door that was tried."""
    found = []
    if http is not None:
        result = check_door(CheckKind.HTTP, target, http)
        if http.trouble in _DOWN and https is not None and not https.trouble:
            result = CheckResult(CheckKind.HTTP, Answer.MET, "https_only")
        found.append(result)
    if https is not None:
        result = check_door(CheckKind.HTTPS, target, https)
        if https.trouble in _DOWN and http is not None and not http.trouble:
            # Nothing obliges a site to offer HTTPS; it is worth saying, and no breach.
            result = CheckResult(CheckKind.HTTPS, Answer.CANNOT_TELL, "no_https")
        found.append(result)
    return found


def check_door(kind: CheckKind, target: ProbeTarget, seen: Exchange) -> CheckResult:
    """One door: what the last answer of its chain of redirects was worth."""
    chain = " → ".join(f"{hop.url} {hop.status or ''}".strip() for hop in seen.hops)[:1000]
    detail = Text(chain, chain)
    if seen.trouble:
        unseen = seen.trouble in _UNSEEN or seen.whose is Whose.OURS
        return CheckResult(kind, Answer.CANNOT_TELL if unseen else Answer.NOT_MET, seen.trouble, seen.whose, detail)
    if seen.status in _BLOCKED:
        return CheckResult(kind, Answer.CANNOT_TELL, "blocked", Whose.UNKNOWN, detail)
    if seen.status >= 500:
        return CheckResult(kind, Answer.NOT_MET, "server_error", detail=detail)
    if seen.status >= 400:
        return CheckResult(kind, Answer.NOT_MET, "page_missing", detail=detail)
    if not 200 <= seen.status < 300:
        return CheckResult(kind, Answer.NOT_MET, "bad_redirect", detail=detail)
    if not seen.page_bytes:
        return CheckResult(kind, Answer.NOT_MET, "empty_page", detail=detail)
    return CheckResult(kind, Answer.MET, "redirects_elsewhere" if _leaves(target, seen) else "", detail=detail)


def _leaves(target: ProbeTarget, seen: Exchange) -> bool:
    """Whether the chain ended under another registrable domain."""
    host = seen.final_url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
    try:
        return parse_domain(host).registrable != parse_domain(target.domain).registrable
    except ValueRefused:
        return False


def check_certificate(certificate: Certificate, at: datetime, warning_days: int) -> CheckResult:
    """The certificate's own answer; `certificate_expires_soon` is met, and says so."""
    until = certificate.valid_until
    shown = until.date().isoformat() if until else certificate.subject
    detail = Text(f"{certificate.issuer}，{shown}", f"{certificate.issuer}, {shown}") if until else NO_DETAIL
    if certificate.trouble in {"no_https", "tls_failed", "timeout", "network_unreachable"}:
        # The door's own check tells of these; one fault is told once.
        return CheckResult(CheckKind.CERTIFICATE, Answer.CANNOT_TELL, certificate.trouble, certificate.whose)
    if certificate.trouble:
        return CheckResult(CheckKind.CERTIFICATE, Answer.NOT_MET, certificate.trouble, detail=detail)
    soon = until is not None and until - at < timedelta(days=warning_days)
    return CheckResult(CheckKind.CERTIFICATE, Answer.MET, "certificate_expires_soon" if soon else "", detail=detail)


def check_registration(
    target: ProbeTarget, registration: DomainRegistration, at: datetime, warning_days: int, *, resolves: bool
) -> CheckResult:
    """Whether the domain is still held, and by the sponsor. A missing entry counts only if the name is gone too."""
    kind = CheckKind.DOMAIN_EXPIRY
    if registration.trouble == "not_registered" and not resolves:
        return CheckResult(kind, Answer.NOT_MET, "not_registered")
    if registration.trouble or registration.expires_at is None:
        return CheckResult(kind, Answer.CANNOT_TELL, registration.trouble or "registration_unreadable", Whose.UNKNOWN)
    shown = registration.expires_at.date().isoformat()
    if registration.expires_at <= at:
        return CheckResult(kind, Answer.NOT_MET, "domain_expired", detail=Text(shown, shown))
    if target.holder and registration.holder and _core(target.holder) != _core(registration.holder):
        held = Text(f"持有者：{registration.holder}", f"Holder: {registration.holder}")
        return CheckResult(kind, Answer.CANNOT_TELL, "holder_differs", Whose.UNKNOWN, held)
    soon = registration.expires_at - at < timedelta(days=warning_days)
    return CheckResult(kind, Answer.MET, "domain_expires_soon" if soon else "", detail=Text(shown, shown))


def check_title(target: ProbeTarget, page: PageReading | None) -> CheckResult:
    """Whether the page's title holds the filed name, or is a part of it."""
    if page is None:
        return CheckResult(CheckKind.TITLE, Answer.CANNOT_TELL, "page_not_read", Whose.UNKNOWN)
    if not target.filed_name:
        return CheckResult(CheckKind.TITLE, Answer.CANNOT_TELL, "no_filed_name")
    filed, title = _core(target.filed_name), _core(page.title)
    if not title:
        reason = "no_title" if page.footer.certain else "page_by_scripts"
        return CheckResult(CheckKind.TITLE, Answer.CANNOT_TELL, reason, Whose.UNKNOWN)
    if filed in title or (len(title) >= 2 and title in filed):
        return CheckResult(CheckKind.TITLE, Answer.MET)
    detail = Text(
        f"标题“{page.title}”，备案名称“{target.filed_name}”", f"title “{page.title}”, filed “{target.filed_name}”"
    )
    return CheckResult(CheckKind.TITLE, Answer.NOT_MET, "title_differs", detail=detail)


def _core(name: str) -> str:
    """A name without spaces, signs and widths."""
    return _IRRELEVANT.sub("", unicodedata.normalize("NFKC", name)).casefold()


def check_footer(target: ProbeTarget, page: PageReading | None, on: date) -> list[CheckResult]:
    """Whether the number on record is shown in the province's form, and linked; `on` is the legal day in China."""
    kinds = (CheckKind.FOOTER_NUMBER, CheckKind.FOOTER_LINK)
    if page is None:
        return [CheckResult(kind, Answer.CANNOT_TELL, "page_not_read", Whose.UNKNOWN) for kind in kinds]
    seen = page.footer
    compared = compare_with_record(seen, target.expected_numbers, form_of_province(target.province), on)
    shown = "、".join((*seen.icp_filing, *seen.icp_licence, *seen.telecom_licence, *seen.near_misses))[:500]
    detail = Text(shown, shown)
    has_number = bool(seen.icp_filing or seen.icp_licence or seen.telecom_licence)
    absence = "number_missing" if seen.certain else "page_by_scripts"
    if compared.number is Answer.MET and compared.form is not Answer.NOT_MET:
        number = CheckResult(kinds[0], Answer.MET, detail=detail)
    elif compared.number is Answer.MET:
        number = CheckResult(kinds[0], Answer.NOT_MET, "number_form_differs", detail=detail)
    elif not target.expected_numbers and has_number:
        number = CheckResult(kinds[0], Answer.CANNOT_TELL, "no_number_on_record", detail=detail)
    elif not has_number:
        # A page must show a number whether or not we know which.
        missing = Answer.NOT_MET if seen.certain else Answer.CANNOT_TELL
        number = CheckResult(kinds[0], missing, absence, detail=detail)
    else:
        number = CheckResult(kinds[0], compared.number, "number_differs", detail=detail)
    return [number, _check_link(seen, compared.link, absence)]


def _check_link(seen: FooterReading, answer: Answer, absence: str) -> CheckResult:
    if seen.link is LinkState.NONE:
        # No number, no link to judge: the number's own check tells of it.
        return CheckResult(CheckKind.FOOTER_LINK, Answer.CANNOT_TELL, absence)
    return CheckResult(CheckKind.FOOTER_LINK, answer, _LINKS.get(seen.link, ""))


def check_content(page: PageReading | None) -> CheckResult:
    """Whether listed words stand on the page; prohibited classes are hints for a person, never a verdict."""
    if page is None:
        return CheckResult(CheckKind.CONTENT, Answer.CANNOT_TELL, "page_not_read", Whose.UNKNOWN)
    words = "、".join(dict.fromkeys(hit.matched for hit in page.audit.hits))[:500]
    detail = Text(words, words)
    if any(not hit.term.hint for hit in page.audit.hits):
        return CheckResult(CheckKind.CONTENT, Answer.NOT_MET, "words_found", detail=detail)
    if page.audit.hits:
        return CheckResult(CheckKind.CONTENT, Answer.CANNOT_TELL, "words_to_review", Whose.UNKNOWN, detail)
    return CheckResult(CheckKind.CONTENT, Answer.MET)
