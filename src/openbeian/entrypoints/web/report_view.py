"""How an annual report looks: its figures with origin and last year's beside them, its faults, and what to press next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from openbeian.entrypoints.web.case_wording import StateView
from openbeian.entrypoints.web.rule_wording import say_confidence, say_value_plainly
from openbeian.kernel import clock
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text
from openbeian.registry.models import Service, Standing
from openbeian.rules.annual_report import NOT_OPEN, ReportField, ReportForm
from openbeian.rules.errors import NoRuleInForce
from openbeian.rules.resolver import Resolution, resolve
from openbeian.rules.rulebook import current_rulebook
from openbeian.supervision.reporting.decisions.report_checks import compare, is_open
from openbeian.supervision.reporting.decisions.windows import Phase, Window
from openbeian.supervision.reporting.models import AnnualReport
from openbeian.supervision.reporting.prefilling import find_last_year
from openbeian.supervision.reporting.queries import find_answer_doubt, get_rules_of, get_state

ORIGINS: dict[str, Text] = {
    "record": Text("来自许可证与备案记录", "From the record"),
    "traffic": Text("来自访问统计", "From traffic statistics"),
    "complaints": Text("来自投诉登记册", "From the complaint register"),
    "previous": Text("沿用上一年度", "As in the year before"),
}
PUBLICITY: dict[str, Text] = {
    "must": Text("须公示", "disclosed"),
    "optional": Text("可选公示", "disclosed if you wish"),
    "no": Text("不公示", "not disclosed"),
}
PHASES: dict[Phase, tuple[Text, str]] = {
    "early": (Text("窗口未开", "Not open yet"), "calm"),
    "open": (Text("报送窗口开放中", "Reports are taken"), "info"),
    "make_up": (Text("补报期", "Make-up month"), "warn"),
    "over": (Text("窗口已关闭", "Window closed"), "bad"),
    "unknown": (Text("没有查到当年的窗口", "No window is known"), "calm"),
}


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """One field of a form on its page. `change` is the difference to last year in percent."""

    path: str
    field: ReportField
    value: str
    origin: Text | None
    origin_url: str
    is_changed: bool
    drawn: str
    last_year: str
    change: int | None
    faults: tuple[Fault, ...]
    publicity: Text

    @property
    def anchor(self) -> str:
        return make_anchor(self.path)

    @property
    def is_certain_fault(self) -> bool:
        return any(f.certain for f in self.faults)


@dataclass(frozen=True, slots=True)
class FormTab:
    """One form on the step bar. `is_unopened`: its business is switched to 未开通."""

    form: ReportForm
    url: str
    is_current: bool
    faults: int
    is_unopened: bool


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """A fault with its form's name and the way to the field."""

    fault: Fault
    form: Text
    label: Text
    url: str


def make_anchor(path: str) -> str:
    """The id of a field's control."""
    return "f-" + path.replace(".", "-")


def view_report_state(report: AnnualReport) -> StateView:
    """The state's own tone; else the holder's turn asks for something and the authority's is news."""
    state = get_state(report)
    tone = state.tone or ("warn" if state.waits_for == "applicant" else "info")
    return StateView(state.label, tone)


def show_form(report: AnnualReport, form: ReportForm, faults: Iterable[Fault], *, show_all: bool) -> list[ShownFigure]:
    """The form's fields; faults of empty fields only with `show_all`, so that nobody is scolded too early.

    Of a business that was not open only the switch is shown; what was typed below it stays kept.
    """
    rules = get_rules_of(report)
    before = find_last_year(report.subject, report.year, report.regime)
    faults = tuple(faults)
    hidden = bool(form.code) and not is_open(rules, report.figures, form.code)
    shown = []
    for field in form.fields:
        if hidden and field.id != rules.open_field:
            continue
        path = form.path(field)
        value = str(report.figures.get(path, ""))
        origin: Mapping[str, Any] = report.origins.get(path, {})
        last = str(before.figures.get(path, "")) if before else ""
        shown.append(
            ShownFigure(
                path=path,
                field=field,
                value=value,
                origin=_say_origin(field, origin),
                origin_url=find_origin_url(report, origin),
                is_changed=bool(origin) and value != origin.get("value"),
                drawn=str(origin.get("value", "")),
                last_year=last,
                change=compare(value, last),
                faults=tuple(f for f in faults if f.field == path and (show_all or value.strip())),
                publicity=PUBLICITY[field.publicity],
            )
        )
    return shown


def _say_origin(field: ReportField, origin: Mapping[str, Any]) -> Text | None:
    """Where a figure was drawn from; with the doubt, where it counts by a day that nobody verified."""
    told = say_origin(origin)
    if told is None or field.origin != "complaints.answered_in_time" or find_answer_doubt() is None:
        return told
    return Text(f"{told.zh}，按未核实的答复期限计", f"{told.en}, by a day of the answer that is not verified")


def say_origin(origin: Mapping[str, Any]) -> Text | None:
    """Whence a figure was drawn; of traffic also how much of the year the logs cover, for they may cover little."""
    said = ORIGINS.get(str(origin.get("kind")))
    if said is None or not origin.get("days"):
        return said
    covered, uncovered = origin["days"]
    if not uncovered:
        return said
    part = Text("{origin}（只有 {n} 天的日志，缺 {m} 天）", "{origin} (logs of {n} days only, {m} days missing)")
    return part.format(origin=said, n=covered, m=uncovered)


def find_origin_url(report: AnnualReport, origin: Mapping[str, Any]) -> str:
    """Where a drawn figure can be looked up; empty where this portal has no page of it."""
    match origin.get("kind"):
        case "record":
            licence_id = report.number_resource.licence_id if report.number_resource else report.licence_id
            return reverse("licence", args=[licence_id]) if licence_id else reverse("licences")
        case "traffic":
            return _find_traffic_url(report)
        case "complaints":
            return f"{reverse('complaints')}?{urlencode({'year': report.year})}"
        case "previous":
            before = find_last_year(report.subject, report.year, report.regime)
            return reverse("report", args=[before.pk]) if before else ""
    return ""


def _find_traffic_url(report: AnnualReport) -> str:
    """The service's own page where the holder has one; else the list of all with counts."""
    sponsor_id = report.licence.sponsor_id if report.licence else None
    live = Service.objects.filter(sponsor_id=sponsor_id).exclude(standing=Standing.CANCELLED) if sponsor_id else None
    found = list(live.values_list("pk", flat=True)[:2]) if live is not None else []
    if len(found) == 1:
        return f"{reverse('service_traffic', args=found)}?{urlencode({'year': report.year})}"
    return reverse("traffic")


def list_tabs(report: AnnualReport, current: str, faults: Iterable[Fault]) -> list[FormTab]:
    """The forms in order, each with how many certain faults it has."""
    rules = get_rules_of(report)
    certain = [f.field for f in faults if f.certain]
    tabs = []
    for form in rules.list_forms(report.codes):
        count = sum(1 for path in certain if path.rpartition(".")[0] == form.id)
        unopened = bool(form.code) and report.figures.get(f"{form.id}.{rules.open_field}") == NOT_OPEN
        url = reverse("report_form", args=[report.pk, form.id])
        tabs.append(FormTab(form, url, form.id == current, count, unopened))
    return tabs


def place_faults(report: AnnualReport, faults: Iterable[Fault]) -> list[PlacedFault]:
    """Each fault with a link that opens its form with the cursor in its field."""
    rules = get_rules_of(report)
    fields = {path: (form, field) for path, form, field in rules.walk(tuple(report.codes))}
    submission = reverse("report_submission", args=[report.pk])
    placed = []
    for fault in faults:
        found = fields.get(fault.field)
        if found is None:
            label = rules.promises.get(fault.field.removeprefix("promises."), Text("签名", "Signature"))
            url = f"{submission}#{make_anchor(fault.field)}"
            placed.append(PlacedFault(fault, Text("承诺与签名", "Promises and signature"), label, url))
        else:
            form, field = found
            url = f"{reverse('report_form', args=[report.pk, form.id])}?check=1#{make_anchor(fault.field)}"
            placed.append(PlacedFault(fault, form.label, field.label, url))
    return placed


@dataclass(frozen=True, slots=True)
class Ground:
    """A rule that a form rests on, as it stands today: its value in words, how sure it is, and who says otherwise."""

    resolution: Resolution
    value: Text
    confidence: Text
    otherwise: tuple[tuple[Text, Text], ...]


def list_grounds(form: ReportForm) -> list[Ground]:
    """The form's rules; one of which nothing is in force is left out."""
    grounds, rulebook = [], current_rulebook()
    for rule_id in form.rules:
        try:
            found = resolve(rulebook, rule_id, clock.today())
        except NoRuleInForce:
            continue
        otherwise = tuple((say_value_plainly(c.version, rulebook), c.why) for c in found.contradicted_by)
        value = say_value_plainly(found.version, rulebook)
        grounds.append(Ground(found, value, say_confidence(found.version), otherwise))
    return grounds


def say_window(window: Window, today: date | None = None) -> tuple[Text, str]:
    """Where today stands in a year's window, with a tone."""
    return PHASES[window.find_phase(today or clock.today())]
