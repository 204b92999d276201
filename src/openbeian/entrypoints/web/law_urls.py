"""The addresses of rules, policies, the calendar, its feeds and the scam check."""

from __future__ import annotations

from django.urls import URLPattern, path

from openbeian.entrypoints.web.views import calendar, feeds, rule_policies, rules, scam

urlpatterns: list[URLPattern] = [
    path("rules/", rules.show_rules, name="rules"),
    path("rules/policies/<int:setting_id>/off/", rule_policies.switch_off, name="switch_policy_off"),
    path("rules/<str:rule_id>/", rules.show_rule, name="rule"),
    path("rules/<str:rule_id>/policy/", rule_policies.switch_on, name="switch_policy_on"),
    path("calendar/", calendar.show_calendar, name="calendar"),
    path("calendar/feeds/", feeds.show_feeds, name="feeds"),
    path("calendar/feeds/<int:feed_id>/revoke/", feeds.revoke, name="revoke_feed"),
    path("feeds/<str:secret>.ics", feeds.read_feed, name="feed"),
    path("scam/", scam.show_scam_check, name="scam_check"),
]
