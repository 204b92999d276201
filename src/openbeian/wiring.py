"""The only module that knows which adapter stands behind which port, and which function does which job."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from django.conf import settings

from openbeian.agenda import sources as dates
from openbeian.agenda.ports import DateSource
from openbeian.cases.ports import Carrier, SmsNotConfigured, SmsSender
from openbeian.cases.sms.shown import ShownMessages
from openbeian.cases.sms.webhook import WebhookSms
from openbeian.jobs.decisions import JobKind, Progress
from openbeian.notifications.guarded_post import GuardedPost
from openbeian.notifications.ports import DueItems, Sender, Way
from openbeian.obligations.calendar_dates import list_obligation_dates
from openbeian.policies.loaded_calendar import loaded_calendar
from openbeian.rules.rulebook import rulebook_store
from openbeian.supervision.ports import Prober

if TYPE_CHECKING:
    from openbeian.notifications.postman.office import PostOffice

Arguments = dict[str, Any]
Result = dict[str, Any] | None

_MINUTE_S = 60
_HOUR_S = 3600


def choose_sms_sender() -> SmsSender:
    """The gateway of OPENBEIAN_SMS_URL; without one, in demo mode, messages are only shown.

    Raises: SmsNotConfigured.
    """
    if url := os.environ.get("OPENBEIAN_SMS_URL"):
        return WebhookSms(url, os.environ.get("OPENBEIAN_SMS_SECRET", ""))
    if settings.DEMO:
        return ShownMessages()
    raise SmsNotConfigured


def is_sms_configured() -> bool:
    """For pages: whether confirmation codes can reach anybody."""
    try:
        choose_sms_sender()
    except SmsNotConfigured:
        return False
    return True


def choose_case_carrier() -> Carrier:
    """Who reports cases to administrations that are reached over the interface."""
    from openbeian.authority.carrying import InterfaceCarrier

    return InterfaceCarrier()


def connect_rulebook() -> None:
    """Lets the rulebook of this process take in the holiday arrangements loaded in this installation."""
    rulebook_store().arrangements = loaded_calendar


def list_date_sources() -> tuple[DateSource, ...]:
    """What the calendar and its feeds show; a further source of dates is one more line here."""
    return (
        dates.list_case_dates,
        dates.list_certificate_dates,
        dates.list_police_dates,
        dates.list_reconfirmation_dates,
        list_obligation_dates,
    )


def open_network() -> GuardedPost:
    """The way to addresses that people typed in; private ones only where the operator allows it."""
    return GuardedPost(allows_private=os.environ.get("OPENBEIAN_ALLOW_PRIVATE_WEBHOOKS") == "1")


@lru_cache(maxsize=1)
def open_post_office() -> PostOffice:
    """The post office of this worker process; its postman starts with the first letter."""
    from openbeian.notifications.postman.office import PostOffice

    return PostOffice(settings.HOME / "postman")


def choose_sender(way: Way, *, by_postman: bool = False) -> Sender:
    """The adapter of a channel's kind. `by_postman`: letters survive the death of this process; for workers.

    Raises: KeyError for a kind without one; the inbox needs none.
    """
    from openbeian.notifications.dingtalk import DingTalkRobot
    from openbeian.notifications.feishu import FeishuRobot
    from openbeian.notifications.smtp import Mail
    from openbeian.notifications.webhook import Webhook
    from openbeian.notifications.wecom import WeComRobot

    network = open_network()
    senders: dict[str, Callable[[], Sender]] = {
        "email": lambda: Mail(way.address, open_post_office() if by_postman else None),
        "dingtalk": lambda: DingTalkRobot(way.address, way.secret, network),
        "wecom": lambda: WeComRobot(way.address, network),
        "feishu": lambda: FeishuRobot(way.address, way.secret, network),
        "webhook": lambda: Webhook(way.address, way.secret, network),
    }
    return senders[way.kind]()


def get_portal_url() -> str:
    """The portal's address in messages, without a slash at the end: OPENBEIAN_PUBLIC_URL, else its first host name."""
    return settings.PUBLIC_URL or f"{'https' if settings.HTTPS else 'http'}://{settings.ALLOWED_HOSTS[0]}"


def list_due_sources() -> list[DueItems]:
    """Everything that asks for reminders."""
    from openbeian.notifications.case_dates import CaseDates
    from openbeian.notifications.obligation_dates import ObligationDates

    return [CaseDates(), ObligationDates()]


def list_job_kinds() -> dict[str, JobKind]:
    """Every kind of background work by name. A function is imported when its first job runs."""
    kinds = (
        JobKind("cases.deliver_message", _deliver_message),
        JobKind("cases.expire_confirmations", _expire_confirmations),
        JobKind("cases.lapse", _lapse_cases, every_s=_HOUR_S),
        JobKind("cases.deem_licences", _deem_licence_cases, every_s=_HOUR_S),
        JobKind("obligations.follow", _follow_record, every_s=_MINUTE_S),
        # Hourly, so that it does its work in the first hour of the day in China; the rest of the day it finds nothing.
        JobKind("obligations.recompute", _recompute_obligations, every_s=_HOUR_S, longest_s=6 * _HOUR_S),
        JobKind("documents.sweep_orphans", _sweep_orphans, every_s=_HOUR_S),
        JobKind("registry.import_portfolio", _import_portfolio),
        JobKind("traffic.count_logs", _count_logs, longest_s=12 * _HOUR_S),
        JobKind("notifications.follow", _follow_journal, every_s=60),
        JobKind("notifications.remind", _remind, every_s=_HOUR_S),
        JobKind("notifications.digest", _gather_digests, every_s=600),
        JobKind("authority.exchange", _exchange_files, every_s=_MINUTE_S, longest_s=_HOUR_S),
        JobKind("authority.examine", _examine_connection, longest_s=900),
        JobKind("authority.forget_files", _forget_files, every_s=_HOUR_S),
        JobKind("notifications.deliver", _deliver_notice, longest_s=120),
        JobKind("supervision.begin_sweep", _begin_sweep, every_s=10 * _MINUTE_S),
        JobKind("supervision.sweep", _sweep_sites, longest_s=24 * _HOUR_S),
        JobKind("supervision.settle_sweep", _settle_sweep, longest_s=6 * _HOUR_S),
        JobKind("supervision.probe_again", _probe_again, longest_s=2 * _HOUR_S),
        JobKind("supervision.recheck", _recheck_site, longest_s=600),
        JobKind("supervision.forget", _forget_watch, every_s=24 * _HOUR_S),
    )
    return {kind.name: kind for kind in kinds}


def _deliver_message(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.cases.actions.deliver_message import deliver_message

    return {"delivered": deliver_message(arguments["message"], choose_sms_sender())}


def _expire_confirmations(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.cases.actions.expire_confirmations import expire_confirmations

    return {"sent_back": expire_confirmations(arguments["case"], arguments["round"])}


def _import_portfolio(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.registry.actions.import_upload import import_upload

    return import_upload(arguments, progress)


def _lapse_cases(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.cases.actions.lapse_cases import lapse_cases

    return dict(lapse_cases())


def _deem_licence_cases(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.cases.actions.deem_licence_cases import deem_licence_cases

    return dict(deem_licence_cases())


def _follow_record(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.obligations.actions.follow_record import follow_record

    return dict(follow_record(progress))


def _recompute_obligations(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.obligations.actions.recompute_obligations import recompute_obligations

    return dict(recompute_obligations(progress))


def _sweep_orphans(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.documents.actions.sweep_orphans import sweep_orphans

    return dict(sweep_orphans(progress))


def _count_logs(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.observation.traffic.actions.count_logs import count_logs

    return count_logs(arguments, progress)


def _follow_journal(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.notifications.actions.follow_journal import follow_journal

    return dict(follow_journal())


def _remind(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.notifications.actions.remind import remind

    return dict(remind(list_due_sources(), progress))


def _gather_digests(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.notifications.actions.gather_digests import gather_digests

    return {"digests": gather_digests()}


def _deliver_notice(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.notifications.actions.deliver_notice import deliver_notice

    by_postman = partial(choose_sender, by_postman=True)
    return {"delivered": deliver_notice(arguments["delivery"], by_postman, get_portal_url())}


@contextmanager
def open_prober(concurrency: int | None = None, executor: Executor | None = None) -> Iterator[Prober]:
    """The probes of this process: OPENBEIAN_SWEEP_CONCURRENCY (default 20) at a time unless said otherwise; in the
    demonstration inventions, because its fictional domains may be somebody's. `executor` reads the pages, if given."""
    if settings.DEMO:
        from openbeian.supervision.invented.prober import InventedProber

        yield InventedProber()
        return
    from openbeian.observation.probing.probe import Prober as SiteProber
    from openbeian.observation.probing.settings import ProbeSettings
    from openbeian.supervision.probing_pool import ProbingPool

    probing = ProbeSettings.from_environment()
    most = concurrency or max(1, min(int(os.environ.get("OPENBEIAN_SWEEP_CONCURRENCY", "20")), 500))
    pool = ProbingPool(
        lambda: SiteProber(probing, executor=executor), concurrency=most, timeout_s=probing.probe_timeout_s
    )
    try:
        yield pool
    finally:
        pool.close()


def list_sweep_hours() -> tuple[int, ...]:
    """The hours in China at which a sweep begins: OPENBEIAN_SWEEP_HOURS, by default the second of the night."""
    hours = os.environ.get("OPENBEIAN_SWEEP_HOURS", "2").split(",")
    return tuple(int(hour) for hour in hours if hour.strip().isdecimal() and int(hour) < 24)


def _begin_sweep(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.supervision.actions.begin_sweep import begin_sweep

    sweep = begin_sweep(list_sweep_hours())
    return {"sweep": sweep.pk, "sites": sweep.site_count} if sweep else {}


def _sweep_sites(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.supervision.actions.sweep_sites import sweep_sites
    from openbeian.supervision.chromium.picture import ChromiumPictures

    with open_prober() as prober:
        return dict(sweep_sites(arguments["sweep"], prober, ChromiumPictures(), progress))


def _settle_sweep(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.supervision.actions.settle_sweep import settle_sweep

    return dict(settle_sweep(arguments["sweep"], progress))


def _probe_again(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.supervision.actions.probe_again import probe_again
    from openbeian.supervision.chromium.picture import ChromiumPictures

    with open_prober() as prober:
        return dict(probe_again(arguments["sites"], prober, ChromiumPictures()))


def _recheck_site(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.supervision.actions.recheck_site import recheck_site
    from openbeian.supervision.chromium.picture import ChromiumPictures

    with open_prober() as prober:
        return dict(recheck_site(arguments["site"], prober, ChromiumPictures()))


def _forget_watch(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.supervision.actions.forget_watch import forget_watch

    return dict(forget_watch(progress))


def _exchange_files(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.authority.actions.exchange_files import exchange_files

    return exchange_files(arguments.get("connection"), progress)


def _examine_connection(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.authority.actions.examine_connection import examine_connection

    return examine_connection(arguments["connection"], progress)


def _forget_files(arguments: Arguments, progress: Progress) -> Result:
    from openbeian.authority.actions.forget_files import forget_files

    return dict(forget_files())
