"""Serves the public look-up before sessions, sign-in and tokens are looked at: nobody's cookies matter there."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from openbeian.entrypoints.web.views import public

_CODE = re.compile(r"/verify/([^/]+)/")
Next = Callable[[HttpRequest], HttpResponseBase]


class PublicShortcut:
    """Stands before the session's middleware; the same views answer at the same addresses without it, only slower."""

    VIEWS = {"/public/": public.show_lookup, "/public/lookup.json": public.look_up_as_json}

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = self.VIEWS.get(request.path_info)
        if view:
            return view(request)
        code = _CODE.fullmatch(request.path_info)
        return public.verify(request, code[1]) if code else self.get_response(request)
