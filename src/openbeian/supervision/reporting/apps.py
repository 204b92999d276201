"""The app of annual reports and complaints; its label keeps its tables apart from the watch's."""

from __future__ import annotations

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "openbeian.supervision.reporting"
    label = "reporting"
