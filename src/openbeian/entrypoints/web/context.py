"""What every page's template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from openbeian.entrypoints.web.navigation import list_navigation
from openbeian.entrypoints.web.standstill import count_unread_for, warn_of_standstill
from openbeian.kernel import clock


def portal(request: HttpRequest) -> dict[str, Any]:
    """Language, actor, navigation and whether this is a demo."""
    actor = getattr(request, "actor", None)
    return {
        "language": getattr(request, "language", "zh"),
        "actor": actor,
        "memberships": getattr(request, "memberships", []),
        "navigation": list_navigation(actor, request.path),
        # Asked only by templates that show them: the public pages cost no query.
        "standstill": lambda: warn_of_standstill(actor),
        "unread": lambda: count_unread_for(actor),
        "is_demo": settings.DEMO,
        "demo_today": clock.today() if settings.DEMO_DAYS else None,
        "version": settings.VERSION,
    }
