"""Every address of the portal. The golden list in tests/golden/routes.txt holds each with its permission."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from openbeian.entrypoints.api import api
from openbeian.entrypoints.web import (
    account_urls,
    case_urls,
    inspection_urls,
    interface_urls,
    job_urls,
    law_urls,
    licence_urls,
    notification_urls,
    record_urls,
    report_urls,
    settings_urls,
    traffic_urls,
    watch_urls,
)
from openbeian.entrypoints.web.views import (
    confirmation,
    desk,
    documents,
    entry,
    health,
    journal,
    obligations,
    papers,
    preferences,
    public,
    today,
)

ERRORS = "openbeian.entrypoints.web.views.errors"
handler403 = f"{ERRORS}.forbidden"
handler404 = f"{ERRORS}.not_found"
handler429 = f"{ERRORS}.too_many_requests"
handler500 = f"{ERRORS}.fault"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", today.show_today, name="today"),
    # Open to everybody.
    path("health", health.show_health, name="health"),
    path("language/", preferences.choose_language, name="language"),
    path("public/", public.show_lookup, name="public_lookup"),
    path("public/lookup.json", public.look_up_as_json, name="public_lookup_json"),
    path("verify/", papers.verify_upload, name="verify_file"),
    path("verify/keys.json", papers.show_signing_keys, name="signing_keys"),
    path("verify/<str:code>/", public.verify, name="verify"),
    path("confirm/<str:secret>/", confirmation.confirm, name="confirm"),
    path("demo/phone/", confirmation.show_demo_phone, name="demo_phone"),
    # Coming in.
    path("first-run/", entry.first_run, name="first_run"),
    path("demo/sign-in/", entry.enter_demo, name="enter_demo"),
    path("invitation/<str:secret>/", entry.accept, name="accept_invitation"),
    path("accounts/", include(account_urls)),
    path("organisation/", preferences.switch_organisation, name="switch_organisation"),
    path("", include(notification_urls)),
    path("settings/", include(settings_urls)),
    path("cases/", include(case_urls)),
    path("inspections/", include(inspection_urls)),
    path("", include(job_urls)),
    path("api/", api.urls),
    path("", include(interface_urls)),
    # The review desk.
    path("desk/", desk.show_desk, name="desk"),
    path("desk/<int:case_id>/", desk.show_review, name="review"),
    path("desk/<int:case_id>/turn/", desk.turn, name="review_turn"),
    path("desk/<int:case_id>/reveal/", desk.reveal, name="review_reveal"),
    path("", include(record_urls)),
    path("", include(law_urls)),
    path("", include(watch_urls)),
    path("licences/", include(licence_urls)),
    path("", include(traffic_urls)),
    path("", include(report_urls)),
    path("obligations/", obligations.list_obligations, name="obligations"),
    path("obligations/in-charge/", obligations.put_people_in_charge, name="put_in_charge"),
    path("obligations/<int:obligation_id>/done/", obligations.settle, name="settle_obligation"),
    path("obligations/<int:obligation_id>/waive/", obligations.waive, name="waive_obligation"),
    path("documents/<int:document_id>/", documents.show_document, name="document"),
    path("papers/<str:code>/", papers.show_paper_file, name="paper_file"),
    path("journal/", journal.show_journal, name="journal"),
    path("journal/export/<str:form>/", journal.export_journal, name="export_journal"),
]
