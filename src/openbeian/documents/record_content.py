"""What stands on record, in the words of an extract."""

from __future__ import annotations

from typing import Any

from openbeian.privacy.masking import mask_name
from openbeian.registry.decisions import PERSONAL_NATURE
from openbeian.registry.models import Service, Sponsor, Standing


def describe_record(sponsor: Sponsor, service: Service | None) -> dict[str, Any]:
    """What an extract would say of the record now; a person's name is masked as in the public look-up."""
    services = sponsor.services.exclude(standing=Standing.CANCELLED).order_by("sequence")
    if service is not None:
        services = services.filter(pk=service.pk)
    return {
        "sponsor": {
            "name": mask_name(sponsor.name) if sponsor.nature == PERSONAL_NATURE else sponsor.name,
            "number": sponsor.number,
            "nature": sponsor.nature,
            "granted_on": sponsor.granted_on.isoformat(),
            "standing": sponsor.standing,
        },
        "services": [
            {
                "name": s.name,
                "number": s.number,
                "kind": s.kind,
                "domains": sorted(d.domain for d in s.domains.all() if d.is_live),
                "providers": sorted(a.provider.name for a in s.accesses.all() if a.cancelled_on is None),
                "granted_on": s.granted_on.isoformat(),
                "standing": s.standing,
            }
            for s in services.prefetch_related("domains", "accesses__provider")
        ],
    }
