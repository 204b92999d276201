"""允许词表: phrases that reviewers found harmless, which the content audit passes over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.kernel.text import Text
from openbeian.supervision.actions.remove_phrase import remove_phrase
from openbeian.supervision.actions.teach_phrase import teach_phrase
from openbeian.supervision.queries import list_phrases

_MOST = 2000


@require_safe
@needs("record.read")
def show_phrases(request: PortalRequest) -> HttpResponseBase:
    """`?export=csv|xlsx` gives the same rows as a file."""
    rows = list_phrases(request.actor.organisation_id).select_related("organisation")
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        head = ["phrase", "term", "why", "by", "on", "everywhere"]
        cells = (
            [p.phrase, p.term, p.why, p.taught_by_name, p.taught_at.date(), p.organisation_id is None] for p in rows
        )
        return answer_with_sheet("allowed-phrases", export, head, cells)
    actor = request.actor
    context = {
        "phrases": list(rows[:_MOST]),
        "may_teach": actor.organisation_id is not None and (actor.may("finding.write") or actor.may("finding.decide")),
        "may_teach_all": actor.may("installation.manage"),
    }
    return render(request, "openbeian/watch/phrases.html", context)


@require_POST
@needs("finding.write", "finding.decide", "installation.manage")
def teach(request: PortalRequest) -> HttpResponse:
    """From the list, or from a hit of a finding (`finding`)."""
    finding = request.POST.get("finding", "")
    finding_id = int(finding) if finding.isascii() and finding.isdecimal() and len(finding) < 12 else None
    is_reviewer = request.actor.may("finding.decide")
    teach_phrase(
        request.actor,
        request.POST.get("phrase", "")[:200],
        request.POST.get("term", "")[:200],
        request.POST.get("why", ""),
        finding_id=finding_id if is_reviewer else None,
        everywhere=request.POST.get("everywhere") == "1",
    )
    messages.success(
        request,
        say_text(request, Text("已登记，下次巡检起不再报告。", "Noted; from the next sweep on it is passed over.")),
    )
    return redirect("finding", finding_id=finding_id) if finding_id else redirect("phrases")


@require_POST
@needs("finding.write", "finding.decide", "installation.manage")
def remove(request: PortalRequest, phrase_id: int) -> HttpResponse:
    remove_phrase(request.actor, phrase_id)
    messages.success(request, say_text(request, Text("已取消。", "Removed.")))
    return redirect("phrases")
