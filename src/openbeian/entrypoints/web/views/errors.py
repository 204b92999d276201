"""Pages for what went wrong before a view was reached."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from openbeian.entrypoints.web.refusals import render_refusal
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text


class FormExpired(OpenBeianError):
    code = "form_expired"
    status = 403
    message = Text(
        "页面停留太久或浏览器禁用了 Cookie，这次提交没有生效。请返回上一页，刷新后再提交；已填写的内容仍在。",
        "The page was open too long or cookies are off; nothing was changed. Go back, reload and send it again.",
    )


class PageMissing(OpenBeianError):
    code = "page_missing"
    status = 404
    message = Text("没有这个页面，或您无权查看。", "There is no such page, or it is not yours to see.")


class TooManyRequests(OpenBeianError):
    code = "too_many_requests"
    status = 429
    message = Text("请求过于频繁。请一分钟后再试。", "Too many requests. Try again in a minute.")


class Forbidden(OpenBeianError):
    code = "forbidden"
    status = 403
    message = Text(
        "无法完成这一步：需要先确认身份，或您无权操作。请返回上一页重试。",
        "This step needs a fresh confirmation, or is not yours to take. Go back and try again.",
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render_refusal(request, FormExpired())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render_refusal(request, PageMissing())


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render_refusal(request, Forbidden())


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render_refusal(request, TooManyRequests())


def fault(request: HttpRequest) -> HttpResponse:
    """A fault of ours, with the number under which it stands in the log."""
    identifier = getattr(request, "fault_identifier", "")
    return render(request, "openbeian/fault.html", {"identifier": identifier}, status=500)
