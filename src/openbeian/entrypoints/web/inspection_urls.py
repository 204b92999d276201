"""The addresses of inspections, below /inspections/."""

from __future__ import annotations

from django.urls import URLPattern, path

from openbeian.entrypoints.web.views import inspection_order, inspection_phone, inspections

urlpatterns: list[URLPattern] = [
    path("", inspections.list_inspections, name="inspections"),
    path("draw/", inspections.draw, name="inspection_draw"),
    path("order/", inspection_order.order, name="inspection_order"),
    path("draws/<int:draw_id>/", inspections.show_draw, name="inspection_draw_record"),
    path("phone/", inspection_phone.show_phone, name="inspection_phone"),
    path("phone/worker.js", inspection_phone.show_worker, name="inspection_worker"),
    path("faults/<int:fault_id>/", inspections.show_fault, name="inspection_fault"),
    path("faults/<int:fault_id>/turn/", inspections.turn_fault, name="inspection_fault_turn"),
    path("<int:inspection_id>/", inspections.show_inspection, name="inspection"),
    path("<int:inspection_id>/conclude/", inspections.conclude, name="inspection_conclude"),
    path("<int:inspection_id>/conflict/", inspections.keep_away, name="inspection_conflict"),
    path("<int:inspection_id>/record.pdf", inspections.show_record, name="inspection_record"),
    path("<int:inspection_id>/files/<int:document_id>/", inspections.show_file, name="inspection_file"),
    path("<int:inspection_id>/data/", inspection_phone.show_data, name="inspection_data"),
    path("<int:inspection_id>/sync/", inspection_phone.sync, name="inspection_sync"),
    path("<int:inspection_id>/photos/", inspection_phone.take_photo, name="inspection_photos"),
    path("<int:inspection_id>/signatures/", inspection_phone.take_signature, name="inspection_signatures"),
]
