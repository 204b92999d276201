"""The addresses of the watch: sites, findings, evidence, allowed phrases, what registers say, figures for monitors."""

from __future__ import annotations

from django.urls import URLPattern, path

from openbeian.entrypoints.web.views import evidence, findings, metrics, outside, phrases, sweeps, watch

urlpatterns: list[URLPattern] = [
    path("watch/", watch.show_watch, name="watch"),
    path("watch/sweep/", sweeps.show_sweep, name="sweep"),
    path("watch/sweep/start/", sweeps.start, name="start_sweep"),
    path("watch/sweep/<int:sweep_id>/stop/", sweeps.stop, name="stop_sweep"),
    path("watch/services/<int:service_id>/", watch.show_service_watch, name="service_watch"),
    path("watch/services/<int:service_id>/maintenance/", watch.announce, name="announce_maintenance"),
    path("watch/maintenance/<int:window_id>/cancel/", watch.cancel_window, name="cancel_maintenance"),
    path("watch/sites/<int:site_id>/probe/", watch.probe_now, name="probe_site"),
    path("watch/phrases/", phrases.show_phrases, name="phrases"),
    path("watch/phrases/teach/", phrases.teach, name="teach_phrase"),
    path("watch/phrases/<int:phrase_id>/remove/", phrases.remove, name="remove_phrase"),
    path("watch/outside/", outside.show_outside, name="outside"),
    path("findings/", findings.list_findings, name="findings"),
    path("findings/<int:finding_id>/", findings.show_finding, name="finding"),
    path("findings/<int:finding_id>/report/", findings.show_report, name="finding_report_page"),
    path("findings/<int:finding_id>/report.pdf", findings.print_report, name="finding_report"),
    path("findings/<int:finding_id>/<str:deed>/", findings.act, name="act_on_finding"),
    path("evidence/<int:pack_id>/", evidence.show_pack, name="evidence"),
    path("evidence/<int:pack_id>/pack.zip", evidence.download_pack, name="download_evidence"),
    path("evidence/<int:pack_id>/<int:number>/", evidence.show_item, name="evidence_item"),
    path("metrics", metrics.show_metrics, name="metrics"),
]
