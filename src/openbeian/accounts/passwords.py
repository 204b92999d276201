"""Whether a password is strong enough, in both languages, for every action that sets one."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from openbeian.accounts.errors import PasswordWeak
from openbeian.accounts.models import User
from openbeian.kernel.errors import Fault
from openbeian.kernel.text import Text

FIX = Text("请换一个更长、更难猜的密码，例如几个不相关的词。", "Choose a longer one, such as a few unrelated words.")

# Django has not translated all of its own sentences.
OBJECTIONS: dict[str, Text] = {
    "password_too_short": Text("密码不足 {min_length} 个字符。", "It has fewer than {min_length} characters."),
    "password_too_common": Text("这个密码太常见。", "It is a common password."),
    "password_entirely_numeric": Text("密码不能全是数字。", "It is all digits."),
    "password_too_similar": Text("密码与姓名或邮箱太相似。", "It is too close to the name or address."),
}


def check_password(password: str, user: User) -> None:
    """Django's validators of the settings, with the person's own name and address in mind. Raises: PasswordWeak."""
    try:
        validate_password(password, user)
    except ValidationError as weak:
        faults = [Fault("password", _say(e), FIX, f"password.{e.code}") for e in weak.error_list]
        raise PasswordWeak(faults=faults) from weak


def _say(objection: ValidationError) -> Text:
    known = OBJECTIONS.get(str(objection.code))
    if known is None:
        sentence = " ".join(objection.messages)
        return Text(sentence, sentence)
    return known.format(**(objection.params or {}))
