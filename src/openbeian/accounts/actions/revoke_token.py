"""Ends a token at once: one's own, or as an administrator any of the organisation."""

from __future__ import annotations

from django.db import transaction

from openbeian.accounts.errors import NotFound
from openbeian.accounts.events import TokenRevoked
from openbeian.accounts.queries import list_tokens_visible_to
from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor


def revoke_token(actor: Actor, token_id: int) -> None:
    """Doing it twice changes nothing. Raises: NotFound."""
    with transaction.atomic():
        token = list_tokens_visible_to(actor).select_for_update(of=("self",)).filter(pk=token_id).first()
        if token is None:
            raise NotFound
        if token.revoked_at is not None:
            return
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        record_event(TokenRevoked, actor, ("token", token.pk), before={"name": token.name})
