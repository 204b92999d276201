"""Notes that a token was used, so that its holder can see which ones are still needed."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from openbeian.accounts.models import ApiToken
from openbeian.kernel import clock

_PRECISION = timedelta(minutes=5)


def record_token_use(token_id: int) -> None:
    """To within five minutes: a busy program does not write at every request."""
    now = clock.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _PRECISION)
    ApiToken.objects.filter(stale, pk=token_id).update(last_used_at=now)
