"""Who runs the installation, and holidays of a year nobody has published yet."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.accounts.factories import make_member, make_organisation, make_user

from openbeian.accounts.acting import actor_of
from openbeian.kernel.actor import Actor

CYCLE = "filing.reconfirmation.cycle"

# Invented for the tests: the statutory days of 2027 that fall on fixed dates, and one make-up Sunday.
DAYS_2027: list[dict[str, Any]] = [
    {"date": "2027-01-01", "name": "元旦", "day_off": True},
    *({"date": f"2027-02-{d:02}", "name": "春节", "day_off": True} for d in range(6, 13)),
    {"date": "2027-02-14", "name": "春节", "day_off": False},
    {"date": "2027-04-05", "name": "清明节", "day_off": True},
    *({"date": f"2027-05-{d:02}", "name": "劳动节", "day_off": True} for d in range(1, 6)),
    {"date": "2027-06-09", "name": "端午节", "day_off": True},
    {"date": "2027-09-15", "name": "中秋节", "day_off": True},
    *({"date": f"2027-10-{d:02}", "name": "国庆节", "day_off": True} for d in range(1, 8)),
]
MAKE_UP_SUNDAY = date(2027, 2, 14)


def make_runner() -> Actor:
    member = make_member(make_organisation("operator"), "administrator", user=make_user(is_superuser=True))
    return actor_of(member, "web", "127.0.0.1")
