"""Probes one site at once because somebody asked, as often as a recovery needs to be confirmed."""

from __future__ import annotations

from openbeian.kernel.answers import Answer
from openbeian.supervision.actions.record_probes import record_probes
from openbeian.supervision.actions.settle_probes import settle_probes
from openbeian.supervision.allowing import list_allowed, take_allowed_away
from openbeian.supervision.catalogue import get_catalogue
from openbeian.supervision.models import StoredProbe, WatchedSite
from openbeian.supervision.ports import Photographer, Prober
from openbeian.supervision.visiting import probe_sites

_PAUSE_S = 5.0


def recheck_site(
    site_id: int, prober: Prober, photographer: Photographer | None = None, *, pause_s: float = _PAUSE_S
) -> dict[str, int]:
    """Goes on while nothing is wrong, until a recovery is confirmed; one look that still finds the fault is enough."""
    site = WatchedSite.objects.select_related("service__sponsor").get(pk=site_id)
    organisation = site.service.sponsor.organisation_id
    counts: dict[str, int] = {}
    looks = get_catalogue().policy.recoveries
    for look in range(looks):
        if look:
            list(prober.collect(pause_s))
        record = take_allowed_away(probe_sites([site], prober)[site.pk], list_allowed([organisation])[organisation])
        probes = record_probes([(site.pk, record)], StoredProbe.Occasion.RECHECK, photographer=photographer)
        for step, count in settle_probes(probes, looks_again=look == looks - 1).items():
            counts[step] = counts.get(step, 0) + count
        if any(check.outcome is Answer.NOT_MET for check in record.checks) and "recovering" not in counts:
            break
    return counts
