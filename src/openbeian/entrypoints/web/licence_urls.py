"""The addresses of licences, below /licences/."""

from __future__ import annotations

from django.urls import URLPattern, path

from openbeian.entrypoints.web.views import licence_wizard

urlpatterns: list[URLPattern] = [
    path("wizard/", licence_wizard.show_wizard, name="licence_wizard"),
]
