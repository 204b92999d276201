"""`openbeian notifications`: tests a channel, prints what went to whom."""

from __future__ import annotations

import click

from openbeian.entrypoints.cli.output import inert, language, print_json, say
from openbeian.kernel.text import Text


@click.group(help="通知：测试渠道、查看发送记录。 Notifications: test a channel, see what was sent.")
def command() -> None:
    """The group `openbeian notifications`."""
    import django

    django.setup()


@command.command()
@click.argument("channel_id", type=click.IntRange(1, 2**62))
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。 Answer as JSON.")
def test(channel_id: int, as_json: bool) -> int:
    """向渠道发送测试消息，显示对方的答复；没有送达以 2 退出。 Sends a test; exit code 2 when it was not delivered."""
    from openbeian.notifications.actions.try_channel import try_channel
    from openbeian.notifications.queries import get_any_channel
    from openbeian.wiring import choose_sender, get_portal_url

    result = try_channel(get_any_channel(channel_id), choose_sender, get_portal_url())
    if as_json:
        print_json({"channel": channel_id, "delivered": result.is_delivered, "answer": result.answer})
    else:
        said = (
            Text("已送达：{a}", "Delivered: {a}")
            if result.is_delivered
            else Text("没有送达：{a}", "Not delivered: {a}")
        )
        say(said.format(a=result.answer))
    return 0 if result.is_delivered else 2


@command.command()
@click.option("--json", "as_json", is_flag=True, help="每条一行 JSON。 One line of JSON each.")
@click.option("--state", type=click.Choice(["waiting", "delivered", "failed"]), help="只要此状态。 Only this state.")
@click.option("--channel", default="", help="只要此渠道。 Only this channel.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=1000, show_default=True)
def log(as_json: bool, state: str | None, channel: str, limit: int) -> None:
    """什么在何时发给了谁，凭证何在；新的在前。 What went to whom, when, with its proof; newest first."""
    from openbeian.notifications.log import as_document, list_log_rows
    from openbeian.notifications.queries import list_whole_log, narrow_log

    notices = narrow_log(list_whole_log(), channel=channel, state=state or "")[:limit]
    if as_json:
        for notice in notices:
            print_json(as_document(notice))
    else:
        for row in list_log_rows(notices, language()):
            click.echo(inert("\t".join(row)))
