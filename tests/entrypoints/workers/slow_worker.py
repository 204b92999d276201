"""A worker process for the tests: the product's loop and job kinds at a pace that does not try patience.

Run as `python slow_worker.py DATABASE_NAME`; the rest of the configuration is inherited.
"""

import sys

import django
from django.conf import settings

settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()

from openbeian.entrypoints.workers.loop import Pace, run_worker  # noqa: E402
from openbeian.wiring import list_job_kinds  # noqa: E402

run_worker(list_job_kinds(), Pace(lease_s=1.5, beat_s=0.3, idle_s=0.1))
