"""The addresses of signing in: those views of allauth that the portal offers, each with our page and our gate."""

from __future__ import annotations

from typing import Any, cast

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import URLPattern, path, re_path

from openbeian.entrypoints.web.gates import View, needs, public
from openbeian.entrypoints.web.views.entry import ChangePassword, SignIn, reset_password


def _page(view: Any, template: str) -> View:
    return cast(View, view.as_view(template_name=f"openbeian/accounts/{template}.html"))


urlpatterns: list[URLPattern] = [
    path("login/", public(_page(SignIn, "login")), name="account_login"),
    path("logout/", public(_page(account.LogoutView, "logout")), name="account_logout"),
    path("inactive/", public(_page(account.AccountInactiveView, "inactive")), name="account_inactive"),
    path(
        "reauthenticate/", needs()(_page(account.ReauthenticateView, "reauthenticate")), name="account_reauthenticate"
    ),
    path(
        "password/change/",
        needs()(_page(ChangePassword, "password_change")),
        name="account_change_password",
    ),
    path("password/reset/", reset_password, name="account_reset_password"),
    path(
        "password/reset/done/",
        public(_page(account.PasswordResetDoneView, "password_reset_done")),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(_page(account.PasswordResetFromKeyView, "password_reset_key")),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        public(_page(account.PasswordResetFromKeyDoneView, "password_reset_key_done")),
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", needs()(_page(second_factor.IndexView, "second_factor")), name="mfa_index"),
    path("2fa/authenticate/", public(_page(second_factor.AuthenticateView, "second_step")), name="mfa_authenticate"),
    path(
        "2fa/reauthenticate/",
        needs()(_page(second_factor.ReauthenticateView, "reauthenticate")),
        name="mfa_reauthenticate",
    ),
    path("2fa/totp/activate/", needs()(_page(totp.ActivateTOTPView, "totp_activate")), name="mfa_activate_totp"),
    path(
        "2fa/totp/deactivate/", needs()(_page(totp.DeactivateTOTPView, "totp_deactivate")), name="mfa_deactivate_totp"
    ),
    path(
        "2fa/recovery-codes/",
        needs()(_page(recovery_codes.ViewRecoveryCodesView, "recovery_codes")),
        name="mfa_view_recovery_codes",
    ),
    path(
        "2fa/recovery-codes/generate/",
        needs()(_page(recovery_codes.GenerateRecoveryCodesView, "recovery_codes_generate")),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/recovery-codes/download/",
        needs()(cast(View, recovery_codes.DownloadRecoveryCodesView.as_view())),
        name="mfa_download_recovery_codes",
    ),
]
