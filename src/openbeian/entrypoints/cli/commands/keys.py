"""`openbeian keys`: changes the key that seals personal data."""

from __future__ import annotations

import click
import django

from openbeian.entrypoints.cli.output import print_json, say
from openbeian.kernel.text import Text


@click.group(help="密钥。 The keys that seal personal data.")
def command() -> None:
    """The group `openbeian keys`."""
    django.setup()


@command.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。 Answer as JSON.")
@click.option(
    "--stopped", is_flag=True, help="服务已停止，可立即删除旧密钥。 The service is stopped: drop old keys at once."
)
def rotate(as_json: bool, stopped: bool) -> None:
    """换用新密钥并重新加密全部个人数据；可随时中断、再次运行。

    Makes a new key and seals all personal data anew. Running processes take up the new key by themselves; the old
    ones are dropped by a run at least ten minutes later, when no transaction can still be using them.
    """
    from django.conf import settings

    from openbeian.entrypoints.web.second_factor import count_old_second_factors, reseal_second_factors
    from openbeian.kernel import clock
    from openbeian.privacy import rotation
    from openbeian.privacy.sealing import Sealer

    path = settings.KEYRING_FILE
    keyring = rotation.begin_rotation(path)
    sealer = Sealer(keyring)
    columns = rotation.list_sealed_columns()
    resealed = sum(rotation.reseal_column(column, sealer) for column in columns) + reseal_second_factors(sealer)
    left = rotation.count_old(columns, sealer) + count_old_second_factors(sealer)
    due = rotation.droppable_at(path)
    finished = left == 0 and (stopped or clock.now() >= due)
    if finished:
        rotation.drop_old_keys(path)
    if as_json:
        print_json({"key": keyring.current, "resealed": resealed, "left": left, "finished": finished})
    elif finished:
        say(
            Text(
                f"重新加密 {resealed} 项，旧密钥已删除。请备份密钥文件。",
                f"{resealed} values sealed anew and the old keys dropped. Back up the key file.",
            )
        )
    else:
        when = due.astimezone(clock.CHINA).strftime("%H:%M")
        say(
            Text(
                f"重新加密 {resealed} 项，剩余 {left} 项。请先备份密钥文件，{when} 之后再运行一次以删除旧密钥。",
                f"{resealed} values sealed anew, {left} left. Back up the key file, then run this again after {when} "
                "to drop the old keys.",
            )
        )
