"""Private calendar addresses: made, shown once, revoked, and read by calendar programs without signing in."""

from __future__ import annotations

import hashlib

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from openbeian.agenda.actions.create_feed import create_feed
from openbeian.agenda.actions.refresh_feed import refresh_feed
from openbeian.agenda.actions.revoke_feed import revoke_feed
from openbeian.agenda.icalendar_feed import write_feed
from openbeian.agenda.queries import get_feed, list_feeds_of
from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs, public
from openbeian.entrypoints.web.limiting import check_rate
from openbeian.entrypoints.web.wording import both, reader_language
from openbeian.kernel.errors import OpenBeianError
from openbeian.registry.models import Standing
from openbeian.registry.queries import list_sponsors_visible_to
from openbeian.wiring import list_date_sources

MOST_READS = 60
_MOST_SPONSORS = 500


class NewFeed(PortalForm):
    sponsor = forms.TypedChoiceField(
        label=both("内容", "What it carries"), coerce=int, empty_value=None, required=False, choices=[]
    )

    def __init__(self, request: PortalRequest, values: object = None) -> None:
        super().__init__(values)
        own = list_sponsors_visible_to(request.actor).filter(organisation_id=request.actor.organisation_id or 0)
        own = own.exclude(standing=Standing.CANCELLED).order_by("number")[:_MOST_SPONSORS]
        everything = ("", both("我能看到的全部日期", "All dates that I may see"))
        self.fields["sponsor"].choices = [everything, *((s.pk, s.number) for s in own)]  # type: ignore[attr-defined]


@needs("case.read")
@never_cache
def show_feeds(request: PortalRequest) -> HttpResponse:
    """The secret address is in this one answer and nowhere else, so the page is answered, not redirected to."""
    form = NewFeed(request, request.POST or None)
    address = ""
    if request.method == "POST" and form.is_valid():
        try:
            sponsor_id = form.cleaned_data["sponsor"]
            _, secret = create_feed(request.actor, sponsor_id=sponsor_id, language=reader_language())
            address = request.build_absolute_uri(reverse("feed", args=[secret]))
            form = NewFeed(request)
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
    context = {"form": form, "address": address, "feeds": list_feeds_of(request.actor).order_by("pk")}
    return render(request, "openbeian/calendar/feeds.html", context, status=422 if form.errors else 200)


@needs("case.read")
@require_POST
def revoke(request: PortalRequest, feed_id: int) -> HttpResponse:
    revoke_feed(request.actor, feed_id)
    messages.success(request, both("日历地址已停用。", "The calendar address no longer works."))
    return redirect("feeds")


@public
@require_safe
def read_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The iCalendar file; the secret is the key. Raises: FeedNotFound, TooManyTries."""
    check_rate(request, "feed", most=MOST_READS, per_minutes=5)
    feed = get_feed(secret)
    events = refresh_feed(feed, list_date_sources())
    origin = request.build_absolute_uri("/").rstrip("/")
    content = write_feed(events, feed.pk, origin, "en" if feed.language == "en" else "zh")
    tag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    response: HttpResponse
    if tag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response.headers["Content-Disposition"] = 'inline; filename="openbeian.ics"'
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, max-age=900"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
