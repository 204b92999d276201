"""The addresses of annual reports and of the complaint register."""

from __future__ import annotations

from django.urls import URLPattern, path

from openbeian.entrypoints.web.views import complaints, missing_reports, number_reports, papers, reports

urlpatterns: list[URLPattern] = [
    path("reports/", reports.list_reports, name="reports"),
    path("reports/numbers/", number_reports.list_number_reports, name="number_reports"),
    path("reports/numbers/start/", number_reports.start, name="number_report_start"),
    path("reports/start/", reports.start, name="report_start"),
    path("reports/missing/", missing_reports.list_missing, name="missing_reports"),
    path("reports/missing/<int:licence_id>/<int:year>/", missing_reports.list_one, name="missing_report"),
    path("reports/<int:report_id>/", reports.show_report, name="report"),
    path("reports/<int:report_id>/forms/<str:form_id>/", reports.fill_form, name="report_form"),
    path("reports/<int:report_id>/submission/", reports.submit, name="report_submission"),
    path("reports/<int:report_id>/refresh/", reports.refresh, name="report_refresh"),
    path("reports/<int:report_id>/turn/<str:verb>/", reports.turn, name="report_turn"),
    path("reports/<int:report_id>/receipt/", papers.print_receipt, name="report_receipt"),
    path("complaints/", complaints.list_complaints, name="complaints"),
    path("complaints/new/", complaints.receive, name="receive_complaint"),
    path("complaints/<int:complaint_id>/", complaints.answer, name="complaint"),
]
