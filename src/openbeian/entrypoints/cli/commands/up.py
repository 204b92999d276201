"""`openbeian up`: prepares the data folder, then runs the portal and the background worker until stopped."""

from __future__ import annotations

import errno
import http.client
import ipaddress
import math
import os
import socket
import sys
import time
from datetime import datetime

import click

from openbeian.entrypoints.cli.output import say
from openbeian.entrypoints.cli.supervising import Child, Supervisor
from openbeian.kernel import clock
from openbeian.kernel.errors import OpenBeianError
from openbeian.kernel.text import Text

_FIRST_PAGE = "/accounts/login/"
_HOPELESS_AFTER = 4
_HOPELESS_AFTER_S = 60.0
# Threads of one process share one interpreter: more than two only wait for it, while each holds a connection.
_THREADS = 2
_MOST_DAYS_OFF = 3_660


class PortUnusable(OpenBeianError):
    code = "port_unusable"
    status = 409
    message = Text(
        "不能使用端口 {port}（{why}）。换一个端口：./openbeian up --port {other}",
        "Port {port} cannot be used ({why}). Take another: ./openbeian up --port {other}",
    )


class DemoOnlyAtHome(OpenBeianError):
    code = "demo_only_on_loopback"
    message = Text(
        "演示模式不用密码登录，只能在本机回环地址运行。去掉 --host，或去掉 --demo。",
        "The demo signs people in without a password and runs on loopback only. Drop --host, or drop --demo.",
    )


class ClockOnlyOfDemo(OpenBeianError):
    code = "clock_only_of_demo"
    message = Text(
        "--today 只能与 --demo 一起用：真实的系统只有一个今天。去掉 --today，或加上 --demo。",
        "--today goes with --demo only: an installation has one today. Drop --today, or add --demo.",
    )


class ClockTooFar(OpenBeianError):
    code = "clock_too_far"
    message = Text(
        "--today 离真实的今天最多 {most} 天，{wanted} 太远。换一个近一些的日期。",
        "--today is at most {most} days off the real day; {wanted} is too far. Take a nearer day.",
    )


class ClockBehindWorld(OpenBeianError):
    code = "clock_behind_world"
    status = 409
    message = Text(
        "这个演示世界已经到过 {reached}，钟不能拨回 {wanted}。用 --today {reached} 或更晚的日期；要看更早的日期，"
        "换一个数据目录：OPENBEIAN_HOME=目录 ./openbeian up --demo --today {wanted}",
        "This demo's world has already seen {reached}; its clock cannot go back to {wanted}. Take --today {reached} or a "
        "later day, or another data folder: OPENBEIAN_HOME=FOLDER ./openbeian up --demo --today {wanted}",
    )


class HostUnknown(OpenBeianError):
    code = "host_unknown"
    message = Text(
        "--host 须是 IP 地址或 localhost，不是「{host}」。", "--host takes an IP address or localhost, not “{host}”."
    )


class PortalDoesNotStart(OpenBeianError):
    code = "portal_does_not_start"
    status = 503
    message = Text(
        "页面服务没有启动成功，原因见上面的日志。改正后重新运行。",
        "The portal did not come up; the log above says why. Put it right and run this again.",
    )


@click.command(help="启动页面和后台任务。 Starts the portal and its background worker.")
@click.option(
    "--demo", is_flag=True, help="带虚构数据的演示，一键登录。 A demo with fictional data, one-click sign-in."
)
@click.option("--today", "today", type=click.DateTime(["%Y-%m-%d"]), help="演示的“今天”，如 2026-03-02。 The demo's today.")  # fmt: skip
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="页面进程数。 Web processes.")
def command(demo: bool, today: datetime | None, port: int, host: str, workers: int) -> None:
    """Runs until Ctrl-C or SIGTERM. Exit code 2 when the port is taken or the demo would be open to others."""
    demo = demo or os.environ.get("OPENBEIAN_DEMO") == "1"
    if today is not None and not demo:
        raise ClockOnlyOfDemo
    address = _check_host(host, demo=demo)
    _check_port(address, port)
    if demo:
        os.environ["OPENBEIAN_DEMO"] = "1"
        # Counted once: a process that starts after midnight is as many days off as the others.
        os.environ["OPENBEIAN_DEMO_DAYS"] = str(_count_days_off(today))
    os.umask(0o077)

    from openbeian.entrypoints.cli.preparing import prepare_home

    prepare_home()
    if demo:
        _make_demo_world()
    _serve(address, port, workers)


def _count_days_off(wanted: datetime | None) -> int:
    """By how many days the demo's clock is moved. Raises: ClockTooFar."""
    days = (wanted.date() - clock.today()).days if wanted is not None else 0
    if wanted is not None and abs(days) > _MOST_DAYS_OFF:
        raise ClockTooFar(most=_MOST_DAYS_OFF, wanted=wanted.date())
    return days


def _check_host(host: str, *, demo: bool) -> str:
    """The IP address to listen on. Raises: HostUnknown, DemoOnlyAtHome."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
    except ValueError:
        raise HostUnknown(host=host[:60]) from None
    if demo and not address.is_loopback:
        raise DemoOnlyAtHome
    if not address.is_loopback and not os.environ.get("OPENBEIAN_HOSTS"):
        say(
            Text(
                "提示：未设置 OPENBEIAN_HOSTS，只回应本机名称的访问。",
                "Note: OPENBEIAN_HOSTS is not set, so only requests for this machine's own names are answered.",
            )
        )
    return str(address)


def _check_port(address: str, port: int) -> None:
    """Raises: PortUnusable, with a port that is free."""
    trouble = _try_port(address, port)
    if trouble is None:
        return
    why = {
        errno.EADDRINUSE: Text("已被其他程序占用", "another program uses it"),
        errno.EACCES: Text("没有权限", "not permitted"),
        errno.EADDRNOTAVAIL: Text("本机没有这个地址", "this machine does not have that address"),
    }.get(trouble, Text(os.strerror(trouble), os.strerror(trouble)))
    above = range(max(port + 1, 8001), 65536)
    raise PortUnusable(port=port, why=why, other=next((p for p in above if _try_port(address, p) is None), 8001))


def _try_port(address: str, port: int) -> int | None:
    """None when the port is free, else the system's error number."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
            trial.listen(1)
        except OSError as trouble:
            return trouble.errno or errno.EADDRINUSE
    return None


def _make_demo_world() -> None:
    """Once a data folder. The mark names the latest day that the world has seen. Raises: ClockBehindWorld."""
    from openbeian import settings

    mark, today = settings.HOME / "demo-world.made", clock.today()
    if mark.is_file():
        reached = mark.read_text().strip()
        if reached > today.isoformat():
            raise ClockBehindWorld(reached=reached, wanted=today)
        mark.write_text(today.isoformat())
        return
    say(Text("正在建立演示数据（全部虚构）……", "Making the demo's data, all of it fictional …"))
    import django

    django.setup()

    from openbeian.entrypoints.cli.demo_world import create_demo_world

    create_demo_world()
    mark.write_text(today.isoformat())


def _serve(address: str, port: int, workers: int) -> None:
    web = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", address, "--port", str(port), "--workers", str(workers)),
        *("--blocking-threads", str(_THREADS), "--backpressure", "64"),
        *("--log-level", "warning", "--respawn-failed-workers", "openbeian.wsgi:application"),
    ]
    work = [sys.executable, "-m", "openbeian.entrypoints.cli", "worker"]
    portal = Child("portal", web, os.environ)
    # The worker starts once the first page is out, so that it does not delay the page.
    worker = Child("worker", work, os.environ, start_at=math.inf)
    Supervisor([portal, worker]).run(_Announcement(address, port, portal, worker))


class _Announcement:
    """Prints the address as soon as the first page answers, once, and lets the worker start."""

    def __init__(self, address: str, port: int, portal: Child, worker: Child) -> None:
        self._address, self._port, self._portal, self._worker = address, port, portal, worker
        self._made = False
        self._hopeless_at = time.monotonic() + _HOPELESS_AFTER_S

    def __call__(self) -> None:
        """Raises: PortalDoesNotStart."""
        if self._made:
            return
        if self._portal.failures >= _HOPELESS_AFTER or time.monotonic() > self._hopeless_at:
            raise PortalDoesNotStart
        if self._portal.process is not None and _answers(self._address, self._port):
            self._made, self._worker.start_at = True, 0.0
            shown = f"[{self._address}]" if ":" in self._address else self._address
            url = f"http://{shown}:{self._port}/"
            # Both languages, whoever starts it: this line is what a newcomer waits for.
            say(f"已就绪 Ready: {url}  （Ctrl-C 停止 stops it）")


def _answers(address: str, port: int) -> bool:
    """Whether the first page comes back whole."""
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104  a comparison, not a binding
    connection = http.client.HTTPConnection(own, port, timeout=5)
    try:
        connection.request("GET", _FIRST_PAGE, headers={"Host": f"127.0.0.1:{port}"})
        response = connection.getresponse()
        response.read()
        return response.status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
