"""A person's inbox: what they were told, newest first; opening an item marks it as read."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.entrypoints.web.wording import both, reader_language
from openbeian.notifications.actions.read_inbox import read_inbox
from openbeian.notifications.kinds import KINDS
from openbeian.notifications.queries import list_inbox
from openbeian.notifications.rendering import render_sentence

PAGE_SIZE = 50


@needs()
def show_inbox(request: PortalRequest) -> HttpResponse:
    items = list_inbox(request.actor)
    if request.GET.get("unread"):
        items = items.filter(read_at=None)
    page = Paginator(items, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(i, KINDS.get(i.notice.kind), render_sentence(i.notice, reader_language())) for i in page]
    context = {"page": page, "rows": rows, "only_unread": bool(request.GET.get("unread"))}
    return render(request, "openbeian/inbox/list.html", context)


@needs()
@require_POST
def open_item(request: PortalRequest, item_id: int) -> HttpResponse:
    """Marks it as read and goes where there is something to do. Raises: PageMissing for somebody else's."""
    item = list_inbox(request.actor).filter(pk=item_id).first()
    if item is None:
        raise PageMissing
    read_inbox(request.actor, item_id)
    return redirect(item.notice.path or "inbox")


@needs()
@require_POST
def read_all(request: PortalRequest) -> HttpResponse:
    if read_inbox(request.actor):
        messages.success(request, both("已全部标为已读。", "All are marked as read."))
    return redirect("inbox")
