"""The addresses of what access logs say."""

from __future__ import annotations

from django.urls import URLPattern, path

from openbeian.entrypoints.web.views import traffic

urlpatterns: list[URLPattern] = [
    path("traffic/", traffic.show_traffic, name="traffic"),
    path("traffic/upload/", traffic.upload, name="upload_log"),
    path("traffic/folder/", traffic.count_folder, name="count_log_folder"),
    path("traffic/retention/", traffic.show_retention, name="traffic_retention"),
    path("traffic/hosts/", traffic.show_hosts, name="traffic_hosts"),
    path("services/<int:service_id>/traffic/", traffic.show_service, name="service_traffic"),
    path("services/<int:service_id>/traffic/chart/", traffic.show_chart, name="service_traffic_chart"),
]
