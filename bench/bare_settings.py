"""The product's database under Django and nothing else: no middleware, one view."""

from openbeian.settings import *  # noqa: F403

MIDDLEWARE: list[str] = []
ROOT_URLCONF = "bench.bare_view"
INSTALLED_APPS = [app for app in INSTALLED_APPS if app.startswith("openbeian.") and not app.endswith(".web")] + [  # noqa: F405
    "django.contrib.contenttypes",
    "django.contrib.auth",
]
