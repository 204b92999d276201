"""A process of the tests: allots numbers on the named database, one transaction each, and prints them.

Run as `python allot_many.py DATABASE_NAME HOW_MANY`; the rest of the configuration is inherited.
"""

import sys

import django
from django.conf import settings

settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()

from django.db import transaction  # noqa: E402

from openbeian.registry.actions.allot_number import allot_number  # noqa: E402

for _ in range(int(sys.argv[2])):
    with transaction.atomic():
        print(allot_number("京", 2026))
