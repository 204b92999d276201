"""The addresses of notifications: the inbox, channels, and the log of what went to whom."""

from __future__ import annotations

from django.urls import URLPattern, path

from openbeian.entrypoints.web.views import inbox, notifications

urlpatterns: list[URLPattern] = [
    path("inbox/", inbox.show_inbox, name="inbox"),
    path("inbox/read/", inbox.read_all, name="read_inbox"),
    path("inbox/<int:item_id>/", inbox.open_item, name="open_inbox_item"),
    path("settings/notifications/", notifications.show_channels, name="channels"),
    path("settings/notifications/new/<str:kind>/", notifications.add_channel, name="add_channel"),
    path("settings/notifications/<int:channel_id>/", notifications.change_channel, name="change_channel"),
    path("settings/notifications/<int:channel_id>/try/", notifications.try_now, name="try_channel"),
    path("settings/notifications/escalation/", notifications.escalate, name="escalation"),
    path("settings/notifications/log/", notifications.show_log, name="notification_log"),
]
