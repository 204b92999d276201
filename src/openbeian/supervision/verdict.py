"""Whether the failures of a sweep are ours: told once, at its end or as soon as no further site can change it."""

from __future__ import annotations

from django.db.models import Count, Q

from openbeian.kernel.answers import Answer
from openbeian.observation.probing.judgement import are_mostly_unreached
from openbeian.observation.probing.record import CheckKind
from openbeian.supervision.models import CheckState, StoredProbe, Sweep, WatchedSite

_REACH = (str(CheckKind.DNS), str(CheckKind.HTTP))


def reach_verdict(sweep: Sweep, *, is_over: bool) -> bool | None:
    """Writes the verdict into the sweep and returns it; None while what is still to be visited could change it.

    Sites known to be down say nothing new and do not count. Before the end the verdict can only be “not ours”: when
    so many sites were reached that all others together could not make it anything else.
    """
    if sweep.is_ours is None and (told := _tell(sweep, is_over=is_over)) is not None:
        Sweep.objects.filter(pk=sweep.pk, is_ours=None).update(is_ours=told)
        sweep.refresh_from_db(fields=["is_ours"])  # somebody else may have told it first
    return sweep.is_ours


def _tell(sweep: Sweep, *, is_over: bool) -> bool | None:
    down = CheckState.objects.filter(answer=Answer.NOT_MET, check_kind__in=_REACH).values("site_id")
    probes = StoredProbe.objects.filter(sweep=sweep).exclude(site_id__in=down)
    counts = probes.aggregate(asked=Count("pk"), reached=Count("pk", filter=Q(is_reached=True)))
    if is_over:
        return are_mostly_unreached(counts["asked"], counts["asked"] - counts["reached"])
    # Every site that the sweep could ever visit, active or not: more than it will, so the verdict errs to waiting.
    most = WatchedSite.objects.filter(added_at__lte=sweep.started_at).exclude(pk__in=down).count()
    return None if are_mostly_unreached(most, most - counts["reached"]) else False
