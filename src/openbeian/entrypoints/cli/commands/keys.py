"""`openbeian keys`: changes the key that seals personal data, and the one that signs papers."""

from __future__ import annotations

import click
import django

from openbeian.entrypoints.cli.output import print_json, say
from openbeian.kernel.text import Text


@click.group(help="密钥。 The keys that seal personal data and sign papers.")
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

    from openbeian.entrypoints.cli.unprepared import DatabaseUnprepared, is_behind
    from openbeian.entrypoints.web.second_factor import count_old_second_factors, reseal_second_factors
    from openbeian.kernel import clock
    from openbeian.privacy import rotation
    from openbeian.privacy.sealing import Sealer

    if is_behind():
        raise DatabaseUnprepared  # before there is a new key that nothing can be sealed with
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


@command.group(help="文书签名密钥。 The keys that sign papers.")
def signing() -> None:
    """The group `openbeian keys signing`."""


@signing.command("list")
def list_keys() -> None:
    """列出公钥（与公开页面所载相同）。 The public halves, as the public page shows them."""
    from openbeian.documents.paper import get_signing_keys

    print_json(get_signing_keys().publish())


@signing.command("rotate")
def rotate_signing() -> None:
    """换用新的签名密钥；旧私钥销毁，旧签名仍可核验。 A new key signs; what older ones signed stays proved."""
    from django.conf import settings

    from openbeian.documents.paper import get_signing_keys
    from openbeian.kernel import clock

    keys = get_signing_keys().with_new_key(clock.now())
    keys.write(settings.SIGNING_KEYS_FILE)
    print_json({"key": keys.current.id})
    say(Text("已换用新的签名密钥。请备份密钥文件。", "A new key signs from now on. Back up the key file."))


@signing.command()
@click.argument("key")
def revoke(key: str) -> None:
    """作废密钥 KEY：它签过的一切不再可信（私钥泄露时用）。 Nothing KEY ever signed is trusted any more."""
    from django.conf import settings

    from openbeian.documents.paper import get_signing_keys
    from openbeian.kernel import clock

    keys = get_signing_keys().with_revoked(key, clock.now())
    keys.write(settings.SIGNING_KEYS_FILE)
    print_json({"revoked": key, "key": keys.current.id})
    say(
        Text(
            "密钥 {key} 已作废，它签过的文书须重新出具。",
            "Key {key} is revoked. Papers it signed must be issued again.",
        ).format(key=key)
    )
