"""The measure for the public look-up: a view that runs the same single SQL query and gives its rows as JSON."""

from __future__ import annotations

import json

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from openbeian.registry.lookup import sql_for


def look_up(request: HttpRequest, kind: str) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(sql_for(kind), [request.GET["q"]])
        rows = cursor.fetchall()
    return HttpResponse(json.dumps(rows, default=str), content_type="application/json")


urlpatterns = [path("<str:kind>", look_up)]
