"""What all addresses of the API share: who calls, how a refusal looks, where each part lies."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from openbeian.accounts.acting import actor_of
from openbeian.accounts.actions.record_token_use import record_token_use
from openbeian.accounts.queries import find_token_membership
from openbeian.entrypoints.api import cases, inspections, records
from openbeian.entrypoints.web.actors import client_address
from openbeian.kernel.actor import Actor
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

_INVALID = Text("请求的参数有误，已逐项列出。", "The request has faults; each of them is listed.")
_NO_TOKEN = Text(
    "缺少有效的令牌。请在“设置 → 接口令牌”创建，并以 Authorization: Bearer 发送。",
    "There is no valid token. Make one under Settings → API tokens and send it as Authorization: Bearer.",
)
_NOTHING = Text("没有这个地址。接口说明见 /api/docs。", "There is no such address; see /api/docs.")
_FIX = Text("请对照 /api/openapi.json 改正。", "Correct it after /api/openapi.json.")


class Token(HttpBearer):
    """A token of the settings page: the rights of its holder in one organisation, today."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        found = find_token_membership(token)
        if found is None:
            return None
        record_token_use(found[0].pk)
        return actor_of(found[1], "api", client_address(request))


api = NinjaAPI(
    title="OpenBeian",
    version=settings.VERSION,
    docs_url=None,
    auth=Token(),
    urls_namespace="api",
    description="备案办件与记录的接口。 Cases and records of filings. Personal data is masked in every answer.",
)
api.add_router("", records.router)
api.add_router("/cases", cases.router)
api.add_router("/inspections", inspections.router)


def _refuse(
    request: HttpRequest, code: str, message: Text, status: int, faults: list[Any] | None = None
) -> HttpResponse:
    body = {"error": code, "message": message.as_json(), "faults": faults or []}
    return api.create_response(request, body, status=status)


@api.exception_handler(OpenBeianError)
def refuse(request: HttpRequest, refusal: OpenBeianError) -> HttpResponse:
    if refusal.status >= 500:
        raise refusal
    return api.create_response(request, refusal.as_json(), status=refusal.status)


@api.exception_handler(ValidationError)
def refuse_invalid(request: HttpRequest, invalid: ValidationError) -> HttpResponse:
    faults = [
        {
            "field": ".".join(map(str, error["loc"])),
            "value": "",
            "rule": f"request.{error['type']}",
            "message": {"zh": error["msg"], "en": error["msg"]},
            "fix": _FIX.as_json(),
            "certain": True,
        }
        for error in invalid.errors
    ]
    return _refuse(request, "request_invalid", _INVALID, 422, faults)


@api.exception_handler(AuthenticationError)
def refuse_unknown(request: HttpRequest, _: AuthenticationError) -> HttpResponse:
    response = _refuse(request, "token_missing", _NO_TOKEN, 401)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Http404)
def refuse_missing(request: HttpRequest, _: Http404) -> HttpResponse:
    return _refuse(request, "not_found", _NOTHING, 404)


@api.exception_handler(HttpError)
def refuse_malformed(request: HttpRequest, malformed: HttpError) -> HttpResponse:
    """A body that is no JSON, above all."""
    return _refuse(request, "request_invalid", _INVALID, malformed.status_code)
