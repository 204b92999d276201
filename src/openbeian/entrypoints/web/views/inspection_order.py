"""指定检查: an officer names one holder and the reason; what was typed stays when something is wrong."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from openbeian.entrypoints.web.forms import PortalForm
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.wording import both
from openbeian.supervision.inspections.actions.order_inspection import order_inspection
from openbeian.supervision.inspections.checklist import get_sampling
from openbeian.supervision.inspections.errors import InspectorsMissing, OrderUnfit


class OrderForm(PortalForm):
    number = forms.CharField(label=both("许可证号或备案号", "Licence or filing number"), max_length=60, help_text=both("本辖区的记录，如 京B2-20260001、京ICP备2026000001号。", "Of this area, as 京B2-20260001 or 京ICP备2026000001号."))  # fmt: skip
    reason = forms.CharField(label=both("检查事由", "Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=both("写进检查记录，被检查单位会看到；不要写投诉人是谁。", "It stands in the record and the inspected read it; do not name who complained."))  # fmt: skip
    seed = forms.CharField(label=both("检查员抽签的种子", "Seed of the inspectors' lot"), max_length=120, required=False, help_text=both("可填当日公开的彩票号码；留空由系统随机生成。", "The day's public lottery numbers; left empty, one is made at random."))  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs("inspection.draw")
def order(request: PortalRequest) -> HttpResponse:
    """The form (`?number=` fills it in), and the order itself."""
    form = OrderForm(request.POST or None, initial={"number": request.GET.get("number", "")[:60]})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            inspection = order_inspection(request.actor, values["number"], values["reason"], values["seed"])
        except (OrderUnfit, InspectorsMissing) as refusal:
            form.take_refusal(refusal)
        else:
            messages.success(request, both("已指定检查，检查员已抽定。", "Ordered; the inspectors are drawn."))
            return redirect("inspection", inspection.pk)
    context = {"form": form, "rule": get_sampling().rule}
    return render(request, "openbeian/inspections/order.html", context, status=422 if form.errors else 200)
