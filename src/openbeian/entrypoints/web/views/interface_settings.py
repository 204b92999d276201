"""对接 · 设置: a connection's account with write-only credentials, the doctor's findings, and what is put in by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.authority.actions.queue_upload import queue_upload
from openbeian.authority.actions.record_password import record_password
from openbeian.authority.actions.report_addresses import report_addresses
from openbeian.authority.actions.request_examination import request_examination
from openbeian.authority.actions.save_connection import SECRETS, save_connection
from openbeian.authority.interface import get_interface
from openbeian.authority.models import Connection
from openbeian.authority.operating import may_operate
from openbeian.authority.queries import get_connection
from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.views.interface_resources import KINDS as RESOURCES
from openbeian.entrypoints.web.wording import both, said
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.provinces import PROVINCES
from openbeian.kernel.text import Text

_MOST_FILE_BYTES = 8 * 1024 * 1024
_CHECKS: dict[str, tuple[Text, str, str]] = {
    "met": (Text("正常", "Met"), "good", "circle-check"),
    "not met": (Text("不正常", "Not met"), "bad", "circle-x"),
    "cannot tell": (Text("无法判断", "Cannot tell"), "warn", "circle-question-mark"),
}
_ASKED: dict[str, Text] = {
    "address": Text("地址", "Address"),
    "address.transfer": Text("上报与下载地址", "Address for files"),
    "address.status": Text("备案查询地址", "Address for look-ups"),
    "address.password": Text("密码核验地址", "Address for passwords"),
    "account": Text("账号", "Account"),
    "keys": Text("密钥与偏移量", "Key and offset"),
    "schema": Text("报文结构", "Structure of messages"),
    "clock": Text("时钟", "Clock"),
}
_HIDDEN = {"autocomplete": "off"}


class ConnectionForm(PortalForm):
    province = forms.ChoiceField(
        label=both("管局所在省份", "Province of the administration"),
        choices=[(p.abbreviation, said(p.name)) for p in PROVINCES],
    )
    url = forms.CharField(
        label=both("接口地址", "Address"),
        help_text=both("形如 http://主机:端口。", "As http://host:port."),
        max_length=200,
    )
    provider_number = forms.CharField(label=both("单位编号（ispId）", "Provider number (ispId)"), max_length=19)
    user = forms.CharField(
        label=both("用户名", "User name"), max_length=200, required=False, widget=forms.TextInput(attrs=_HIDDEN)
    )
    password = forms.CharField(
        label=both("口令", "Password"), max_length=200, required=False, widget=forms.PasswordInput(attrs=_HIDDEN)
    )
    aes_key = forms.CharField(
        label=both("AES 密钥", "AES key"), max_length=16, required=False, widget=forms.PasswordInput(attrs=_HIDDEN)
    )
    aes_offset = forms.CharField(
        label=both("AES 偏移量", "AES offset"), max_length=16, required=False, widget=forms.PasswordInput(attrs=_HIDDEN)
    )
    encryption = forms.ChoiceField(
        label=both("上报加密", "Encryption of uploads"),
        choices=[("1", "AES-128-CBC"), ("0", both("不加密", "none"))],
        initial="1",
    )
    confirms_persons = forms.BooleanField(
        label=both("上报前由本平台发送短信核验", "Send confirmation codes here before reporting"),
        help_text=both(
            "V3.0 接口不传短信核验结果。不选则由工信部发送，管局的决定即视为已核验。",
            "V3.0 carries no result of the SMS confirmation. Unticked, the ministry sends the codes itself.",
        ),
        required=False,
    )
    is_active = forms.BooleanField(label=both("启用", "Switched on"), required=False, initial=True)

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SECRETS:
            self.fields[name].required = is_new
            if not is_new:
                self.fields[name].help_text = both(
                    "已保存，不再显示；留空则不改。", "Saved and never shown; leave it empty to keep it."
                )


@needs("interface.manage")
def add(request: PortalRequest) -> HttpResponse:
    form = ConnectionForm(request.POST or None, is_new=True)
    return _save(request, form, None)


@needs("interface.manage")
def change(request: PortalRequest, connection_id: int) -> HttpResponse:
    connection = get_connection(request.actor, connection_id)
    kept = ("province", "url", "provider_number", "encryption", "confirms_persons", "is_active")
    form = ConnectionForm(
        request.POST or None, is_new=False, initial={name: getattr(connection, name) for name in kept}
    )
    return _save(request, form, connection)


def _save(request: PortalRequest, form: ConnectionForm, connection: Connection | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_connection(request.actor, connection.pk if connection else None, form.cleaned_data)
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            request_examination(request.actor, saved.pk)
            messages.success(request, both("已保存，正在检查连接。", "Saved; the connection is being examined."))
            return redirect("interface_connection", connection_id=saved.pk)
    context = {"form": form, "connection": connection}
    return render(request, "openbeian/interface/change.html", context, status=422 if form.errors else 200)


@require_safe
@needs("interface.read")
def show(request: PortalRequest, connection_id: int) -> HttpResponse:
    """Raises: NotYourConnection."""
    connection = get_connection(request.actor, connection_id)
    context = {
        "connection": connection,
        "findings": [
            (_ASKED.get(f["check"], Text(f["check"], f["check"])), Text(f["zh"], f["en"]), _CHECKS[f["state"]])
            for f in connection.findings
            if f["state"] in _CHECKS
        ],
        "gaps": get_interface().gaps,
        "resources": RESOURCES,
        "may_operate": may_operate(request.actor),
        "may_manage": request.actor.may("interface.manage"),
    }
    return render(request, "openbeian/interface/connection.html", context)


@require_POST
@needs("interface.read")
def examine(request: PortalRequest, connection_id: int) -> HttpResponse:
    request_examination(request.actor, connection_id)
    messages.success(
        request, both("正在检查，稍后刷新本页看结果。", "The connection is being examined; reload in a moment.")
    )
    return redirect("interface_connection", connection_id=connection_id)


@require_POST
@needs("interface.read")
def password(request: PortalRequest, connection_id: int) -> HttpResponse:
    post = request.POST
    record_password(request.actor, connection_id, post.get("number", "").strip()[:60], post.get("password", ""))
    messages.success(request, both("备案密码已登记，只保留摘要。", "Recorded; only its digest is kept."))
    return redirect("interface_connection", connection_id=connection_id)


@require_POST
@needs("interface.read")
def queue(request: PortalRequest, connection_id: int) -> HttpResponse:
    """A prepared GBK XML file: each record becomes a report."""
    file = request.FILES.get("file")
    content = file.read(_MOST_FILE_BYTES + 1) if file is not None else b""
    if len(content) > _MOST_FILE_BYTES:
        content = b""
    reports = queue_upload(request.actor, connection_id, content)
    count = len(reports)
    messages.success(request, both("已写入 {n} 条待上报。", "{n} records were written.", n=lambda: count))
    return redirect("interface")


@require_POST
@needs("interface.read")
def addresses(request: PortalRequest, connection_id: int) -> HttpResponse:
    unit = request.POST.get("source_unit", "").strip()
    number = int(unit) if unit.isascii() and unit.isdecimal() and len(unit) < 19 else 0
    written = report_addresses(request.actor, connection_id, number)
    sources, allocations = written["sources"], written["allocations"]
    messages.success(
        request,
        both(
            "已写入 IP 来源 {s} 条、分配 {a} 条。", "{s} sources and {a} allocations were written.",
            s=lambda: sources, a=lambda: allocations,
        ),
    )  # fmt: skip
    return redirect("interface")
