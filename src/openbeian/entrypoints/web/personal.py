"""Personal values on a page: masked, each with the name under which it can be revealed."""

from __future__ import annotations

from dataclasses import dataclass

from openbeian.kernel.text import Text
from openbeian.privacy.masking import mask_certificate, mask_email, mask_middle, mask_mobile, mask_name
from openbeian.registry.models import Person


@dataclass(frozen=True, slots=True)
class PersonalField:
    """`field` is what `reveal_personal` takes; `anchor` is its id on the page."""

    field: str
    label: Text
    masked: str

    @property
    def anchor(self) -> str:
        return "personal-" + self.field.replace(".", "-").replace("_", "-")


def personal_field(field: str, zh: str, en: str, masked: str) -> PersonalField:
    return PersonalField(field, Text(zh, en), masked)


def mask_person(person: Person) -> list[PersonalField]:
    """A responsible person's values, empty ones left out."""
    fields = [
        personal_field("person.name", "姓名", "Name", mask_name(person.name)),
        personal_field("person.mobile", "手机", "Mobile", mask_mobile(person.mobile)),
        personal_field(
            "person.emergency_phone", "应急电话", "Emergency phone", mask_middle(person.emergency_phone, head=3, tail=2)
        ),
        personal_field("person.email", "邮箱", "E-mail", mask_email(person.email)),
        personal_field(
            "person.certificate_number", "证件号码", "Certificate number", mask_certificate(person.certificate_number)
        ),
    ]
    return [f for f in fields if f.masked]
