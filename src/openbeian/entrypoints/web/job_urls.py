"""The addresses of imports and of the background work they ask for."""

from __future__ import annotations

from django.urls import URLPattern, path

from openbeian.entrypoints.web.views import api_docs, imports, jobs

urlpatterns: list[URLPattern] = [
    path("import/portfolio/", imports.upload, name="import_portfolio"),
    path("import/portfolio/template.xlsx", imports.download_template, name="portfolio_template"),
    path("import/portfolio/<str:upload>/", imports.preview, name="preview_portfolio"),
    path("api/docs", api_docs.show_api, name="api_docs"),
    path("jobs/", jobs.show_jobs, name="jobs"),
    path("jobs/<int:job_id>/", jobs.show_job, name="job"),
    path("jobs/<int:job_id>/cancel/", jobs.cancel, name="cancel_job"),
]
