"""How a refusal looks: a page, or a fragment where htmx asked for one, in the reader's language."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from openbeian.kernel.errors import OpenBeianError


def render_refusal(request: HttpRequest, refusal: OpenBeianError) -> HttpResponse:
    """The refusal's sentence and faults, with the way back; its status code is the refusal's own."""
    is_fragment = bool(getattr(request, "htmx", False))
    template = "openbeian/refusal_fragment.html" if is_fragment else "openbeian/refusal.html"
    response = render(request, template, {"refusal": refusal}, status=refusal.status)
    if is_fragment:
        # htmx leaves error responses alone unless told; the sentence goes where messages stand.
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML"
    return response
