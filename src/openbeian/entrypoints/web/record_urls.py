"""The addresses of what stands on record."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from openbeian.entrypoints.web.views import filed_services, sponsors

urlpatterns: list[URLPattern | URLResolver] = [
    path("sponsors/", sponsors.list_sponsors, name="sponsors"),
    path("sponsors/<int:sponsor_id>/", sponsors.show_sponsor, name="sponsor"),
    path("sponsors/<int:sponsor_id>/reveal/", sponsors.reveal, name="reveal_sponsor"),
    path("sponsors/<int:sponsor_id>/extract/", sponsors.print_extract, name="print_sponsor_extract"),
    path("services/", filed_services.list_services, name="services"),
    path("services/<int:service_id>/", filed_services.show_service, name="service"),
    path("services/<int:service_id>/reveal/", filed_services.reveal, name="reveal_service"),
    path("services/<int:service_id>/extract/", filed_services.print_extract, name="print_service_extract"),
    path("extracts/<str:code>/", filed_services.show_extract_file, name="extract_file"),
]
