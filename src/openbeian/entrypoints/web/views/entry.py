"""The ways in: the first run, signing in, the demonstration's one click, accepting an invitation."""

from __future__ import annotations

import ipaddress
from typing import Any, cast

from allauth.account import views as allauth_views
from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from openbeian.accounts.actions.accept_invitation import accept_invitation
from openbeian.accounts.actions.install import install
from openbeian.accounts.actions.record_sign_in import record_sign_in
from openbeian.accounts.decisions import ROLES
from openbeian.accounts.errors import AlreadyInstalled, PasswordAbsent
from openbeian.accounts.models import User
from openbeian.accounts.queries import get_usable_invitation, is_installed, list_demo_memberships
from openbeian.entrypoints.web.actors import SESSION_ORGANISATION, client_address
from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import public
from openbeian.entrypoints.web.mail import is_mail_configured
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.entrypoints.web.wording import both
from openbeian.kernel.errors import OpenBeianError

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class NewPerson(PortalForm):
    """Name and a password typed twice."""

    name = forms.CharField(
        label=both("姓名", "Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=both("密码", "Password"),
        help_text=both("至少 10 个字符，不能是常见密码。", "At least 10 characters and not a common password."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )
    again = forms.CharField(
        label=both("再次输入密码", "Password again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("password") and cleaned.get("again") and cleaned["password"] != cleaned["again"]:
            self.add_error("again", both("两次输入不一致。请重新输入。", "The two differ. Type them again."))
        return cleaned


class FirstRun(NewPerson):
    """All that a fresh installation asks."""

    organisation = forms.CharField(label=both("运营单位", "Organisation that runs this installation"), max_length=80)
    email = forms.EmailField(
        label=both("登录邮箱", "Address to sign in with"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    field_order = ("organisation", "name", "email", "password", "again")


def is_local(request: HttpRequest) -> bool:
    """Whether the browser runs on this very machine, with nothing in between that could stand for others."""
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def offers_demo(request: HttpRequest) -> bool:
    return bool(settings.DEMO) and is_local(request)


class SignIn(allauth_views.LoginView):
    """allauth's sign-in with the demonstration's people beside it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["can_reset"] = is_mail_configured()
        if offers_demo(self.request):
            context["demo_people"] = [(m, [ROLES[r] for r in m.roles if r in ROLES]) for m in list_demo_memberships()]
        return context


class ChangePassword(allauth_views.PasswordChangeView):
    """allauth's page for those who have a password; it would send the others to a page that we do not offer."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Raises: PasswordAbsent."""
        if not cast(User, request.user).has_usable_password():
            raise PasswordAbsent
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))


@public
@never_cache
@sensitive_post_parameters("password", "again")
def first_run(request: HttpRequest) -> HttpResponse:
    """Makes the first administrator and signs them in; afterwards this page leads to signing in."""
    if is_installed():
        return redirect("account_login")
    form = FirstRun(request.POST or None)
    if request.method == "POST" and form.is_valid():
        value = form.cleaned_data
        address = client_address(request)
        try:
            user = install(value["email"], value["name"], value["password"], value["organisation"], address=address)
        except AlreadyInstalled:
            return redirect("account_login")
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            _enter(request, user)
            return redirect("today")
    status = 422 if form.errors else 200
    return render(request, "openbeian/accounts/first_run.html", {"form": form}, status=status)


@public
@require_POST
def enter_demo(request: HttpRequest) -> HttpResponse:
    """One click into a role of the demonstration. Raises: PageMissing unless in demo mode on this machine."""
    if not offers_demo(request):
        raise PageMissing
    wanted = request.POST.get("membership", "")
    membership = (
        list_demo_memberships().filter(pk=int(wanted) if wanted.isdecimal() and len(wanted) < 19 else 0).first()
    )
    if membership is None:
        raise PageMissing
    _enter(request, membership.user, is_demo=True)
    request.session[SESSION_ORGANISATION] = membership.organisation_id
    return redirect("today")


@public
@never_cache
@sensitive_post_parameters("password", "again")
def accept(request: HttpRequest, secret: str) -> HttpResponse:
    """Shows who invites whom; the button joins. Raises: InvitationUnusable, InvitationForAnother."""
    invitation = get_usable_invitation(secret)
    signed_in = request.user if request.user.is_authenticated else None
    has_account = User.objects.filter(email__iexact=invitation.email).exists()
    form = NewPerson(request.POST or None) if signed_in is None and not has_account else None
    if request.method == "POST" and (signed_in or (form and form.is_valid())):
        value = form.cleaned_data if form else {}
        try:
            membership = accept_invitation(
                secret,
                user=signed_in,
                name=value.get("name", ""),
                password=value.get("password", ""),
                address=client_address(request),
            )
        except OpenBeianError as refusal:
            if form is None or not refusal.faults:
                raise
            form.take_refusal(refusal)
        else:
            if signed_in is None:
                _enter(request, membership.user)
            request.session[SESSION_ORGANISATION] = membership.organisation_id
            return redirect("today")
    context = {
        "invitation": invitation,
        "roles": [ROLES[r] for r in invitation.roles if r in ROLES],
        "form": form,
        "signed_in": signed_in,
        "is_for_another": signed_in is not None and signed_in.email.lower() != invitation.email.lower(),
    }
    response = render(
        request, "openbeian/accounts/invitation.html", context, status=422 if form and form.errors else 200
    )
    # The address is the secret: it must not travel on as a referrer.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@public
def reset_password(request: HttpRequest) -> HttpResponse:
    """By mail, where the installation can send any; otherwise the page says whom to ask."""
    if not is_mail_configured():
        return render(request, "openbeian/accounts/password_reset_by_hand.html")
    view = allauth_views.PasswordResetView.as_view(template_name="openbeian/accounts/password_reset.html")
    return cast(HttpResponse, view(request))


def _enter(request: HttpRequest, user: User, *, is_demo: bool = False) -> None:
    login(request, user, backend=BACKEND)
    browser = request.headers.get("User-Agent", "")
    record_sign_in(user, address=client_address(request), browser=browser, is_demo=is_demo)
