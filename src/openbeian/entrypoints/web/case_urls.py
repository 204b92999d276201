"""The addresses of cases, below /cases/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from openbeian.entrypoints.web.views import case, case_form, case_new, case_papers, case_submission, cases, papers

urlpatterns: list[URLPattern | URLResolver] = [
    path("", cases.show_cases, name="cases"),
    path("export/<str:kind>/", cases.export_cases, name="cases_export"),
    path("bulk/", cases.turn_in_bulk, name="cases_bulk"),
    path("new/", case_new.choose_procedure, name="case_new"),
    path("start/", case_new.start, name="case_start"),
    path("<int:case_id>/", case.show_case, name="case"),
    path("<int:case_id>/turn/<str:verb>/", case.turn, name="case_turn"),
    path("<int:case_id>/pack/", papers.download_pack, name="case_pack"),
    path("<int:case_id>/reveal/", case.reveal, name="case_reveal"),
    path("<int:case_id>/form/", case_form.open_form, name="case_form_start"),
    path("<int:case_id>/form/materials/", case_papers.show_papers, name="case_papers"),
    path("<int:case_id>/form/materials/hand-in/", case_papers.hand_in_paper, name="case_paper_hand_in"),
    path("<int:case_id>/form/submission/", case_submission.submit, name="case_submission"),
    path("<int:case_id>/form/<str:section_id>/", case_form.fill_section, name="case_form"),
    path("<int:case_id>/form/<str:section_id>/save/", case_form.autosave, name="case_autosave"),
    path("<int:case_id>/documents/<int:document_id>/", case_papers.show_case_document, name="case_document"),
    path(
        "<int:case_id>/documents/<int:document_id>/take-back/",
        case_papers.take_back_paper,
        name="case_paper_take_back",
    ),
]
