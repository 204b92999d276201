"""What all forms of the portal share: refusals of an action come back beside the field they are about."""

from __future__ import annotations

from typing import Any

from django import forms

from openbeian.entrypoints.web.wording import both, reader_language
from openbeian.kernel.errors import OpenBeianError


class PortalForm(forms.Form):
    """A form whose errors may also come from an action."""

    error_css_class = ""
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = both("未填写。请填写。", "It is empty. Fill it in.")

    def take_refusal(self, refusal: OpenBeianError) -> None:
        """Each fault beside its field, with its fix; a fault of no field here, and a plain refusal, on top."""
        language = reader_language()
        placed = False
        for fault in refusal.faults:
            field = fault.field.partition(".")[0]
            target = field if field in self.fields else None
            self.add_error(target, f"{fault.message(language)} {fault.fix(language)}")
            placed = True
        if not placed:
            self.add_error(None, refusal.text(language))
