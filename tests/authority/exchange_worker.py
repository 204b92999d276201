"""A worker's process for the proof with the database: exchanges until every report is answered; made to be killed."""

from __future__ import annotations

import sys
import time

import django


def main(database: str) -> None:
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()

    from openbeian.authority.actions.exchange_files import exchange_files
    from openbeian.authority.models import Connection, ReceivedFile, Report

    # Whoever starts this has killed the one before: its lease need not run out first.
    Connection.objects.update(leased_as="", leased_until=None)
    unanswered = (Report.State.WAITING, Report.State.PACKED, Report.State.SENT, Report.State.APPROVED)
    while True:
        Connection.objects.update(send_after=None, receive_after=None)
        exchange_files(None, lambda done, total: None)
        is_quiet = not ReceivedFile.objects.filter(acknowledged_at=None).exists()
        if is_quiet and not Report.objects.filter(state__in=unanswered).exists():
            return
        time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
