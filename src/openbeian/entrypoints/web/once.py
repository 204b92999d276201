"""The same page sent twice starts one thing: a second click, a repeated POST, both at the same moment."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import transaction

from openbeian.cases.models import Case
from openbeian.entrypoints.web.gates import PortalRequest

_REMEMBERED_S = 600


def start_once(request: PortalRequest, start: Callable[[], Case]) -> tuple[int, bool]:
    """The id of the case that `start` makes, and whether an earlier post of the same page had made it already.

    A page is known by the random `token` in its form; a post without one stands for itself. Posts of one person
    wait for each other, so that of two at once the second finds what the first has made.
    """
    token = request.POST.get("token", "")[:40]
    if not token:
        return start().pk, False
    key = f"start:{request.path}:{request.actor.user_id}:{token}"
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=request.actor.user_id or 0)
        started = cache.get(key)
        if started and Case.objects.filter(pk=started).exists():
            return started, True
        case = start()
        cache.set(key, case.pk, _REMEMBERED_S)
    return case.pk, False
