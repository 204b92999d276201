"""The addresses of licences, below /licences/."""

from __future__ import annotations

from django.urls import URLPattern, path

from openbeian.entrypoints.web.views import licence_record, licence_wizard, licences, papers

urlpatterns: list[URLPattern] = [
    path("", licences.list_licences, name="licences"),
    path("wizard/", licence_wizard.show_wizard, name="licence_wizard"),
    path("new/", licence_record.record, name="record_licence"),
    path("numbers/new/", licence_record.record_number, name="record_number"),
    path("start/", licences.start, name="licence_start"),
    path("<int:licence_id>/", licences.show_licence, name="licence"),
    path("<int:licence_id>/extract/", papers.print_licence_extract, name="print_licence_extract"),
    path("<int:licence_id>/change/", licence_record.change, name="change_licence"),
    path("<int:licence_id>/paper/", licences.obtain_paper, name="licence_paper"),
    path("<int:licence_id>/documents/", licences.hand_in, name="licence_document"),
]
