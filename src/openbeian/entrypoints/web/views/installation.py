"""The installation: which organisations work in it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render

from openbeian.accounts.actions.create_organisation import create_organisation
from openbeian.accounts.decisions import ORGANISATION_KINDS
from openbeian.accounts.queries import list_organisations_visible_to
from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.wording import both, said
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.provinces import PROVINCES


class NewOrganisation(PortalForm):
    name = forms.CharField(label=both("单位名称", "Name of the organisation"), max_length=200)
    kind = forms.ChoiceField(
        label=both("类别", "Kind"), choices=[(k, said(text)) for k, text in ORGANISATION_KINDS.items()]
    )
    province = forms.ChoiceField(
        label=both("所辖省份", "Province"),
        help_text=both("仅通信管理局填写。", "Only for an administration."),
        required=False,
        choices=[("", "—"), *((p.abbreviation, said(p.name)) for p in PROVINCES)],
    )


@needs("installation.manage")
def show_installation(request: PortalRequest) -> HttpResponse:
    form = NewOrganisation(request.POST or None)
    if request.method == "POST" and form.is_valid():
        value = form.cleaned_data
        try:
            organisation = create_organisation(request.actor, value["name"], value["kind"], value["province"])
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            messages.success(request, both("已创建。现在邀请它的管理员。", "Created. Now invite its administrator."))
            return redirect("organisation_of", organisation.pk)
    organisations = list_organisations_visible_to(request.actor).annotate(
        people=Count("memberships", filter=Q(memberships__is_active=True))
    )
    context = {
        "form": form,
        "organisations": [(o, ORGANISATION_KINDS.get(o.kind)) for o in organisations],
    }
    return render(request, "openbeian/settings/installation.html", context, status=422 if form.errors else 200)
