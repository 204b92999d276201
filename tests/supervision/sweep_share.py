"""A process that visits its share of a sweep with an invented prober, slowly; each visit is a line of its output.

Run as `python sweep_share.py DATABASE_NAME SWEEP SECONDS_A_VISIT`.
"""

import sys
import time

import django
from django.conf import settings

settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()

from tests.supervision.records import InventedProber, make_record  # noqa: E402

from openbeian.observation.probing.record import ProbeRecord, ProbeTarget  # noqa: E402
from openbeian.supervision.actions.sweep_sites import sweep_sites  # noqa: E402


def visit(target: ProbeTarget) -> ProbeRecord:
    time.sleep(float(sys.argv[3]))
    print(target.domain, flush=True)
    return make_record(target)


sweep_sites(int(sys.argv[2]), InventedProber(visit, most=2))
