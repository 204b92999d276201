"""An organisation's name, members, roles and invitations: one's own, or any for who runs the installation."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from openbeian.accounts.actions.change_member import change_member
from openbeian.accounts.actions.change_organisation import change_organisation
from openbeian.accounts.actions.invite_person import invite_person
from openbeian.accounts.actions.resend_invitation import resend_invitation
from openbeian.accounts.actions.revoke_invitation import revoke_invitation
from openbeian.accounts.decisions import ORGANISATION_KINDS, ROLES, ROLES_OF_KIND
from openbeian.accounts.models import Invitation, Organisation
from openbeian.accounts.queries import get_manageable_organisation, list_members, list_open_invitations
from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.mail import send_invitation
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.entrypoints.web.wording import both, said
from openbeian.kernel import clock
from openbeian.kernel.errors import OpenBeianError

MANAGES = ("organisation.manage", "installation.manage")


class OrganisationName(PortalForm):
    name = forms.CharField(label=both("单位名称", "Name of the organisation"), max_length=200)


class NewInvitation(PortalForm):
    email = forms.EmailField(label=both("对方邮箱", "Their address"))
    roles = forms.MultipleChoiceField(label=both("角色", "Roles"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: object, kind: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = [(r, said(ROLES[r])) for r in ROLES_OF_KIND[kind]]  # type: ignore[attr-defined]


@needs(*MANAGES)
def show_own(request: PortalRequest) -> HttpResponse:
    if request.actor.organisation_id is None:
        raise PageMissing
    return redirect("organisation_of", request.actor.organisation_id)


@needs(*MANAGES)
def show_organisation(request: PortalRequest, organisation_id: int) -> HttpResponse:
    organisation = get_manageable_organisation(request.actor, organisation_id)
    form = OrganisationName(request.POST or None, initial={"name": organisation.name})
    if request.method == "POST" and form.is_valid():
        try:
            change_organisation(request.actor, organisation_id, form.cleaned_data["name"])
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            messages.success(request, both("已保存。", "Saved."))
            return redirect("organisation_of", organisation_id)
    return _show(request, organisation, name_form=form, status=422 if form.errors else 200)


@needs(*MANAGES)
@require_POST
@never_cache
def invite(request: PortalRequest, organisation_id: int) -> HttpResponse:
    """The link is in this one answer and nowhere else, so the page is answered, not redirected to."""
    organisation = get_manageable_organisation(request.actor, organisation_id)
    form = NewInvitation(request.POST, kind=organisation.kind)
    if form.is_valid():
        try:
            sent = invite_person(request.actor, organisation_id, form.cleaned_data["email"], form.cleaned_data["roles"])
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            return _show_link(request, organisation, *sent)
    return _show(request, organisation, invitation_form=form, status=422)


@needs(*MANAGES)
@require_POST
@never_cache
def resend(request: PortalRequest, organisation_id: int, invitation_id: int) -> HttpResponse:
    sent = resend_invitation(request.actor, organisation_id, invitation_id)
    return _show_link(request, sent[0].organisation, *sent)


@needs(*MANAGES)
@require_POST
def revoke(request: PortalRequest, organisation_id: int, invitation_id: int) -> HttpResponse:
    revoke_invitation(request.actor, organisation_id, invitation_id)
    messages.success(request, both("邀请已撤回，链接失效。", "The invitation is withdrawn and its link void."))
    return redirect("organisation_of", organisation_id)


@needs(*MANAGES)
@require_POST
def change(request: PortalRequest, organisation_id: int, membership_id: int) -> HttpResponse:
    change_member(
        request.actor,
        organisation_id,
        membership_id,
        roles=request.POST.getlist("roles"),
        is_active=request.POST.get("is_active") == "yes",
    )
    messages.success(request, both("已保存。", "Saved."))
    return redirect("organisation_of", organisation_id)


def _show_link(request: PortalRequest, organisation: Organisation, invitation: Invitation, secret: str) -> HttpResponse:
    link = request.build_absolute_uri(reverse("accept_invitation", args=[secret]))
    is_mailed = send_invitation(invitation, request.actor.name, link)
    return _show(request, organisation, link=link, invitation=invitation, is_mailed=is_mailed)


def _show(request: PortalRequest, organisation: Organisation, *, status: int = 200, **context: object) -> HttpResponse:
    kind = organisation.kind
    defaults = {
        "organisation": organisation,
        "kind": ORGANISATION_KINDS.get(kind),
        "members": [
            (member, [(r, ROLES[r], r in member.roles) for r in ROLES_OF_KIND[kind]])
            for member in list_members(organisation)
        ],
        "invitations": [
            (i, [ROLES[r] for r in i.roles if r in ROLES], i.expires_at <= clock.now())
            for i in list_open_invitations(organisation)
        ],
        "name_form": OrganisationName(initial={"name": organisation.name}),
        "invitation_form": NewInvitation(kind=kind),
    }
    return render(request, "openbeian/settings/organisation.html", defaults | context, status=status)
