"""Settings of notifications: channels and a test of each, escalation, and the log with its proof."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from openbeian.entrypoints.web.exports import FORMATS, MOST_ROWS, answer_with_table
from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.limiting import check_rate
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.entrypoints.web.wording import both, reader_language, said
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.notifications.actions.change_escalation import MOST_DAYS, change_escalation
from openbeian.notifications.actions.save_channel import ChannelValues, save_channel
from openbeian.notifications.actions.try_channel import try_channel
from openbeian.notifications.decisions import CHANNEL_KINDS
from openbeian.notifications.kinds import KINDS
from openbeian.notifications.log import LOG_HEADER, STATES, list_log_rows
from openbeian.notifications.models import Channel
from openbeian.notifications.queries import (
    describe_proof,
    get_channel,
    get_escalation_days,
    list_channels_visible_to,
    list_log_visible_to,
    mask_address,
    narrow_log,
)
from openbeian.notifications.rendering import render_sentence
from openbeian.wiring import choose_sender, get_portal_url, open_network

PAGE_SIZE = 50
OFFERED = [(kind, label) for kind, label in CHANNEL_KINDS.items() if kind != "inbox"]
_HOURS = [(str(h), f"{h:02d}:00") for h in range(24)]
ADDRESS = {
    "email": (both("邮箱地址", "E-mail address"), ""),
    "dingtalk": (
        both("机器人 Webhook 地址", "The robot's webhook address"),
        both("群设置 → 机器人 → 自定义，安全设置选“加签”。", "Group settings → robots → custom; choose signing."),
    ),
    "wecom": (
        both("机器人 Webhook 地址", "The robot's webhook address"),
        both("企业微信机器人没有签名密钥，地址本身即密钥。", "WeCom's robots sign nothing: the address is the secret."),
    ),
    "feishu": (
        both("机器人 Webhook 地址", "The robot's webhook address"),
        both("群设置 → 机器人 → 自定义，勾选“签名校验”。", "Group settings → bots → custom; tick signature check."),
    ),
    "webhook": (
        both("接收地址", "Address"),
        both("https 地址；请求以密钥签名。", "An https address; requests are signed with the secret."),
    ),
}


class ChannelForm(PortalForm):
    name = forms.CharField(label=both("名称", "Name"), max_length=80)
    is_own = forms.ChoiceField(
        label=both("接收范围", "For whom"),
        choices=[("", both("本单位", "The organisation")), ("1", both("只给我", "Only me"))],
        required=False,
    )
    address = forms.CharField(max_length=500, required=False)
    secret = forms.CharField(
        label=both("签名密钥", "Signing secret"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    mention = forms.CharField(
        label=both("提醒谁（@）", "Mention (@)"),
        help_text=both(
            "手机号，以空格分隔；all 为所有人。飞书填 open_id。",
            "Mobiles with spaces between, or all. Feishu: open ids.",
        ),
        max_length=400,
        required=False,
    )
    language = forms.ChoiceField(label=both("语言", "Language"), choices=[("zh", "中文"), ("en", "English")])
    is_digest = forms.ChoiceField(
        label=both("节奏", "When"),
        choices=[("", both("立即", "At once")), ("1", both("每日摘要", "A digest a day"))],
        required=False,
    )
    digest_hour = forms.TypedChoiceField(
        label=both("摘要时间（北京）", "Hour of the digest (China time)"), choices=_HOURS, coerce=int, initial="9"
    )
    quiet_from = forms.TypedChoiceField(
        label=both("免打扰从", "Quiet from"), choices=[("", "—"), *_HOURS], coerce=int, empty_value=None, required=False
    )
    quiet_until = forms.TypedChoiceField(
        label=both("免打扰到", "Quiet until"),
        choices=[("", "—"), *_HOURS],
        coerce=int,
        empty_value=None,
        required=False,
    )
    takes_all = forms.BooleanField(
        label=both("所有通知", "Everything"),
        help_text=both("包括以后新增的类别；取消后在下面选择。", "Also kinds added later. Untick it to choose below."),
        required=False,
        initial=True,
    )
    kinds = forms.MultipleChoiceField(
        label=both("通知类别", "Kinds"),
        choices=[(k.name, said(k.label)) for k in KINDS.values()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    is_active = forms.BooleanField(label=both("启用", "Switched on"), required=False, initial=True)

    def __init__(self, *args: Any, kind: str, is_new: bool, may_organise: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        gone = {"is_own"} if not (is_new and may_organise) else set()
        if kind == "inbox":
            gone |= {"address", "secret", "is_digest", "digest_hour", "quiet_from", "quiet_until", "language"}
        gone |= {"secret"} if kind in {"email", "wecom"} else set()
        gone |= {"mention"} if kind in {"inbox", "email", "webhook"} else set()
        for name in gone:
            del self.fields[name]
        if "address" in self.fields:
            self.fields["address"].label, self.fields["address"].help_text = ADDRESS[kind]
            self.fields["address"].required = is_new
        if not is_new:
            for name in {"address", "secret"} & set(self.fields):
                self.fields[name].help_text = both("留空则不改。", "Leave it empty to keep what is saved.")


@needs()
def show_channels(request: PortalRequest) -> HttpResponse:
    channels = list_channels_visible_to(request.actor)
    context = {
        "channels": [(c, CHANNEL_KINDS.get(c.kind), mask_address(c)) for c in channels[:200]],
        "offered": OFFERED,
        "escalation_days": get_escalation_days(request.actor),
        "most_days": MOST_DAYS,
    }
    return render(request, "openbeian/settings/channels.html", context)


@needs()
def add_channel(request: PortalRequest, kind: str) -> HttpResponse:
    if kind not in dict(OFFERED):
        raise PageMissing
    may_organise = request.actor.may("organisation.manage")
    initial = {"name": CHANNEL_KINDS[kind](reader_language()), "language": reader_language()}
    form = ChannelForm(request.POST or None, kind=kind, is_new=True, may_organise=may_organise, initial=initial)
    if request.method == "POST" and form.is_valid():
        is_own = not may_organise or bool(form.cleaned_data["is_own"])
        channel = _save(request, form, kind, is_own=is_own)
        if channel is not None:
            messages.success(
                request, both("已添加。请发送测试消息确认可用。", "Added. Send a test to see that it works.")
            )
            return redirect("change_channel", channel.pk)
    return _show_form(request, form, kind, None)


@needs()
def change_channel(request: PortalRequest, channel_id: int) -> HttpResponse:
    channel = get_channel(request.actor, channel_id)
    initial = {name: getattr(channel, name) for name in ChannelForm.base_fields if hasattr(channel, name)}
    initial |= {"address": "", "secret": "", "is_digest": "1" if channel.is_digest else ""}
    initial |= {"kinds": [s.kind for s in channel.subscriptions.all()]}
    form = ChannelForm(request.POST or None, kind=channel.kind, is_new=False, may_organise=False, initial=initial)
    if request.method == "POST" and form.is_valid() and _save(request, form, channel.kind, channel=channel):
        messages.success(request, both("已保存。", "Saved."))
        return redirect("channels")
    return _show_form(request, form, channel.kind, channel)


def _save(
    request: PortalRequest, form: ChannelForm, kind: str, *, is_own: bool = False, channel: Channel | None = None
) -> Channel | None:
    values = {k: v for k, v in form.cleaned_data.items() if k != "is_own"}
    values["is_digest"] = bool(values.get("is_digest"))
    try:
        return save_channel(
            request.actor,
            ChannelValues(kind=kind, is_own=is_own, **values),
            open_network().check_address,
            channel_id=channel.pk if channel else None,
        )
    except OpenBeianError as refusal:
        form.take_refusal(refusal)
        return None


def _show_form(request: PortalRequest, form: ChannelForm, kind: str, channel: Channel | None) -> HttpResponse:
    context = {
        "form": form,
        "kind": CHANNEL_KINDS[kind],
        "channel": channel,
        "address": mask_address(channel) if channel else "",
        "tests": channel.deliveries.filter(is_test=True).order_by("-pk")[:5] if channel else (),
    }
    return render(request, "openbeian/settings/channel.html", context, status=422 if form.errors else 200)


@needs()
@require_POST
def try_now(request: PortalRequest, channel_id: int) -> HttpResponse:
    """Sends a test and says what the other side answered."""
    check_rate(request, "try_channel", most=20, per_minutes=10)
    channel = get_channel(request.actor, channel_id)
    if channel.kind == "inbox":
        raise PageMissing
    result = try_channel(channel, choose_sender, get_portal_url())
    if result.is_delivered:
        messages.success(request, both("对方已接收：{answer}", "Accepted: {answer}", answer=lambda: result.answer))
    else:
        messages.error(request, both("没有送达：{answer}", "Not delivered: {answer}", answer=lambda: result.answer))
    return redirect("change_channel", channel_id)


@needs("organisation.manage")
@require_POST
def escalate(request: PortalRequest) -> HttpResponse:
    days = request.POST.get("after_days", "")
    try:
        change_escalation(request.actor, int(days) if days.isascii() and days.isdigit() and len(days) < 4 else -1)
    except OpenBeianError as refusal:
        fix = refusal.faults[0].fix if refusal.faults else Text("", "")
        messages.error(request, f"{refusal.text(reader_language())} {fix(reader_language())}")
    else:
        messages.success(request, both("已保存。", "Saved."))
    return redirect("channels")


@needs()
def show_log(request: PortalRequest) -> HttpResponse:
    wanted = {name: request.GET.get(name, "") for name in ("kind", "channel", "state")}
    notices = narrow_log(list_log_visible_to(request.actor), **wanted)
    language, export = reader_language(), request.GET.get("export", "")
    if export in FORMATS:
        rows = list_log_rows(notices[:MOST_ROWS], language)
        return answer_with_table("notifications", export, LOG_HEADER[language], rows)
    page = Paginator(notices, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(n, KINDS.get(n.kind), render_sentence(n, language), describe_proof(n)) for n in page],
        "wanted": wanted,
        "kinds": list(KINDS.values()),
        "channels": list_channels_visible_to(request.actor)[:200],
        "states": STATES.items(),
    }
    return render(request, "openbeian/settings/notification_log.html", context)
