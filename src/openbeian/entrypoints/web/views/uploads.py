"""审核台 · 接口上报: records that came over the interface lie before the officers, who decide once."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from openbeian.authority.actions.decide_question import decide_question
from openbeian.authority.actions.reveal_question import reveal_question
from openbeian.authority.mapping.records import KINDS
from openbeian.authority.models import Question
from openbeian.authority.queries import get_question, list_questions
from openbeian.entrypoints.web.case_wording import say_text
from openbeian.entrypoints.web.gates import PortalRequest, needs
from openbeian.entrypoints.web.listing import PAGE_SIZES, read_listing
from openbeian.entrypoints.web.sheets import answer_with_sheet
from openbeian.entrypoints.web.views.errors import PageMissing
from openbeian.entrypoints.web.wording import both
from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_certificate

STATES: dict[str, tuple[Text, str, str]] = {
    Question.State.WAITING: (Text("待审核", "Waiting"), "info", "clock"),
    Question.State.APPROVED: (Text("已通过", "Approved"), "good", "circle-check"),
    Question.State.REFUSED: (Text("已驳回", "Refused"), "bad", "circle-x"),
}
_MEDIA_TYPES = {"image/jpeg", "image/png"}


@require_safe
@needs("case.decide")
def show_uploads(request: PortalRequest) -> HttpResponseBase:
    """`?q=&state=&size=&page=`; `?export=csv|xlsx` gives the same rows."""
    listing = read_listing(request.GET, {"state": frozenset(STATES)}, ("pk",))
    questions = list_questions(request.actor)
    if "state" in listing.filters:
        questions = questions.filter(state=listing.filters["state"])
    if listing.words:
        questions = questions.filter(title__icontains=listing.words)
    export = request.GET.get("export")
    if export in {"csv", "xlsx"}:
        words = (
            Text("种类", "Kind"), Text("名称", "Title"), Text("上报单位", "Reporter"), Text("序号", "Sequence"),
            Text("状态", "State"), Text("意见", "Opinion"), Text("收到", "Received"),
        )  # fmt: skip
        return answer_with_sheet(
            "uploads", export, [say_text(request, word) for word in words], _cells(request, questions)
        )
    page = listing.paginate(questions)
    context = {
        "page": page,
        "rows": [(question, KINDS[question.kind], STATES[question.state]) for question in page],
        "listing": listing,
        "sizes": PAGE_SIZES,
        "states": STATES,
    }
    return render(request, "openbeian/desk/uploads.html", context)


@require_safe
@needs("case.decide")
def show_upload(request: PortalRequest, question_id: int) -> HttpResponse:
    """Raises: NotYourConnection."""
    question = get_question(request.actor, question_id)
    context = {
        "question": question,
        "kind": KINDS[question.kind],
        "state": STATES[question.state],
        "sections": [_mask(section) for section in question.content],
        "pictures": list(enumerate(question.pictures)),
    }
    return render(request, "openbeian/desk/upload.html", context)


@require_safe
@needs("case.decide")
def show_picture(request: PortalRequest, question_id: int, position: int) -> HttpResponse:
    """An attachment as it came. Raises: NotYourConnection, PageMissing."""
    pictures = get_question(request.actor, question_id).pictures
    if position >= len(pictures) or pictures[position]["media_type"] not in _MEDIA_TYPES:
        raise PageMissing
    picture = pictures[position]
    response = HttpResponse(base64.b64decode(picture["base64"]), content_type=picture["media_type"])
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
@needs("case.decide")
def decide(request: PortalRequest, question_id: int) -> HttpResponse:
    approved = request.POST.get("verdict") == "approve"
    question = decide_question(request.actor, question_id, approved=approved, opinion=request.POST.get("opinion", ""))
    said = both("已通过，结果随下一次下载发回。", "Approved; the answer goes back with the next download.")
    if not approved:
        said = both("已驳回，意见随下一次下载发回。", "Refused; the opinion goes back with the next download.")
    messages.success(request, said)
    following = list_questions(request.actor).filter(state=Question.State.WAITING).exclude(pk=question.pk).first()
    return redirect("upload", question_id=following.pk) if following else redirect("uploads")


@require_POST
@needs("personal.reveal")
def reveal(request: PortalRequest, question_id: int) -> HttpResponse:
    """The same sections in the clear, in place of the masked ones."""
    sections = reveal_question(request.actor, question_id)
    return render(request, "openbeian/desk/upload_sections.html", {"sections": sections})


def _mask(section: dict[str, Any]) -> dict[str, Any]:
    rows = [row | {"value": mask_certificate(row["value"])} if row["personal"] else row for row in section["rows"]]
    return section | {"rows": rows}


def _cells(request: PortalRequest, questions: Any) -> Iterator[list[Any]]:
    for question in questions.iterator(chunk_size=500):
        yield [
            say_text(request, KINDS[question.kind]),
            question.title,
            question.reporter,
            question.sequence,
            say_text(request, STATES[question.state][0]),
            question.opinion,
            question.asked_at.isoformat(),
        ]
