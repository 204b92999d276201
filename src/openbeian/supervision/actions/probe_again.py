"""A second look at sites that seemed to fail or to recover, beside sites that are known to be well."""

from __future__ import annotations

from collections.abc import Iterable

from openbeian.observation.probing.judgement import is_sweep_ours
from openbeian.supervision.actions.record_probes import record_probes
from openbeian.supervision.actions.settle_probes import settle_probes
from openbeian.supervision.allowing import list_allowed, take_allowed_away
from openbeian.supervision.models import StoredProbe, WatchedSite
from openbeian.supervision.ports import Photographer, Prober
from openbeian.supervision.visiting import choose_controls, probe_sites


def probe_again(site_ids: Iterable[int], prober: Prober, photographer: Photographer | None = None) -> dict[str, int]:
    """Probes and settles. If most of the well-known sites fail as well, the trouble is ours and nothing counts."""
    asked = list(WatchedSite.objects.filter(pk__in=list(site_ids), is_active=True).select_related("service__sponsor"))
    controls = choose_controls(asked)
    records = probe_sites([*asked, *controls], prober)
    well = {c.pk for c in controls}
    is_ours = is_sweep_ours(record for site, record in records.items() if site in well)
    phrases = list_allowed(s.service.sponsor.organisation_id for s in asked)
    seen = [
        (site.pk, take_allowed_away(records[site.pk], phrases[site.service.sponsor.organisation_id])) for site in asked
    ]
    probes = record_probes(seen, StoredProbe.Occasion.AGAIN, photographer=photographer)
    return settle_probes(probes, is_ours=is_ours) | {"ours": int(is_ours)}
