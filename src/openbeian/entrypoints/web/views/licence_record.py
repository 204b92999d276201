"""Putting a licence or a number resource on record by hand, and bringing what stands there up to date."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.wording import both, said
from openbeian.kernel.errors import OpenBeianError
from openbeian.obligations.actions.follow_record import follow_record
from openbeian.registry.actions.change_licence import change_licence
from openbeian.registry.actions.record_licence import record_licence
from openbeian.registry.actions.record_number_resource import record_number_resource
from openbeian.registry.errors import RecordNotYours
from openbeian.registry.models import Licence
from openbeian.registry.queries import get_licence
from openbeian.rules.code_tables import load_code_tables


class LicenceForm(PortalForm):
    number = forms.CharField(label=both("许可证号", "Licence number"), max_length=40, help_text=both("如 京B2-20260001、合字B2-20260001。", "As 京B2-20260001 or 合字B2-20260001."))  # fmt: skip
    holder = forms.CharField(label=both("持证人", "Holder"), max_length=200)
    certificate_number = forms.CharField(label=both("统一社会信用代码", "Unified social credit code"), max_length=18)
    issued_on = forms.CharField(label=both("发证日期", "Issued on"), max_length=20, widget=forms.DateInput(attrs={"type": "date"}))  # fmt: skip
    valid_until = forms.CharField(label=both("有效期至（证面）", "Valid until, as printed"), max_length=20, required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text=both("证面没有印的留空，按发证日起五年计算。", "Leave it empty if none is printed: five years are counted."))  # fmt: skip
    businesses = forms.MultipleChoiceField(label=both("业务种类", "Businesses"), widget=forms.CheckboxSelectMultiple)
    unopened = forms.MultipleChoiceField(label=both("其中尚未开通的", "Of these, not open yet"), required=False, widget=forms.CheckboxSelectMultiple, help_text=both("到期仍未开通的，不予延续。", "What never opens is not renewed."))  # fmt: skip
    areas = forms.CharField(label=both("业务覆盖范围", "Area"), max_length=200, help_text=both("省份用顿号分开，如 京、沪；全国写“全国”。", "Provinces, as 京、沪, or 全国."))  # fmt: skip
    special_terms = forms.CharField(label=both("特别规定事项", "Special terms"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip
    legal_representative = forms.CharField(label=both("法定代表人", "Legal representative"), required=False, max_length=60)  # fmt: skip
    capital_yuan = forms.CharField(label=both("注册资本（元）", "Registered capital (yuan)"), required=False, max_length=20)  # fmt: skip
    shareholders = forms.CharField(label=both("股东", "Shareholders"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 3}), help_text=both("每行一个：名称:比例%，外资的在后面加“:外资”。", "One a line: name:percent%, with :外资 after a foreign one."))  # fmt: skip
    people = forms.CharField(label=both("主要管理人员", "Key people"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 3}), help_text=both("每行一个：姓名:职务。", "One a line: name:role."))  # fmt: skip
    sites = forms.CharField(label=both("证上所列网站与 App", "Sites and apps listed"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 3}), help_text=both("每行一个。", "One a line."))  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(row.id, f"{row.id} {said(row.label)}") for row in load_code_tables().businesses]
        self.fields["businesses"].choices = choices  # type: ignore[attr-defined]
        self.fields["unopened"].choices = choices  # type: ignore[attr-defined]

    def read(self) -> dict[str, Any]:
        """As `licence_values.read_licence` wants it."""
        values = dict(self.cleaned_data)
        unopened = set(values.pop("unopened"))
        values["businesses"] = [{"code": c, "opened": c not in unopened} for c in values["businesses"]]
        return values


class NumberForm(PortalForm):
    number = forms.CharField(label=both("码号", "Number resource"), max_length=20)
    kind = forms.CharField(label=both("号段", "Range"), max_length=8, help_text=both("如 95、96、1062、1069。", "Such as 95, 96, 1062, 1069."))  # fmt: skip
    assigned_on = forms.CharField(label=both("分配日期", "Assigned on"), max_length=20, widget=forms.DateInput(attrs={"type": "date"}))  # fmt: skip
    licence_number = forms.CharField(
        label=both("所依据的许可证号", "Licence it rests on"), max_length=40, required=False
    )


@needs("case.write")
def record(request: PortalRequest) -> HttpResponse:
    form = LicenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            licence = record_licence(request.actor, form.read())
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            follow_record()
            messages.success(request, both("已登记。", "On record."))
            return redirect("licence", licence.pk)
    return _show(request, form, None)


@needs("case.write")
def change(request: PortalRequest, licence_id: int) -> HttpResponse:
    """Raises: RecordNotYours."""
    licence = get_licence(request.actor, licence_id)
    if licence.organisation_id != request.actor.organisation_id:
        raise RecordNotYours
    form = LicenceForm(request.POST or None, initial=_initial(licence))
    if request.method == "POST" and form.is_valid():
        try:
            change_licence(request.actor, licence.pk, form.read())
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            follow_record()
            messages.success(request, both("已保存。", "Saved."))
            return redirect("licence", licence.pk)
    return _show(request, form, licence)


@needs("case.write")
def record_number(request: PortalRequest) -> HttpResponse:
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            record_number_resource(request.actor, form.cleaned_data)
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            follow_record()
            messages.success(request, both("已登记。", "On record."))
            return redirect("licences")
    return render(request, "openbeian/licences/number_form.html", {"form": form}, status=422 if form.errors else 200)


def _show(request: PortalRequest, form: LicenceForm, licence: Licence | None) -> HttpResponse:
    context = {"form": form, "licence": licence}
    return render(request, "openbeian/licences/record_form.html", context, status=422 if form.errors else 200)


def _initial(licence: Licence) -> dict[str, Any]:
    number = licence.certificate_number or (licence.sponsor.certificate_number if licence.sponsor else "")
    return {
        "number": licence.number,
        "holder": licence.holder,
        "certificate_number": number,
        "issued_on": licence.issued_on.isoformat(),
        "valid_until": licence.valid_until.isoformat(),
        "businesses": [b["code"] for b in licence.businesses],
        "unopened": [b["code"] for b in licence.businesses if not b["opened"]],
        "areas": "、".join("全国" if a == "nationwide" else a for a in licence.areas),
        "special_terms": licence.special_terms,
        "legal_representative": licence.legal_representative,
        "capital_yuan": licence.capital_yuan or "",
        "shareholders": "\n".join(f"{s['name']}:{s['percent']}%{':外资' if s['is_foreign'] else ''}" for s in licence.shareholders),
        "people": "\n".join(f"{p['name']}:{p['role']}" for p in licence.people),
        "sites": "\n".join(licence.sites),
    }  # fmt: skip
