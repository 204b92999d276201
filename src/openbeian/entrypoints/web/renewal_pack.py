"""What a renewal needs, said early: what the record already proves, what is missing, and what it cannot tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from openbeian.cases.licensing import write_licence
from openbeian.cases.models import Case
from openbeian.cases.queries import get_materials, get_procedure
from openbeian.documents.models import Document
from openbeian.kernel import clock
from openbeian.kernel.text import Text
from openbeian.registry.models import Licence
from openbeian.supervision.reporting.decisions.windows import explain_owed
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.queries import find_regimes, find_window

DONE = frozenset({"reported", "reported_late", "made_up", "removed"})
_TERM_YEARS = 5

Tone = Literal["good", "bad", "calm"]


@dataclass(frozen=True, slots=True)
class PackItem:
    """One thing a renewal needs: there, missing, or not to be told from here."""

    label: Text
    why: Text
    tone: Tone


def list_renewal_needs(licence: Licence, open_case: Case | None) -> list[PackItem]:
    """Reports, pending changes and open businesses first, then the papers of the procedure."""
    items = [_judge_reports(licence), _judge_changes(open_case)]
    for business in licence.businesses:
        code = business["code"]
        label = Text("{code} 已开通", "{code} is open").format(code=code)
        if business["opened"]:
            items.append(PackItem(label, Text("备好开通证明：截图、合同、账单。", "Have the proof ready: screenshots, contracts, bills."), "good"))  # fmt: skip
        else:
            items.append(PackItem(label, Text("没有开通，到期不予延续。", "Not open: it is not renewed."), "bad"))
    return items + _judge_papers(licence, open_case)


def _judge_reports(licence: Licence) -> PackItem:
    """Every year of the present term whose window is over; years before this installation knew it cannot be told."""
    today = clock.today()
    reported = set(
        AnnualReport.objects.filter(licence=licence, regime="report", state__in=DONE).values_list("year", flat=True)
    )
    missing = []
    for year in range(today.year - _TERM_YEARS, today.year):
        owed = explain_owed(licence.issued_on, licence.cancelled_on, licence.valid_until, year, today) is None
        closes = find_window(year).closes_on
        if owed and "report" in find_regimes(year, None) and closes and today > closes and year not in reported:
            missing.append(year)
    label = Text("历年年报已报送", "Every annual report is in")
    if not missing:
        return PackItem(label, Text("记录中没有缺报的年度。", "No year is missing here."), "good")
    years = "、".join(map(str, missing))
    if max(missing) < licence.recorded_on.year - 1:
        why = Text("{y} 年度在录入之前，请到国家管理平台核对。", "{y}: before this record began; look at the ministry's platform.")  # fmt: skip
        return PackItem(label, why.format(y=years), "calm")
    why = Text(
        "{y} 年度没有报送记录；未报的先补报。", "{y}: no report is on record; make up for what is missing first."
    )
    return PackItem(label, why.format(y=years), "bad")


def _judge_changes(open_case: Case | None) -> PackItem:
    label = Text("没有未办结的变更", "No change is pending")
    if open_case is not None and open_case.procedure != "licence_renewal":
        procedure = get_procedure(open_case.procedure).label
        why = Text("先办结 {ref}（{p}）。", "Finish {ref} ({p}) first.").format(ref=open_case.reference, p=procedure)
        return PackItem(label, why, "bad")
    return PackItem(label, Text("没有在办的变更。", "None is under way."), "good")


def _judge_papers(licence: Licence, open_case: Case | None) -> list[PackItem]:
    """The papers the procedure asks for: handed in with the open renewal, kept with the licence, or still missing."""
    procedure, materials = get_procedure("licence_renewal"), get_materials("licence")
    have: set[str] = set(
        Document.objects.filter(
            subject_kind="licence", subject_id=str(licence.pk), removed_at__isnull=True
        ).values_list("material", flat=True)
    )
    if open_case is not None and open_case.procedure == "licence_renewal":
        of_case = Document.objects.filter(subject_kind="case", subject_id=str(open_case.pk), removed_at__isnull=True)
        have |= set(of_case.values_list("material", flat=True))
    codes = {b["code"] for b in write_licence(licence)["businesses"]}
    items = []
    for material_id in procedure.materials:
        material = materials[material_id]
        wanted = set(material.when.get("code", ())) if material.when else set()
        if not material.is_required or (wanted and not wanted & codes) or material_id == "business_open_proof":
            continue
        there = material_id in have or (material_id == "old_licence" and "licence" in have)
        items.append(PackItem(material.label, material.why, "good" if there else "bad"))
    return items
