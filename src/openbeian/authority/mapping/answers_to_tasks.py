"""A task or a listed site, and what a person found, as the document that answers it; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from openbeian.authority.messages.download import UnfiledSite
from openbeian.authority.messages.filing import Filing
from openbeian.authority.messages.upload import FilingReports, UnfiledResult, Upload, VerificationResult

_DAY_CHARACTERS = 10


def answer_verification(task: Filing, values: Mapping[str, Any], provider_number: int, on: date) -> Upload:
    """HSJG: the task's filing goes back as it came, with what was found; `outcome` 0 = true, 1 = not true."""
    result = VerificationResult(
        outcome=values["outcome"],
        verifier=values["verifier"],
        verified_on=on,
        reporting_unit=provider_number,
        opinion=values["opinion"],
        errors=values.get("wrong") or None,
        subject=task.subject,
        sites=task.sites,
    )
    return Upload(icp=FilingReports(verifications=(result,), reporting_unit=provider_number))


def answer_unfiled(site: UnfiledSite, values: Mapping[str, Any], provider_number: int, on: date) -> Upload:
    """WBACLJG: what was done about a listed site. `outcome` is a code of the administration's own table."""
    result = UnfiledResult(
        domain=site.domain,
        address=site.address,
        carrier_id=site.carrier_id,
        provider_id=site.provider_id or provider_number,
        province=site.province,
        outcome=values["outcome"],
        opinion=values["opinion"],
        listed_on=_read_day(site.checked_at) or on,
        due_on=values["due_on"],
        reporter=values["verifier"],
    )
    return Upload(icp=FilingReports(unfiled_results=(result,), reporting_unit=provider_number))


def _read_day(text: str | None) -> date | None:
    """The day of a moment as sent; None for what is no date."""
    try:
        return date.fromisoformat((text or "")[:_DAY_CHARACTERS])
    except ValueError:
        return None
