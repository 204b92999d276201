"""How people come in: by invitation only, slowed down when they guess, and written down when they succeed."""

from __future__ import annotations

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.internal.ratelimit import parse_rates
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from openbeian.accounts.actions.change_password import change_password
from openbeian.accounts.actions.record_sign_in import record_sign_in
from openbeian.accounts.errors import PasswordWeak
from openbeian.accounts.models import User
from openbeian.accounts.passwords import check_password
from openbeian.entrypoints.web.actors import client_address
from openbeian.entrypoints.web.wording import both, reader_language
from openbeian.kernel.text import Text

SAID: dict[str, Text] = {
    "account/messages/password_changed.txt": Text(
        "密码已修改，其他设备已退出登录。", "Password changed; you are signed out everywhere else."
    ),
    "mfa/messages/totp_activated.txt": Text("两步验证已开启。", "Two-step sign-in is on."),
    "mfa/messages/totp_deactivated.txt": Text("两步验证已关闭。", "Two-step sign-in is off."),
    "mfa/messages/recovery_codes_generated.txt": Text(
        "已生成新的恢复码，旧码作废。", "New recovery codes; the old ones are void."
    ),
}


def lockout_minutes() -> int:
    """The longest that somebody waits after too many wrong passwords, in whole minutes."""
    rates = parse_rates(app_settings.RATE_LIMITS.get("login_failed"))
    return max((int(-(-rate.duration // 60)) for rate in rates), default=0)


class InvitationOnly(DefaultAccountAdapter):
    """Closes the sign-up page; accounts begin with an invitation or the first-run page."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": both(
            "邮箱或密码不对。请检查大小写后重试。", "Wrong address or password. Check capitals and try again."
        ),
        "too_many_login_attempts": both(
            "尝试次数过多，已暂停登录。请在 {minutes} 分钟后再试。",
            "Too many attempts. Signing in is paused; try again in {minutes} minutes.",
            minutes=lockout_minutes,
        ),
        "enter_current_password": both("当前密码不对。请重新输入。", "Wrong current password. Type it again."),
        "incorrect_password": both("密码不对。请重新输入。", "Wrong password. Type it again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        assert isinstance(user, User)
        record_sign_in(user, address=client_address(request), browser=self.get_http_user_agent(request))
        return super().post_login(request, user, **kwargs)

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Our people have exactly one address, which stands on the person."""
        assert isinstance(user, User)
        found = self.authenticate(context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def clean_password(self, password: str, user: AbstractBaseUser | None = None) -> str:
        """Our sentences for what the validators object to. Raises: ValidationError."""
        try:
            check_password(password, user if isinstance(user, User) else User())
        except PasswordWeak as weak:
            language = reader_language()
            raise ValidationError([f"{f.message(language)} {f.fix(language)}" for f in weak.faults]) from weak
        return password

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        assert isinstance(user, User)
        change_password(user, password, address=client_address(context.request))

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Says in both languages what is worth saying, and nothing for the rest (being signed in is visible)."""
        said = SAID.get(message_template or "")
        if said is not None:
            messages.add_message(request, level, said(getattr(request, "language", "zh")))
