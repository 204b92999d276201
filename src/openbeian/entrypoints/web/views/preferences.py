"""The two switches in the bar: the reader's language, and the organisation acted for."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from openbeian.entrypoints.web.actors import SESSION_ORGANISATION
from openbeian.entrypoints.web.gates import PortalRequest, needs, public
from openbeian.entrypoints.web.views.errors import PageMissing

ONE_YEAR_S = 365 * 24 * 3600


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """Where the form asked to return to, if that is on this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    same_site = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if same_site else default


def keep_language(response: HttpResponse, language: str) -> HttpResponse:
    """The same response, with the language in a cookie for a year."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=ONE_YEAR_S,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
    )
    return response


@public
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keeps the language in a cookie, so that it holds before and after signing in."""
    language = "en" if request.POST.get("language") == "en" else "zh"
    return keep_language(redirect(safe_next(request)), language)


@needs()
@require_POST
def switch_organisation(request: PortalRequest) -> HttpResponse:
    """Acts for another of the person's own organisations from now on; what is open may not exist there.

    Raises: PageMissing for an organisation they do not belong to, as if it did not exist.
    """
    wanted = request.POST.get("organisation", "")
    if wanted not in {str(m.organisation_id) for m in request.memberships}:
        raise PageMissing
    request.session[SESSION_ORGANISATION] = int(wanted)
    return redirect("today")
