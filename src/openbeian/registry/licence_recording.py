"""How a licence's values become its row."""

from __future__ import annotations

from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.privacy.fields import compute_fingerprint
from openbeian.registry.errors import LicenceUnfit
from openbeian.registry.licence_holders import HolderValues
from openbeian.registry.licence_values import LicenceValues
from openbeian.registry.models import Licence, Sponsor


def fill_licence(licence: Licence, values: LicenceValues) -> None:
    """Copies values onto a licence of an organisation, without saving; its number is not touched.

    Raises: LicenceUnfit when the sponsor named is not the organisation's own.
    """
    own = Sponsor.objects.filter(organisation_id=licence.organisation_id)
    fingerprint = compute_fingerprint(values.certificate_number, "certificate")
    if values.sponsor_number:
        sponsor = own.filter(number=values.sponsor_number).first()
        if sponsor is None:
            message = Text("没有这个主体备案号，或不属于本单位。", "There is no such sponsor of yours.")
            fix = Text("请核对主体备案号，或留空。", "Check the filing number, or leave it empty.")
            raise LicenceUnfit(
                faults=[Fault("sponsor_number", message, fix, "licence.sponsor_number", values.sponsor_number[:80])]
            )
    else:
        sponsor = own.filter(certificate_fingerprint=fingerprint).exclude(standing="cancelled").first()
    licence.sponsor = sponsor
    licence.holder, licence.certificate_fingerprint = values.holder, fingerprint
    licence.issued_on, licence.valid_until = values.issued_on, values.valid_until
    licence.is_end_printed = values.is_end_printed
    licence.businesses = [{"code": code, "opened": opened} for code, opened in values.businesses]
    licence.areas, licence.authority = list(values.areas), values.authority
    licence.special_terms, licence.certificate_number = values.special_terms, values.certificate_number
    _fill_holders(licence, values.holders)


def _fill_holders(licence: Licence, values: HolderValues) -> None:
    """Of what was not said, what stands on record stays."""
    if values.legal_representative is not None:
        licence.legal_representative = values.legal_representative
    if values.capital_yuan is not None:
        licence.capital_yuan = values.capital_yuan
    if values.shareholders is not None:
        licence.shareholders = list(values.shareholders)
    if values.people is not None:
        licence.people = list(values.people)
    if values.sites is not None:
        licence.sites = list(values.sites)
