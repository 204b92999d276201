"""A reviewer's verdict that a word is harmless here: the phrase around it is never reported again."""

from __future__ import annotations

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel import clock
from openbeian.kernel.actor import Actor, NotPermitted, check_permitted
from openbeian.observation.content.lexicon import fold_characters
from openbeian.supervision.errors import PhraseUnfit
from openbeian.supervision.events import PhraseTaught
from openbeian.supervision.holding import DECIDE, WRITE
from openbeian.supervision.models import AllowedPhrase
from openbeian.supervision.queries import get_finding
from openbeian.supervision.words import read_reason

_LONGEST = 60


def teach_phrase(
    actor: Actor, phrase: str, term: str, why: str, *, finding_id: int | None = None, everywhere: bool = False
) -> AllowedPhrase:
    """Allows a phrase that contains the term: for the organisation of the finding it was found in, without one for the
    actor's own, or `everywhere` in the installation, for who manages it. Taught again, the same phrase comes back.

    Raises: NotPermitted, FindingNotYours, PhraseUnfit, ReasonMissing.
    """
    why = read_reason(why)[:300]
    phrase, term = " ".join(phrase.split()), " ".join(term.split())
    folded, word = fold_characters(phrase), fold_characters(term)
    is_fit = word and word in folded and len(word) < len(folded) <= _LONGEST and phrase.isprintable()
    if not is_fit:
        raise PhraseUnfit(term=term[:_LONGEST])
    with transaction.atomic():
        organisation_id = _find_organisation(actor, finding_id, everywhere=everywhere)
        live = AllowedPhrase.objects.filter(phrase=folded, removed_at__isnull=True)
        known = (
            live.filter(organisation__isnull=True) if everywhere else live.filter(organisation_id=organisation_id or 0)
        )
        allowed = known.first()
        if allowed is None:
            allowed = AllowedPhrase.objects.create(
                organisation_id=organisation_id,
                phrase=folded,
                term=word[:_LONGEST],
                why=why,
                taught_by_id=actor.user_id,
                taught_by_name=actor.name,
                taught_at=clock.now(),
            )
            record_event(
                PhraseTaught,
                actor,
                ("phrase", allowed.pk),
                concerns=(organisation_id,),
                after={"phrase": folded, "term": allowed.term, "why": why, "everywhere": everywhere},
            )
    return allowed


def _find_organisation(actor: Actor, finding_id: int | None, *, everywhere: bool) -> int | None:
    if everywhere:
        check_permitted(actor, "installation.manage")
        return None
    if finding_id is not None:
        check_permitted(actor, DECIDE)
        return get_finding(actor, finding_id).organisation_id
    if not (actor.may(WRITE) or actor.may(DECIDE)) or actor.organisation_id is None:
        raise NotPermitted(permission=DECIDE)
    return actor.organisation_id
