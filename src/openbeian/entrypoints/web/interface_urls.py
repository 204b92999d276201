"""The addresses of 对接 and of the officers' desk for what came over the interface."""

from __future__ import annotations

from django.urls import URLPattern, path

from openbeian.entrypoints.web.views import (
    interface,
    interface_items,
    interface_resources,
    interface_settings,
    uploads,
)

urlpatterns: list[URLPattern] = [
    path("interface/", interface.show_reports, name="interface"),
    path("interface/reports/<int:outgoing_id>/retry/", interface.retry, name="interface_retry"),
    path("interface/reports/<int:outgoing_id>/take-out/", interface.take_out, name="interface_take_out"),
    path("interface/reports/<int:outgoing_id>/change/", interface_resources.change, name="interface_resource_change"),
    path("interface/reports/<int:outgoing_id>/remove/", interface_resources.remove, name="interface_resource_remove"),
    path(
        "interface/connections/<int:connection_id>/report/<str:resource_kind>/",
        interface_resources.report,
        name="interface_resource",
    ),
    path("interface/files/", interface.show_files, name="interface_files"),
    path("interface/items/", interface_items.show_items, name="interface_items"),
    path("interface/items/<int:authority_item_id>/", interface_items.show_item, name="interface_item"),
    path("interface/items/<int:authority_item_id>/close/", interface_items.close, name="interface_item_close"),
    path("interface/connections/new/", interface_settings.add, name="interface_connection_new"),
    path("interface/connections/<int:connection_id>/", interface_settings.show, name="interface_connection"),
    path("interface/connections/<int:connection_id>/change/", interface_settings.change, name="interface_change"),
    path("interface/connections/<int:connection_id>/examine/", interface_settings.examine, name="interface_examine"),
    path("interface/connections/<int:connection_id>/exchange/", interface.exchange_now, name="interface_exchange"),
    path("interface/connections/<int:connection_id>/password/", interface_settings.password, name="interface_password"),
    path("interface/connections/<int:connection_id>/queue/", interface_settings.queue, name="interface_queue"),
    path(
        "interface/connections/<int:connection_id>/addresses/", interface_settings.addresses, name="interface_addresses"
    ),
    path("desk/uploads/", uploads.show_uploads, name="uploads"),
    path("desk/uploads/<int:question_id>/", uploads.show_upload, name="upload"),
    path("desk/uploads/<int:question_id>/picture/<int:position>/", uploads.show_picture, name="upload_picture"),
    path("desk/uploads/<int:question_id>/decide/", uploads.decide, name="upload_decide"),
    path("desk/uploads/<int:question_id>/reveal/", uploads.reveal, name="upload_reveal"),
    path("desk/<int:case_id>/outside/", interface.go_outside, name="review_outside"),
]
