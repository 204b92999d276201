"""Notes that the paper or electronic licence has come, with the end that is printed on it."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from openbeian.journal.actions.record_event import record_event
from openbeian.kernel.actor import Actor, check_permitted
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.registry.errors import LicenceUnfit, RecordNotYours
from openbeian.registry.events import LicencePaperObtained
from openbeian.registry.journal_view import view_licence
from openbeian.registry.models import Licence


def obtain_licence_paper(actor: Actor, licence_id: int, printed_end: date | None = None) -> Licence:
    """The printed end decides from now on, where one is printed; only the holder's organisation may say so.

    Raises: NotPermitted, RecordNotYours, LicenceUnfit for an end before the day of issue.
    """
    check_permitted(actor, "case.write")
    with transaction.atomic():
        own = Licence.objects.select_for_update(of=("self",)).select_related("sponsor")
        licence = own.filter(organisation_id=actor.organisation_id or 0, pk=licence_id).first()
        if licence is None:
            raise RecordNotYours
        if printed_end is not None and printed_end < licence.issued_on:
            message = Text("有效期至早于发证日期。", "The printed end precedes the day of issue.")
            fix = Text("请对照证面改正。", "Compare with the licence and correct it.")
            raise LicenceUnfit(
                faults=[Fault("printed_end", message, fix, "licence.term_backwards", printed_end.isoformat())]
            )
        before = view_licence(licence)
        if printed_end is not None:
            licence.valid_until, licence.is_end_printed = printed_end, True
        licence.is_deemed, licence.paper_awaited_from = False, None
        licence.save()
        record_event(
            LicencePaperObtained,
            actor,
            ("licence", licence.pk),
            concerns=(licence.organisation_id,),
            before=before,
            after=view_licence(licence),
        )
    return licence
