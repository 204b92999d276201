"""对接 · 资源上报: address ranges, domains and single papers that no case brings, filled in from the record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from openbeian.authority.actions.remove_resource import remove_resource
from openbeian.authority.actions.report_material import report_material
from openbeian.authority.actions.report_resource import report_resource
from openbeian.authority.carrying import read_received_codes
from openbeian.authority.interface import get_code_table
from openbeian.authority.mapping.resources import find_resource_kind
from openbeian.authority.models import Connection
from openbeian.authority.operating import check_may_operate
from openbeian.authority.queries import get_connection, get_report
from openbeian.authority.resource_candidates import list_candidates, prefill, read_report
from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.wording import both, said
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

KINDS: dict[str, tuple[Text, Text]] = {
    "sources": (Text("IP 来源", "Address source"), Text("本单位的地址段从哪个单位来。", "Which unit a range of yours came from.")),
    "allocations": (
        Text("IP 分配", "Address allocation"),
        Text("再分配、自用、保留的地址段；用户在用的由「上报 IP 地址」一并生成。",
             "Ranges passed on, used by yourself or kept in reserve; those in customers' use are made together."),
    ),
    "broadcasts": (
        Text("IP 广播", "Address broadcast"),
        Text("哪个单位为谁广播这段地址。规范只许基础电信企业集团公司上报。",
             "Which unit announces a range for whom. The specification leaves this to the basic carriers' groups."),
    ),
    "customer_owned": (
        Text("自带 IP", "Customer-owned addresses"),
        Text("用户自带、不在本单位地址段内的地址。", "Addresses customers brought along, outside your own ranges."),
    ),
    "domains": (
        Text("域名", "Domain"),
        Text("规范要求域名只向部级系统上报（代码 3036）。", "The specification has domains reported to the ministry's system only (code 3036)."),
    ),
    "materials": (
        Text("核验材料", "Verification paper"),
        Text("已备案主体或网站的一份材料，单独提交。", "One paper of a filing on record, handed in on its own."),
    ),
}  # fmt: skip
"""What can be reported here, with a word on each."""

_MOST_PAPER_BYTES = 8 * 1024 * 1024
_UNIT = both("单位编号取自管局代码表。", "The unit's number in the administration's table.")


def _text(zh: str, en: str, most: int, *, required: bool = True, hint: Any = "") -> forms.CharField:
    return forms.CharField(label=both(zh, en), max_length=most, required=required, help_text=hint)


def _number(zh: str, en: str, *, required: bool = True, hint: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=both(zh, en), min_value=1, max_value=2**63 - 1, required=required, help_text=hint,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip


def _day(zh: str, en: str, *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=both(zh, en), required=required, widget=widget)


def _choice(zh: str, en: str, table: str, *, required: bool = True) -> forms.TypedChoiceField:
    rows = [(str(code), said(label)) for code, label in get_code_table(table).items()]
    choices = [("", "—"), *rows]  # nothing is chosen for anybody
    return forms.TypedChoiceField(
        label=both(zh, en), choices=choices, coerce=int, empty_value=None, required=required
    )  # fmt: skip


class ResourceForm(PortalForm):
    """The fields of one kind of resource, by the names of its record."""

    def __init__(self, *args: Any, kind: str, codes: dict[str, dict[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= _list_fields(kind, codes)
        for field in self.fields.values():
            field.error_messages["required"] = both("未填写。请填写。", "It is empty. Fill it in.")


class PaperForm(PortalForm):
    number = forms.CharField(label=both("备案号", "Filing number"), max_length=60)
    purpose = forms.TypedChoiceField(label=both("材料用途", "Purpose"), coerce=int)
    file = forms.FileField(
        label=both("图片", "Picture"),
        help_text=both("JPG 或 PNG；过大的自动压缩。", "JPG or PNG; larger ones are made smaller."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
    )
    note = forms.CharField(label=both("备注", "Note"), max_length=256, required=False)

    def __init__(self, *args: Any, codes: dict[str, dict[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = codes.get("attachment_purposes")
        offered = rows.items() if rows else ((n, said(t)) for n, t in get_code_table("attachment_purposes").items())
        self.fields["purpose"].choices = [(str(code), name) for code, name in offered]  # type: ignore[attr-defined]


@needs("interface.read")
def report(request: PortalRequest, connection_id: int, resource_kind: str) -> HttpResponse:
    """`?from=` fills in what the record knows. Raises: NotYourConnection, NotPermitted."""
    check_may_operate(request.actor)
    if resource_kind not in KINDS:
        raise Http404
    connection = get_connection(request.actor, connection_id)
    codes = read_received_codes(connection)
    posted = request.POST if request.method == "POST" else None
    chosen = request.GET.get("from", "")
    form: PortalForm
    if resource_kind == "materials":
        form = PaperForm(posted, request.FILES or None, codes=codes)
    else:
        initial = prefill(connection, resource_kind, chosen)
        form = ResourceForm(posted, kind=resource_kind, codes=codes, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            _send(request, connection, resource_kind, form)
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            return _written(request)
    candidates = [] if resource_kind == "materials" else list_candidates(connection, resource_kind)
    return _show(request, form, connection, resource_kind, candidates=candidates, chosen=chosen)


@needs("interface.read")
def change(request: PortalRequest, outgoing_id: int) -> HttpResponse:
    """Starts from what stands at the administration. Raises: NotYourConnection, NotPermitted, ReportNotMovable."""
    check_may_operate(request.actor)
    standing = get_report(request.actor, outgoing_id)
    kind = find_resource_kind(standing.kind)
    if kind is None:
        raise Http404
    connection = standing.connection
    posted = request.POST if request.method == "POST" else None
    form = ResourceForm(posted, kind=kind, codes=read_received_codes(connection), initial=read_report(standing))
    if request.method == "POST" and form.is_valid():
        try:
            report_resource(request.actor, connection.pk, kind, form.cleaned_data, changes_report=standing.pk)
        except OpenBeianError as refusal:
            form.take_refusal(refusal)
        else:
            return _written(request)
    return _show(request, form, connection, kind, changes=standing)


@require_POST
@needs("interface.read")
def remove(request: PortalRequest, outgoing_id: int) -> HttpResponse:
    remove_resource(request.actor, outgoing_id)
    return _written(request)


def _send(request: PortalRequest, connection: Connection, kind: str, form: PortalForm) -> None:
    values = form.cleaned_data
    if kind == "materials":
        content = values["file"].read(_MOST_PAPER_BYTES + 1)
        content = content if len(content) <= _MOST_PAPER_BYTES else b""
        report_material(
            request.actor, connection.pk, values["number"].strip(), values["purpose"], content, values["note"]
        )
        return
    report_resource(request.actor, connection.pk, kind, values)


def _written(request: PortalRequest) -> HttpResponse:
    messages.success(request, both("已写入待上报，随下一个文件发出。", "Written; it leaves with the next file."))
    return redirect("interface")


def _show(request: PortalRequest, form: PortalForm, connection: Connection, kind: str, **more: Any) -> HttpResponse:
    label, hint = KINDS[kind]
    context = {"form": form, "connection": connection, "kind": label, "hint": hint, **more}
    return render(request, "openbeian/interface/resource.html", context, status=422 if form.errors else 200)


def _list_fields(kind: str, codes: dict[str, dict[int, str]]) -> dict[str, forms.Field]:
    span = {
        "range": _text(
            "IPv4 地址段", "IPv4 range", 80, hint=both("一个地址、起止地址或 CIDR。", "One address, two ends, or CIDR.")
        )
    }
    note = {"note": _text("备注", "Note", 512, required=False)}
    match kind:
        case "sources":
            return {**span, "source_unit": _number("来源单位编号", "Source unit", hint=_UNIT), **note}
        case "broadcasts":
            units = {
                "broadcaster": _number("广播单位编号", "Announcing unit", hint=_UNIT),
                "applicant": _number("申请单位编号", "Applying unit", hint=_UNIT),
            }
            return {**span, **units, **note}
        case "allocations":
            return {
                **span,
                "mode": _choice("分配方式", "Mode", "allocation_modes"),
                "allocated_to": _number(
                    "分配对象编号（再分配）", "Allocated to (passed on)", required=False, hint=_UNIT
                ),
                "use": _choice("使用方式（自用）", "Use (own use)", "allocation_uses", required=False),
                "allocated_on": _day("分配日期（自用）", "Allocated on (own use)", required=False),
                **note,
            }
        case "customer_owned":
            return {**span, **_customer_fields(codes), **note}
    return _domain_fields(codes)


def _customer_fields(codes: dict[str, dict[int, str]]) -> dict[str, forms.Field]:
    return {
        "unit_name": _text("使用单位", "Using unit", 255),
        "unit_nature": _choice("单位性质", "Nature", "natures"),
        "region": _region("所在地区代码", "Region code"),
        "street": _text("详细地址", "Address", 512),
        "contact": _text("联系人", "Contact", 20),
        "contact_phone": _text("联系电话", "Phone", 255),
        "contact_email": _text("联系邮箱", "E-mail", 255),
        "use": _choice("使用方式", "Use", "allocation_uses"),
        "allocated_on": _day("启用日期", "In use since"),
        "redirects_domains": forms.BooleanField(label=both("用于域名转发", "Redirects domains"), required=False),
        "gateway": forms.GenericIPAddressField(label=both("网关 IP", "Gateway address"), protocol="IPv4"),
        "gateway_place": _text("网关所在地", "Place of the gateway", 512),
        "source_name": _text("来源单位名称（非报备单位）", "Source, if no reporting unit", 255, required=False),
        "source_unit": _number("来源单位编号（报备单位）", "Source, if a reporting unit", required=False, hint=_UNIT),
    }


def _domain_fields(codes: dict[str, dict[int, str]]) -> dict[str, forms.Field]:
    kinds = codes.get("domain_kinds", {})
    fields: dict[str, forms.Field] = {
        "name": _text("域名", "Domain", 255),
        "kind": forms.TypedChoiceField(
            label=both("域名类型", "Kind"), coerce=int,
            help_text="" if kinds else both("管局还没有下发代码表。", "The administration has sent no table yet."),
            choices=[(str(code), name) for code, name in kinds.items()],
        ),
        "registered_on": _day("注册日期", "Registered on"),
        "expires_on": _day("到期日期", "Expires on"),
        "registrar": _text("注册服务商", "Registrar", 500),
        "name_servers": _text("域名服务器", "Name servers", 255),
    }  # fmt: skip
    for prefix, zh, en in (("registrant", "注册人", "Registrant"), ("administrator", "管理联系人", "Administrator")):
        fields |= {
            f"{prefix}_name": _text(f"{zh}姓名", f"{en}: name", 255),
            f"{prefix}_organisation": _text(f"{zh}单位", f"{en}: organisation", 255),
            f"{prefix}_address": _text(f"{zh}地址", f"{en}: address", 1000),
            f"{prefix}_region": _region(f"{zh}地区代码", f"{en}: region code"),
            f"{prefix}_email": _text(f"{zh}邮箱", f"{en}: e-mail", 255),
            f"{prefix}_phone": _text(f"{zh}电话", f"{en}: phone", 255),
        }
    return fields


def _region(zh: str, en: str) -> forms.RegexField:
    return forms.RegexField(
        r"^[1-9]\d{5}$", label=both(zh, en), help_text=both("六位行政区划代码，到市或县。", "Six digits of GB/T 2260, to city or county."),
        error_messages={"invalid": both("应为六位数字。", "It has six digits.")},
    )  # fmt: skip
