"""`openbeian accounts`: helps people back in where the installation sends no mail."""

from __future__ import annotations

from dataclasses import replace

import click
import django

from openbeian.entrypoints.cli.output import print_json, say
from openbeian.kernel.actor import SYSTEM
from openbeian.kernel.text import Text


@click.group(help="账号。 People's accounts.")
def command() -> None:
    """The group `openbeian accounts`."""
    django.setup()


@command.command("reset-link")
@click.argument("email")
@click.option("--site", default="", help="站点网址，如 https://beian.example.cn。 The portal's address.")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。 Answer as JSON.")
def reset_link(email: str, site: str, as_json: bool) -> None:
    """为 EMAIL 生成一次性密码重置链接。 Makes a link with which the person of EMAIL sets a new password, once."""
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str
    from django.urls import reverse

    from openbeian.accounts.actions.make_reset_link import make_reset_link

    user = make_reset_link(replace(SYSTEM, door="cli"), email)
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    link = site.rstrip("/") + path
    if as_json:
        print_json({"email": user.email, "link": link})
    else:
        click.echo(link)
        say(
            Text(
                "请当面或用可信渠道交给本人。设置新密码后链接失效。",
                "Hand it to the person in a way you trust. It ends once a new password is set.",
            )
        )
