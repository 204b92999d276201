"""How a licence looks: its cover and gap risk, what to press next, and its papers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from openbeian.cases.licensing import compute_renewal_deadline, find_applied_on
from openbeian.cases.models import Case
from openbeian.kernel import clock
from openbeian.kernel.provinces import find_province
from openbeian.kernel.text import Text
from openbeian.registry.licence_cover import Cover, Held, Renewal, Risk, compute_cover
from openbeian.registry.licence_values import MINISTRY, NATIONWIDE
from openbeian.registry.models import Licence, Standing
from openbeian.registry.queries import get_renewal_lead
from openbeian.rules.code_tables import load_code_tables

RISKS: dict[Risk, tuple[Text, str]] = {
    "none": (Text("无断档风险", "No gap in sight"), "good"),
    "low": (Text("断档风险低", "Gap unlikely"), "info"),
    "high": (Text("断档风险高", "Gap threatens"), "warn"),
    "gap": (Text("将断档或已断档", "Gap certain"), "bad"),
}


@dataclass(frozen=True, slots=True)
class LicenceView:
    """One licence as lists and pages show it. `open_case` is its application under way."""

    licence: Licence
    cover: Cover
    businesses: tuple[tuple[str, Text, bool], ...]
    areas: Text
    authority: Text
    open_case: Case | None

    @property
    def risk(self) -> Text:
        return RISKS[self.cover.risk][0]

    @property
    def risk_tone(self) -> str:
        return RISKS[self.cover.risk][1]

    @property
    def codes(self) -> str:
        return "、".join(code for code, _, _ in self.businesses)


def make_views(licences: Iterable[Licence]) -> list[LicenceView]:
    """Views of licences that the reader may see, in their order; two queries for all of them."""
    rows = list(licences)
    cases = Case.objects.filter(licence_id__in=[row.pk for row in rows], is_open=True).defer("form", "before")
    by_licence = {case.licence_id: case for case in cases}
    return [make_view(row, by_licence.get(row.pk)) for row in rows]


def make_view(licence: Licence, open_case: Case | None) -> LicenceView:
    labels = {row.id: row.label for row in load_code_tables().businesses}
    deadline = compute_renewal_deadline(licence.valid_until)
    held = Held(
        is_cancelled=licence.standing == Standing.CANCELLED,
        issued_on=licence.issued_on,
        valid_until=licence.valid_until,
        is_deemed=licence.is_deemed,
        awaits_paper=licence.paper_awaited_from is not None,
        businesses=tuple((b["code"], bool(b["opened"])) for b in licence.businesses),
    )
    renewal = None
    if open_case is not None and open_case.procedure == "licence_renewal":
        renewal = Renewal(open_case.pk, find_applied_on(open_case))
    cover = compute_cover(
        held,
        clock.today(),
        deadline.due_on,
        deadline.advised_on,
        renewal,
        offered_before=get_renewal_lead(),
        is_provisional=deadline.provisional,
    )
    businesses = tuple((b["code"], labels.get(b["code"], Text(b["code"], b["code"])), bool(b["opened"])) for b in licence.businesses)  # fmt: skip
    return LicenceView(
        licence, cover, businesses, say_areas(licence.areas), say_authority(licence.authority), open_case
    )


def say_areas(areas: Iterable[str]) -> Text:
    """Provinces by name, or nationwide."""
    names = []
    for area in areas:
        province = find_province(area)
        names.append(
            Text("全国", "nationwide") if area == NATIONWIDE else province.name if province else Text(area, area)
        )
    return Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))


def say_authority(authority: str) -> Text:
    province = find_province(authority)
    if authority == MINISTRY:
        return Text("工业和信息化部", "Ministry of Industry and Information Technology")
    return province.administration if province else Text(authority, authority)
