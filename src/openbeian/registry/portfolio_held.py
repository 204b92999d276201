"""What already stands on record about the rows of a portfolio, and what follows for each row."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from openbeian.kernel.errors import Problem
from openbeian.kernel.text import Text
from openbeian.registry.among import among
from openbeian.registry.errors import DomainOnRecord
from openbeian.registry.models import Service, ServiceDomain, Sponsor, Standing
from openbeian.registry.portfolio_matching import FIXED, Finding, differ_service, differ_sponsor
from openbeian.registry.portfolio_preparing import ReadyRow
from openbeian.registry.portfolio_rows import HeldService, HeldSponsor, PortfolioRow
from openbeian.registry.record_values import service_values, sponsor_values

Verdict = Literal["created", "updated", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to do with a row, and which columns of its sponsor and service would change or stand in the way."""

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    sponsor: Sponsor | None = None
    service: Service | None = None
    sponsor_changes: tuple[str, ...] = ()
    service_changes: tuple[str, ...] = ()


class Held:
    """The record as far as it concerns some rows; loaded with a few queries, however many rows."""

    def __init__(
        self, rows: Sequence[ReadyRow], organisation_id: int, known: Container[str], created: Mapping[str, int]
    ) -> None:
        """`known` are the sponsors accepted so far in the same import, which need no second look; `created` the ids
        of those that it put on record in earlier batches, so that they need not even be read back."""
        self._known = known
        self._organisation_id = organisation_id
        numbers = {r.sponsor.number for r in rows}
        self.sponsors = _load_sponsors(number__in=among(numbers - created.keys()))
        fresh = {r.sponsor.certificate for r in rows if r.sponsor.number not in known}
        self._certificates = set(
            Sponsor.objects.filter(certificate_fingerprint__in=among(fresh))
            .exclude(standing=Standing.CANCELLED)
            .values_list("certificate_fingerprint", flat=True)
        )
        services = [r.service for r in rows if r.service]
        owners = [s.pk for s in self.sponsors.values()] + [created[n] for n in numbers & created.keys()]
        self.services = {
            (s.sponsor_id, s.sequence): s
            for s in Service.objects.filter(sponsor_id__in=owners, sequence__in={s.sequence for s in services})
            .select_related("person")
            .prefetch_related("domains", "accesses")
        }
        # Somebody else gave a service to a sponsor that this import created.
        if strangers := {pk for pk, _ in self.services} & set(created.values()):
            self.sponsors |= _load_sponsors(pk__in=strangers)
        wanted = {d for s in services for d in s.domains}
        self._domains = dict(
            ServiceDomain.objects.filter(domain__in=among(wanted), is_live=True).values_list("domain", "service_id")
        )

    def is_new(self, row: ReadyRow) -> bool:
        """Whether nothing on record has to do with the row, so that there is nothing to judge."""
        return (
            row.sponsor.number not in self.sponsors
            and (row.sponsor.certificate not in self._certificates or row.sponsor.number in self._known)
            and not (row.service and any(d in self._domains for d in row.service.domains))
        )

    @property
    def is_empty(self) -> bool:
        """Whether that is so for every row."""
        return not (self.sponsors or self._certificates or self._domains)

    def judge(self, ready: ReadyRow, row: PortfolioRow, *, update: bool) -> Judgement:
        """What to do with a row, given with all that it says."""
        sponsor = self.sponsors.get(row.sponsor.number)
        service = self.services.get((sponsor.pk, row.service.sequence)) if sponsor and row.service else None
        sponsor_changes, findings = self._judge_sponsor(row.sponsor, ready.sponsor.certificate, sponsor, update=update)
        service_changes: list[str] = []
        if row.service:
            service_changes, more = self._judge_service(row.service, service, update=update)
            findings += more
        if findings:
            return Judgement("refused", tuple(findings))
        verdict: Verdict = "updated" if sponsor_changes or service_changes else "unchanged"
        if sponsor is None or (row.service and service is None):
            verdict = "created"
        return Judgement(verdict, (), sponsor, service, tuple(sponsor_changes), tuple(service_changes))

    def _judge_sponsor(
        self, row: HeldSponsor, certificate: str, held: Sponsor | None, *, update: bool
    ) -> tuple[list[str], list[Finding]]:
        if row.number in self._known:
            return [], []
        if held is None:
            is_taken = certificate in self._certificates
            return [], [("sponsor.certificate_number", _OTHER_NUMBER)] if is_taken else []
        if held.organisation_id != self._organisation_id:
            return [], [("sponsor.number", _ELSEWHERE)]
        if held.standing == Standing.CANCELLED:
            return [], [("sponsor.number", _CANCELLED)]
        changes = differ_sponsor(row, sponsor_values(held))
        return changes, _object_to(changes, update=update)

    def _judge_service(
        self, row: HeldService, held: Service | None, *, update: bool
    ) -> tuple[list[str], list[Finding]]:
        own = held.pk if held else 0
        taken = [d for d in row.values.domains if self._domains.get(d, own) != own]
        if taken:
            problem = Problem(DomainOnRecord.message.format(domain=taken[0]), _CHECK, DomainOnRecord.code)
            return [], [("service.domains", problem)]
        if held is None:
            return [], []
        if held.standing == Standing.CANCELLED:
            return [], [("service.number", _CANCELLED)]
        if held.number != row.number:
            return [], [("service.number", _SEQUENCE_TAKEN)]
        changes = differ_service(row, service_values(held), held.granted_on)
        return changes, _object_to(changes, update=update)


def _load_sponsors(**which: Any) -> dict[str, Sponsor]:
    return {s.number: s for s in Sponsor.objects.filter(**which).select_related("person").order_by()}


def _object_to(changes: list[str], *, update: bool) -> list[Finding]:
    if not update:
        return [(key, _DIFFERS) for key in changes]
    return [(key, _NEVER_CHANGES) for key in changes if key in FIXED]


_CHECK = Text(
    "请核对；确需变动的，请先办理变更或注销。", "Check it; for a real change, have it changed or cancelled first."
)
_DIFFERS = Problem(
    Text("与记录中的内容不同。", "The record says something else."),
    Text("请改成与记录一致；要以表格为准，请选择“更新已有记录”。", "Make it agree, or choose to update the record."),
    "portfolio.conflict",
)
_NEVER_CHANGES = Problem(
    Text("与记录不同，且此项不能更新。", "The record says something else, and this is never updated."),
    Text("请改成与记录一致。证件号码不同就是另一个主体。", "Make it agree. Another certificate is another sponsor."),
    "portfolio.fixed",
)
_OTHER_NUMBER = Problem(
    Text("该证件号码已在另一个备案号下。", "This certificate stands under another filing number."),
    _CHECK,
    "sponsor_on_record",
)
_ELSEWHERE = Problem(
    Text("该备案号已由其他单位登记。", "Another organisation holds this number here."),
    Text("请联系本平台管理员核实归属。", "Ask the administrator of this installation whose it is."),
    "portfolio.elsewhere",
)
_CANCELLED = Problem(Text("该号码已注销。", "This number was cancelled."), _CHECK, "portfolio.cancelled")
_SEQUENCE_TAKEN = Problem(
    Text("该序号已属于另一种服务。", "Another kind of service holds this sequence."), _CHECK, "number_taken"
)
