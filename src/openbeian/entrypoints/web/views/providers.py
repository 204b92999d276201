"""The provider register: which agencies, access providers and outside portals an applicant may choose."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render

from openbeian.accounts.models import Organisation
from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.wording import both, said
from openbeian.kernel.actor import Actor, NotPermitted
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.numbers import ServiceKind
from openbeian.kernel.provinces import PROVINCES
from openbeian.kernel.text import Text
from openbeian.registry.actions.change_provider import change_provider
from openbeian.registry.actions.register_provider import register_provider
from openbeian.registry.errors import ProviderMissing
from openbeian.registry.models import Provider
from openbeian.registry.register import may_register, values_of

KINDS = {
    "access_provider": Text("接入服务商", "Access provider"),
    "agency": Text("代办机构", "Agency"),
    "outside_portal": Text("外部平台", "Outside portal"),
}
CHANNELS = {
    "inside": Text("在本系统内办理", "worked on in this installation"),
    "interface": Text("通过管局接口", "through the authority interface"),
    "outside": Text("在外部平台办理，结果由人登记", "on an outside portal, results entered by a person"),
}
SERVICE_KINDS = {
    "website": Text("网站", "Website"),
    "app": Text("App", "App"),
    "mini_program": Text("小程序", "Mini-program"),
    "quick_app": Text("快应用", "Quick app"),
}


class ProviderForm(PortalForm):
    name = forms.CharField(label=both("名称", "Name"), max_length=200)
    kind = forms.ChoiceField(label=both("类别", "Kind"), choices=[(k, said(v)) for k, v in KINDS.items()])
    channel = forms.ChoiceField(
        label=both("办理通道", "How its cases go"), choices=[(k, said(v)) for k, v in CHANNELS.items()]
    )
    organisation_id = forms.TypedChoiceField(
        label=both("本系统中的单位", "Organisation in this installation"),
        help_text=both("选择后，该单位的初审员会收到办件。", "Its reviewers then receive the cases."),
        required=False,
        coerce=int,
        empty_value=None,
    )
    licences = forms.CharField(
        label=both("许可证号", "Licence numbers"),
        help_text=both("每行一个，如 京B1-20260001。", "One a line, as 京B1-20260001."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    address_ranges = forms.CharField(
        label=both("IP 地址段", "Address ranges"),
        help_text=both(
            "每行一段公网地址：8.8.8.0/24 或 8.8.8.0-8.8.8.15。",
            "One range of public addresses a line: 8.8.8.0/24 or 8.8.8.0-8.8.8.15.",
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
    )
    service_kinds = forms.MultipleChoiceField(
        label=both("受理的服务", "Takes which services"),
        choices=[(k.value, said(SERVICE_KINDS.get(k.value, Text(k.value, k.value)))) for k in ServiceKind],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    provinces = forms.MultipleChoiceField(
        label=both("服务省份", "Provinces"),
        help_text=both("不选即全国。", "None ticked means all."),
        choices=[(p.abbreviation, said(p.name)) for p in PROVINCES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    contact = forms.CharField(label=both("联系方式", "Contact"), max_length=200, required=False)
    portal_url = forms.CharField(label=both("平台网址", "Address of its portal"), max_length=200, required=False)
    is_active = forms.BooleanField(label=both("可供选择", "May be chosen"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisations = Organisation.objects.filter(kind__in=("access_provider", "agency")).order_by("name")
        self.fields["organisation_id"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((o.pk, o.name) for o in organisations),
        ]


def list_providers_visible_to(actor: Actor) -> QuerySet[Provider]:
    """The whole register for who keeps it; else the entry of one's own organisation."""
    providers = Provider.objects.select_related("organisation").order_by("-is_active", "name")
    return providers if may_register(actor) else providers.filter(organisation_id=actor.organisation_id or 0)


@needs("provider.manage")
def show_providers(request: PortalRequest) -> HttpResponse:
    context = {
        "providers": [(p, KINDS.get(p.kind)) for p in list_providers_visible_to(request.actor)],
        "may_register": may_register(request.actor),
    }
    return render(request, "openbeian/settings/providers.html", context)


@needs("provider.manage")
def register(request: PortalRequest) -> HttpResponse:
    if not may_register(request.actor):
        raise NotPermitted(permission="provider.manage")
    form = ProviderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            register_provider(request.actor, form.cleaned_data)
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            messages.success(request, both("已登记。", "Registered."))
            return redirect("providers")
    return _show(request, form, None)


@needs("provider.manage")
def change(request: PortalRequest, provider_id: int) -> HttpResponse:
    provider = list_providers_visible_to(request.actor).filter(pk=provider_id).first()
    if provider is None:
        raise ProviderMissing
    stands = values_of(provider).as_json()
    initial = stands | {field: "\n".join(stands[field]) for field in ("licences", "address_ranges")}
    form = ProviderForm(request.POST or None, initial=initial)
    if not may_register(request.actor):
        for field in ("name", "kind", "organisation_id", "channel", "is_active"):
            form.fields[field].disabled = True
    if request.method == "POST" and form.is_valid():
        try:
            change_provider(request.actor, provider_id, form.cleaned_data)
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            messages.success(request, both("已保存。", "Saved."))
            return redirect("providers")
    return _show(request, form, provider)


def _show(request: PortalRequest, form: ProviderForm, provider: Provider | None) -> HttpResponse:
    context = {"form": form, "provider": provider}
    return render(request, "openbeian/settings/provider.html", context, status=422 if form.errors else 200)
