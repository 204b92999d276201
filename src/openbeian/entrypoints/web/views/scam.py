"""骗局鉴别: anybody pastes a message and learns whether it looks like fraud, why, and what to do instead."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from openbeian.entrypoints.web.gates import public
from openbeian.entrypoints.web.limiting import TooManyTries, check_rate
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text
from openbeian.kernel.writing import inert
from openbeian.observation.content.scam import ScamCheck, Verdict, check_message

MOST_CHECKS = 30
WINDOW_MINUTES = 5
SHOWN: dict[Verdict, tuple[Text, str, str]] = {
    Verdict.SCAM: (Text("很可能是诈骗", "Very likely fraud"), "bad", "octagon-alert"),
    Verdict.SUSPICIOUS: (Text("可疑", "Suspicious"), "warn", "triangle-alert"),
    Verdict.NO_SIGN: (Text("未发现诈骗迹象", "No sign of fraud"), "good", "circle-check"),
    Verdict.CANNOT_TELL: (Text("无法判断", "Cannot tell"), "calm", "circle-question-mark"),
}


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_scam_check(request: HttpRequest) -> HttpResponse:
    """The message comes by POST, so that it stands in no address, log or history; it is judged and forgotten."""
    message = request.POST.get("message", "")
    context: dict[str, Any] = {"message": message}
    status = 200
    if request.method == "POST":
        try:
            check_rate(request, "scam", most=MOST_CHECKS, per_minutes=WINDOW_MINUTES)
            context |= _show(check_message(message))
        except TooManyTries as refusal:
            context["refusal"], status = refusal.text, refusal.status
        except OpenBeianError as refusal:
            context |= {"refusal": refusal.text, "message": ""}
            status = refusal.status
    return render(request, "openbeian/public/scam.html", context, status=status)


def _show(check: ScamCheck) -> dict[str, Any]:
    word, tone, icon = SHOWN[check.verdict]
    reasons = [(reason, inert(reason.found), reason.source.startswith("https://")) for reason in check.reasons]
    return {"check": check, "word": word, "tone": tone, "icon": icon, "reasons": reasons}
