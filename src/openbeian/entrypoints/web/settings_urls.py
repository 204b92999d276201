"""The addresses of the settings: my account, my organisation, tokens, the installation, the provider register."""

from __future__ import annotations

from django.urls import URLPattern, path

from openbeian.entrypoints.web.views import (
    account,
    arrangements,
    installation,
    lead_times,
    organisation,
    providers,
    tokens,
)

urlpatterns: list[URLPattern] = [
    path("", account.show_settings, name="settings"),
    path("account/", account.show_account, name="my_account"),
    path("account/sessions/end/", account.end_sessions, name="end_sessions"),
    path("tokens/", tokens.show_tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", tokens.revoke, name="revoke_token"),
    path("organisation/", organisation.show_own, name="organisation"),
    path("organisations/<int:organisation_id>/", organisation.show_organisation, name="organisation_of"),
    path("organisations/<int:organisation_id>/invite/", organisation.invite, name="invite_person"),
    path(
        "organisations/<int:organisation_id>/invitations/<int:invitation_id>/resend/",
        organisation.resend,
        name="resend_invitation",
    ),
    path(
        "organisations/<int:organisation_id>/invitations/<int:invitation_id>/revoke/",
        organisation.revoke,
        name="revoke_invitation",
    ),
    path(
        "organisations/<int:organisation_id>/members/<int:membership_id>/",
        organisation.change,
        name="change_member",
    ),
    path("installation/", installation.show_installation, name="installation"),
    path("lead-times/", lead_times.show_lead_times, name="lead_times"),
    path("calendar/", arrangements.show_arrangements, name="arrangements"),
    path("calendar/<int:year>/remove/", arrangements.remove, name="remove_arrangement"),
    path("rulebook/", arrangements.show_rulebook, name="rulebook"),
    path("providers/", providers.show_providers, name="providers"),
    path("providers/new/", providers.register, name="register_provider"),
    path("providers/<int:provider_id>/", providers.change, name="change_provider"),
]
