"""API tokens: made, shown once, revoked."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from openbeian.accounts.actions.issue_token import issue_token
from openbeian.accounts.actions.revoke_token import revoke_token
from openbeian.accounts.queries import list_tokens_visible_to
from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.wording import both
from openbeian.kernel import clock
from openbeian.kernel.errors import OpenBeianError

LIFETIMES = [
    ("30", both("30 天", "30 days")),
    ("90", both("90 天", "90 days")),
    ("180", both("180 天", "180 days")),
    ("365", both("一年", "one year")),
]


class NewToken(PortalForm):
    name = forms.CharField(
        label=both("用途", "What it is for"),
        help_text=both("例如：资产系统同步。", "For example: sync with the asset register."),
        max_length=80,
    )
    days = forms.TypedChoiceField(label=both("有效期", "Valid for"), choices=LIFETIMES, coerce=int, initial="90")


@needs()
@never_cache
def show_tokens(request: PortalRequest) -> HttpResponse:
    """The secret is in this one answer and nowhere else, so the page is answered, not redirected to."""
    form = NewToken(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            _, secret = issue_token(request.actor, form.cleaned_data["name"], form.cleaned_data["days"])
            form = NewToken()
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
    context = {
        "form": form,
        "secret": secret,
        "tokens": list_tokens_visible_to(request.actor)[:200],
        "now": clock.now(),
    }
    return render(request, "openbeian/settings/tokens.html", context, status=422 if form.errors else 200)


@needs()
@require_POST
def revoke(request: PortalRequest, token_id: int) -> HttpResponse:
    revoke_token(request.actor, token_id)
    messages.success(request, both("令牌已吊销，立即失效。", "The token is revoked and no longer works."))
    return redirect("tokens")
