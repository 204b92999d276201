"""Takes an allowed phrase back; from then on the audit reports it again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.supervision.errors import PhraseNotYours
from openbeian.supervision.events import PhraseRemoved
from openbeian.supervision.holding import DECIDE, WRITE
from openbeian.supervision.models import AllowedPhrase


def remove_phrase(actor: Actor, phrase_id: int) -> AllowedPhrase:
    """One's own organisation's; those of the whole installation by who manages it.

    Raises: NotPermitted, PhraseNotYours.
    """
    if not (actor.may(WRITE) or actor.may(DECIDE) or actor.may("installation.manage")):
        raise NotPermitted(permission=DECIDE)
    mine = Q(organisation_id=actor.organisation_id or 0)
    if actor.may("installation.manage"):
        mine |= Q(organisation__isnull=True)
    with transaction.atomic():
        phrase = (
            AllowedPhrase.objects.select_for_update(of=("self",))
            .filter(mine, pk=phrase_id, removed_at__isnull=True)
            .first()
        )
        if phrase is None:
            raise PhraseNotYours
        phrase.removed_at = clock.now()
        phrase.save(update_fields=["removed_at"])
        record_event(
            PhraseRemoved,
            actor,
            ("phrase", phrase.pk),
            concerns=(phrase.organisation_id,),
            before={"phrase": phrase.phrase},
        )
    return phrase
