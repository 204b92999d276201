"""What happens to every request and response: headers, language, the actor, refusals as pages."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from allauth.core.exceptions import ImmediateHttpResponse, RateLimited, ReauthenticationRequired
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

from openbeian.accounts.queries import is_installed
from openbeian.entrypoints.web.actors import find_actor
from openbeian.entrypoints.web.refusals import render_refusal
from openbeian.kernel.errors import OpenBeianError

log = logging.getLogger(__name__)

Next = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)

OPEN_BEFORE_FIRST_RUN = {"/first-run/", "/language/", "/health"}

# Ways of Django and allauth to answer from deep inside a view; they turn them into responses further out.
NOT_FAULTS = (Http404, PermissionDenied, ImmediateHttpResponse, ReauthenticationRequired, RateLimited)


class SecurityHeaders:
    """A strict policy on every response: nothing inline, nothing from other hosts, no framing."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
        response.headers.setdefault("X-Frame-Options", "DENY")
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            # A shared computer's back button must not show somebody's papers.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class ReaderLanguage:
    """Chinese unless the reader chose English; the choice is a cookie, so that it works before signing in."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = "en" if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) == "en" else "zh"
        request.language = language  # type: ignore[attr-defined]
        with translation.override("en" if language == "en" else "zh-hans"):
            response = self.get_response(request)
        response.headers["Content-Language"] = "en" if language == "en" else "zh-CN"
        return response


class CurrentActor:
    """Puts `request.actor`: who acts, for which organisation, with which rights. None for the public.

    While nobody exists, every address leads to the page that makes the first administrator.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = find_actor(request)
        request.actor = actor  # type: ignore[attr-defined]
        # Only the public pays for this look: where somebody is signed in, somebody exists.
        if actor is None and request.path not in OPEN_BEFORE_FIRST_RUN and not is_installed():
            return redirect("first_run")
        return self.get_response(request)


class Refusals:
    """An expected refusal becomes a page that says what to do next; a fault of ours gets a number to quote."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OpenBeianError) and exception.status < 500:
            log.info("refused", extra={"code": exception.code, "path": request.path})
            return render_refusal(request, exception)
        if isinstance(exception, NOT_FAULTS):
            return None
        identifier = uuid.uuid4().hex[:12]
        request.fault_identifier = identifier  # type: ignore[attr-defined]
        log.exception("fault %s at %s", identifier, request.path)
        return None
