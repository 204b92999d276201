"""接口说明: the API's addresses from its own schema, as a plain page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from openbeian.entrypoints.api import api
from openbeian.entrypoints.web.gates import public


@require_safe
@public
def show_api(request: HttpRequest) -> HttpResponse:
    schema: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/")
    operations = [
        {"verb": verb.upper(), "path": path, **operation}
        for path, verbs in schema["paths"].items()
        for verb, operation in verbs.items()
    ]
    return render(request, "openbeian/api/docs.html", {"operations": operations})
