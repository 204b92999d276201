"""The door for WSGI servers."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openbeian.settings")
application = get_wsgi_application()

# Only now are there models to read loaded holidays from.
from openbeian.wiring import connect_rulebook  # noqa: E402

connect_rulebook()
