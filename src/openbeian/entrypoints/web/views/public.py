"""公共查询: anybody looks up what stands on record, without signing in. Light, cacheable, limited per address.

These views need no session: `middleware.PublicShortcut` calls them before the session is loaded.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote_plus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from openbeian.documents.extracts import DISCLAIMER, list_sections
from openbeian.documents.lookup import Verification, answer_public_question, verify_extract, verify_paper
from openbeian.documents.paper import list_labels
from openbeian.entrypoints.web.actors import client_address
from openbeian.entrypoints.web.gates import public
from openbeian.entrypoints.web.rate_limits import WINDOW_S, RateLimit
from openbeian.kernel.text import Text
from openbeian.registry.asking import LONGEST_QUESTION, Question
from openbeian.registry.lookup import Answer, PublicRecord, look_up

CACHED_S = 60
limit = RateLimit("public")
_MARK = re.compile(r"@@([a-z]+)@@")
TOO_OFTEN = Text(
    "查询太频繁，请 {seconds} 秒后再试。需要批量核对时请用“导入备案清单”。",
    "Too many questions; try again in {seconds} seconds. To check many at once, import them as a portfolio.",
)


@require_safe
@public
def look_up_as_json(request: HttpRequest) -> HttpResponse:
    """`?q=` a domain, number, name or extract code; the answer of `answer_public_question`."""
    wait = _seconds_to_wait(request)
    if wait:
        refusal = {"error": "too_many_requests", "message": TOO_OFTEN.format(seconds=wait).as_json()}
        return _refuse(HttpResponse(_dump(refusal), "application/json", 429), wait)
    response = HttpResponse(_dump(answer_public_question(_question(request))), "application/json")
    return _cacheable(request, response)


@require_safe
@public
def show_lookup(request: HttpRequest) -> HttpResponse:
    """The page: one field, and under it what stands on record."""
    text, language = _question(request), _language(request)
    if not text:
        return _cacheable(request, _show(language))
    wait = _seconds_to_wait(request)
    if wait:
        return _refuse(_show_refusal(language, text, wait), wait)
    verification = verify_extract(text)
    if verification:
        context = {"language": language, **_extract_context(verification)}
        return _cacheable(request, _show(language, text, render_to_string("openbeian/public/extract.html", context)))
    paper = verify_paper(text)
    if paper:
        body = render_to_string("openbeian/public/paper.html", {"language": language, "paper": paper})
        return _cacheable(request, _show(language, text, str(body)))
    return _cacheable(request, _show(language, text, _render_answer(look_up(text), language)))


@require_safe
@public
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """What a paper's QR code opens: what it said, and whether the record still says so."""
    wait = _seconds_to_wait(request)
    if wait:
        return _refuse(_show_refusal(_language(request), code[:40], wait), wait)
    verification = verify_extract(code)
    if verification is None:
        paper = verify_paper(code)
        return _render(request, "verify", {"code": code[:40], "paper": paper}, 200 if paper else 404)
    return _cacheable(request, _render(request, "verify", _extract_context(verification), 200))


def _extract_context(verification: Verification) -> dict[str, Any]:
    return {
        "verification": verification,
        "extract": verification.extract,
        "sections": list_sections(verification.extract.content, list_labels()),
        "disclaimer": DISCLAIMER,
    }


def _question(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[: LONGEST_QUESTION + 1]


def _seconds_to_wait(request: HttpRequest) -> int:
    per_minute = settings.PUBLIC_LOOKUPS_PER_MINUTE
    return limit.seconds_to_wait(client_address(request), per_minute)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _show_refusal(language: str, text: str, wait: int) -> HttpResponse:
    context = {"language": language, "refusal": TOO_OFTEN.format(seconds=wait)}
    return _show(language, text, render_to_string("openbeian/public/refused.html", context), 429)


def _show(language: str, text: str = "", body: str = "", status: int = 200) -> HttpResponse:
    """The look-up's page around a body that is safe HTML."""
    address = escape(_other_language_url("/public/", language, text))
    page = _fill(_frame(language), {"text": escape(text), "address": address, "body": body})
    return _describe(HttpResponse(page, status=status), language)


def _render_answer(answer: Answer, language: str) -> str:
    """The answer as HTML; the most frequent one, a single record, is filled into a form rendered before."""
    if len(answer.records) != 1:
        return render_to_string("openbeian/public/answer.html", {"language": language, "answer": answer})
    (record,) = answer.records
    values = {
        "asked": answer.question.value,
        "number": record.number,
        "name": record.name,
        "sponsor": record.sponsor_name,
        "domains": "、".join(record.domains),
        "granted": record.granted_on,
    }
    form = _single_record(language, record.kind, record.nature, record.standing, has_domains=bool(record.domains))
    return _fill(form, {name: escape(value) for name, value in values.items()})


@lru_cache(maxsize=512)
def _single_record(language: str, kind: str, nature: str, standing: str, *, has_domains: bool) -> tuple[str, ...]:
    domains = ("@@domains@@",) if has_domains else ()
    record = PublicRecord("@@number@@", "@@name@@", kind, nature, "", "@@sponsor@@", domains, "@@granted@@", standing)
    answer = Answer(Question("domain", "@@asked@@"), (record,))
    return tuple(
        _MARK.split(render_to_string("openbeian/public/answer.html", {"language": language, "answer": answer}))
    )


def _fill(pieces: tuple[str, ...], values: dict[str, str]) -> str:
    """Every second piece is the name of a value; values are inserted once, so that no value is read for marks."""
    return "".join(values[piece] if i % 2 else piece for i, piece in enumerate(pieces))


@lru_cache(maxsize=2)
def _frame(language: str) -> tuple[str, ...]:
    """The page without what differs from question to question: pieces, and between them the names of what goes there.

    Rendering it takes three times as long as all the rest of an answer.
    """
    marks = {"text": "@@text@@", "other_language_url": "@@address@@", "body": "@@body@@", "longest": LONGEST_QUESTION}
    base = {"language": language, "version": settings.VERSION, "is_demo": settings.DEMO}
    return tuple(_MARK.split(render_to_string("openbeian/public/lookup.html", base | marks)))


def _render(request: HttpRequest, name: str, context: dict[str, Any], status: int) -> HttpResponse:
    """Rendered without the request: no session, no token and no message, so that the page is the same for all."""
    language = _language(request)
    base = {
        "language": language,
        "version": settings.VERSION,
        "is_demo": settings.DEMO,
        "other_language_url": _other_language_url(request.path, language),
    }
    return _describe(
        HttpResponse(render_to_string(f"openbeian/public/{name}.html", base | context), status=status), language
    )


def _language(request: HttpRequest) -> str:
    wanted = request.GET.get("lang") or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return "en" if wanted == "en" else "zh"


def _other_language_url(path: str, language: str, text: str = "") -> str:
    asked = f"q={quote_plus(text)}&" if text else ""
    return f"{path}?{asked}lang={'zh' if language == 'en' else 'en'}"


def _describe(response: HttpResponse, language: str) -> HttpResponse:
    response.headers["Vary"] = "Cookie"
    response.headers["Content-Language"] = "en" if language == "en" else "zh-CN"
    return response


def _cacheable(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Anybody may keep it for a minute; after that a matching tag saves sending it again."""
    tag = f'"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
    known = request.META.get("HTTP_IF_NONE_MATCH", "")
    if known and tag in known:
        same = HttpResponseNotModified()
        if "Vary" in response.headers:
            same.headers["Vary"] = response.headers["Vary"]
        response = same
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = f"public, max-age={CACHED_S}"
    return response


def _refuse(response: HttpResponse, wait: int) -> HttpResponse:
    response.headers["Retry-After"] = str(min(wait, WINDOW_S))
    response.headers["Cache-Control"] = "no-store"
    return response
