"""My account: name, language, password, second factor, and where else I am signed in; and the way to all settings."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from openbeian.accounts.actions.change_profile import change_profile
from openbeian.accounts.actions.end_other_sessions import end_other_sessions
from openbeian.accounts.models import User
from openbeian.accounts.queries import list_recent_sign_ins
from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.views.preferences import keep_language
from openbeian.entrypoints.web.wording import both
from openbeian.kernel.errors import OpenBeianError


class Profile(PortalForm):
    name = forms.CharField(label=both("姓名", "Name"), max_length=80)
    language = forms.ChoiceField(
        label=both("语言", "Language"),
        help_text=both("页面和通知使用的语言。", "For pages and notices."),
        choices=[("zh", "中文"), ("en", "English")],
    )
    mobile = forms.CharField(
        label=both("手机号", "Mobile"),
        help_text=both(
            "仅用于群机器人 @ 您（钉钉、企业微信），加密保存；可不填。",
            "Only for robots of groups to call you (DingTalk, WeCom); kept encrypted. You may leave it empty.",
        ),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )


@needs()
def show_settings(request: PortalRequest) -> HttpResponse:
    return render(request, "openbeian/settings/index.html", {})


@needs()
def show_account(request: PortalRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = Profile(request.POST or None, initial={"name": user.name, "language": user.language, "mobile": user.mobile})
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            changed = change_profile(request.actor, given["name"], given["language"], given["mobile"])
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            messages.success(request, both("已保存。", "Saved."))
            return keep_language(redirect("my_account"), changed.language)
    context = {
        "form": form,
        "has_second_factor": is_mfa_enabled(user),
        "sign_ins": list_recent_sign_ins(user, timedelta(seconds=settings.SESSION_COOKIE_AGE)),
    }
    return render(request, "openbeian/settings/account.html", context, status=422 if form.errors else 200)


@needs()
@require_POST
def end_sessions(request: PortalRequest) -> HttpResponse:
    user = end_other_sessions(request.actor)
    update_session_auth_hash(request, user)
    messages.success(request, both("其他设备已退出登录。", "You are signed out everywhere else."))
    return redirect("my_account")
