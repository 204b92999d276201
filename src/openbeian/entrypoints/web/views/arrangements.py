"""Settings: holiday arrangements by year, and the state of the rulebook with the place of each fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.wording import both
from openbeian.kernel import clock
from openbeian.kernel.errors import Fault, OpenBeianError
from openbeian.kernel.working_days import Arrangement
from openbeian.policies.actions.load_arrangement import load_arrangement
from openbeian.policies.actions.remove_arrangement import remove_arrangement
from openbeian.policies.models import LoadedArrangement
from openbeian.policies.queries import list_loaded_arrangements
from openbeian.rules.arrangements import check_arrangement, check_arrangement_form
from openbeian.rules.rulebook import current_rulebook, rulebook_store
from openbeian.rules.yaml_source import MOST_BYTES

_WORDS = {"休": "true", "班": "false", "off": "true", "work": "false", "true": "true", "false": "false"}
_MOST_LINES = 200


class ArrangementByFile(PortalForm):
    file = forms.FileField(
        label=both("文件（JSON 或 YAML）", "File (JSON or YAML)"),
        help_text=both("格式与规则库的 calendar/2026.yaml 相同。", "Of the same shape as calendar/2026.yaml."),
    )


class ArrangementByHand(PortalForm):
    year = forms.IntegerField(label=both("年份", "Year"), min_value=1950, max_value=2200)
    source = forms.CharField(
        label=both("出处", "Source"),
        help_text=both("通知的文号与网址。", "Number and address of the notice."),
        max_length=300,
    )
    days = forms.CharField(
        label=both("放假与调休", "Days off and make-up days"),
        help_text=both(
            "每行一天：日期 名称 休/班，例如 2027-01-01 元旦 休。平常的周末不必写。",
            "One day a line: date, name, off/work; as 2027-01-01 元旦 off. Ordinary weekends are not listed.",
        ),
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        max_length=20_000,
    )

    def take_refusal(self, refusal: OpenBeianError) -> None:
        """Rows are lines of one field here, so a fault names its line."""
        for fault in refusal.faults:
            parts = fault.field.split(".")
            number = int(parts[1]) + 1 if len(parts) > 1 and parts[1].isdigit() else None
            name = parts[0] if parts[0] in self.fields else None
            self.add_error(name, both(*_say_line(fault, number)))
        if not refusal.faults:
            super().take_refusal(refusal)


def _say_line(fault: Fault, number: int | None) -> tuple[str, str]:
    zh, en = f"{fault.message.zh}{fault.fix.zh}", f"{fault.message.en} {fault.fix.en}"
    return (f"第 {number} 行：{zh}", f"Line {number}: {en}") if number else (zh, en)


@dataclass(frozen=True, slots=True)
class YearView:
    """One year: published with the rulebook, loaded here, or missing."""

    year: int
    arrangement: Arrangement | None
    loaded: LoadedArrangement | None
    is_ours: bool


@needs("installation.manage")
def show_arrangements(request: PortalRequest) -> HttpResponse:
    by_file, by_hand = ArrangementByFile(), ArrangementByHand()
    faults: tuple[Fault, ...] = ()
    status = 200
    if request.method == "POST":
        is_file = "file" in request.FILES or request.POST.get("how") == "file"
        form: PortalForm
        if is_file:
            form = by_file = ArrangementByFile(request.POST, request.FILES)
        else:
            form = by_hand = ArrangementByHand(request.POST)
        if form.is_valid():
            try:
                loaded = load_arrangement(request.actor, _check(form))
            except OpenBeianError as refusal:
                form.take_refusal(refusal)
                faults = refusal.faults if is_file else ()
            else:
                year = str(loaded.year)
                done = both("{y} 年的放假安排已启用。", "The arrangement of {y} is in use.", y=lambda: year)
                messages.success(request, done)
                return redirect("arrangements")
        status = 422
    context: dict[str, Any] = {
        "years": _list_years(),
        "by_file": by_file,
        "by_hand": by_hand,
        "faults": faults,
        "today": clock.today(),
    }
    return render(request, "openbeian/settings/arrangements.html", context, status=status)


def _check(form: PortalForm) -> Arrangement:
    """Raises: ArrangementInvalid."""
    value, rulebook = form.cleaned_data, current_rulebook()
    if isinstance(form, ArrangementByFile):
        return check_arrangement(value["file"].read(MOST_BYTES + 1), value["file"].name[:80], rulebook)
    lines = [line.split() for line in value["days"].splitlines()[:_MOST_LINES] if line.strip()]
    rows = [
        {
            "date": parts[0],
            "name": " ".join(parts[1:-1]) if len(parts) > 2 else "",
            "day_off": _WORDS.get(parts[-1].lower(), "") if len(parts) > 1 else "",
        }
        for parts in lines
    ]
    return check_arrangement_form(value["year"], value["source"], rows, rulebook)


@needs("installation.manage")
@require_POST
def remove(request: PortalRequest, year: int) -> HttpResponse:
    """Raises: ArrangementNotLoaded."""
    remove_arrangement(request.actor, year)
    messages.success(request, both("已删除录入的放假安排。", "The loaded arrangement was removed."))
    return redirect("arrangements")


def _list_years() -> list[YearView]:
    """From the first arrangement known to next year at least: what is missing is what makes dates provisional."""
    shipped = {a.year: a for a in rulebook_store().shipped.calendar.arrangements}
    loaded = {row.year: row for row in list_loaded_arrangements()}
    today: date = clock.today()
    known = {*shipped, *loaded, today.year, today.year + 1}
    current = {a.year: a for a in current_rulebook().calendar.arrangements}
    return [
        YearView(year, current.get(year) or shipped.get(year), loaded.get(year), year in shipped)
        for year in range(max(known), min(known) - 1, -1)
    ]


@needs("installation.manage")
@require_safe
def show_rulebook(request: PortalRequest) -> HttpResponse:
    """Which rulebook is in use, and if the files on disk were refused, where they are wrong."""
    store = rulebook_store()
    store.reload()
    rulebook = store.current
    context = {"store": store, "rulebook": rulebook, "fault": store.fault, "rules": len(rulebook.rules)}
    return render(request, "openbeian/settings/rulebook.html", context)
