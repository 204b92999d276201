"""Django's settings, read from the environment and the data folder; no secret stands here.

OPENBEIAN_HOME            data folder: database, keys, documents, logs (default: `data` beside the launcher)
OPENBEIAN_DATABASE_URL    postgresql://user:password@host:port/name; without it SQLite in the data folder
OPENBEIAN_TEST_DATABASE_URL  the same for the tests
OPENBEIAN_HOSTS           host names the portal answers to, comma separated (default: loopback)
OPENBEIAN_DEMO            1 only in demo mode: one-click sign-in on loopback
OPENBEIAN_DEMO_DAYS       by how many days a demo's clock is moved: set by `up --demo --today`, heeded in demo mode only
OPENBEIAN_RULEBOOK        another folder of rules
OPENBEIAN_MAIL            smtp://user:password@host:port, smtp+tls://… or smtps://…; without it nothing is mailed
OPENBEIAN_MAIL_FROM       the sender's address
OPENBEIAN_PROXIES         how many proxies of ours stand before the portal, so that addresses are read rightly
OPENBEIAN_PUBLIC_URL      https://beian.example.cn, for the QR codes of extracts; else the address asked for
OPENBEIAN_LOOKUPS_PER_MINUTE  public look-ups a minute and address (default 120)
OPENBEIAN_HTTPS           1 behind a proxy that ends TLS: secure cookies, HSTS, X-Forwarded-Proto believed
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from openbeian.kernel import clock
from openbeian.privacy.keyring import Keyring

ROOT = Path(os.environ.get("OPENBEIAN_ROOT") or Path(__file__).resolve().parents[2])
HOME = Path(os.environ.get("OPENBEIAN_HOME") or ROOT / "data").resolve()
TESTING = os.environ.get("OPENBEIAN_ENVIRONMENT") == "test"
DEMO = os.environ.get("OPENBEIAN_DEMO") == "1"
DEMO_DAYS = int(os.environ.get("OPENBEIAN_DEMO_DAYS") or 0) if DEMO else 0
if DEMO_DAYS:
    clock.move(DEMO_DAYS)
HTTPS = os.environ.get("OPENBEIAN_HTTPS") == "1"
DEBUG = False
VERSION = "0.1.0"
RULEBOOK_FOLDER = Path(os.environ.get("OPENBEIAN_RULEBOOK") or ROOT / "rulebook")
KEYRING_FILE = HOME / "keys" / "keyring.json"
SIGNING_KEYS_FILE = HOME / "keys" / "signing.json"
DOCUMENTS_FOLDER = HOME / "documents"


@lru_cache(maxsize=1)
def OPENBEIAN_KEYRING() -> Keyring:  # noqa: N802  Django only keeps upper-case settings
    """The installation's keys, read once a process."""
    return Keyring.read_or_generate(KEYRING_FILE)


SECRET_KEY = OPENBEIAN_KEYRING().cookies


def _database() -> dict[str, Any]:
    url = os.environ.get("OPENBEIAN_TEST_DATABASE_URL" if TESTING else "OPENBEIAN_DATABASE_URL", "")
    if url:
        parts = urlsplit(url)
        if parts.scheme not in {"postgres", "postgresql"}:
            raise ValueError(f"OPENBEIAN_DATABASE_URL must start with postgresql://, not {parts.scheme}://")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME / "openbeian.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                "PRAGMA mmap_size=268435456; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"
            ),
        },
        "TEST": {"NAME": HOME / "test.sqlite3"} if TESTING else {},
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "lucide",
    "ninja",
    "openbeian.accounts",
    "openbeian.jobs",
    "openbeian.journal",
    "openbeian.policies",
    "openbeian.registry",
    "openbeian.documents",
    "openbeian.cases",
    "openbeian.supervision",
    "openbeian.supervision.reporting.apps.ReportingConfig",
    "openbeian.supervision.inspections",
    "openbeian.agenda",
    "openbeian.obligations",
    "openbeian.notifications",
    "openbeian.authority",
    "openbeian.entrypoints.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "openbeian.entrypoints.web.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "openbeian.entrypoints.web.public_shortcut.PublicShortcut",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "openbeian.entrypoints.web.middleware.ReaderLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "openbeian.entrypoints.web.middleware.CurrentActor",
    "openbeian.entrypoints.web.middleware.Refusals",
]

ROOT_URLCONF = "openbeian.entrypoints.web.urls"
WSGI_APPLICATION = "openbeian.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["openbeian.entrypoints.web.templatetags.openbeian"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "openbeian.entrypoints.web.context.portal",
            ],
        },
    }
]

# Below the wiring nobody may import it; cases find their way to the administration by this name.
CASE_CARRIER = "openbeian.wiring.choose_case_carrier"

# The address under which the public reaches this installation; it stands in the QR codes of extracts.
PUBLIC_URL = os.environ.get("OPENBEIAN_PUBLIC_URL", "").rstrip("/")
PUBLIC_LOOKUPS_PER_MINUTE = int(os.environ.get("OPENBEIAN_LOOKUPS_PER_MINUTE", "120"))
PROXIES = int(os.environ.get("OPENBEIAN_PROXIES", "0"))
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
ALLOWED_HOSTS = [h for h in os.environ.get("OPENBEIAN_HOSTS", "").split(",") if h] or [
    "127.0.0.1",
    "localhost",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [f"https://{h}" for h in ALLOWED_HOSTS] if HTTPS else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "openbeian.entrypoints.web.views.errors.csrf_failed"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    }
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.ScryptPasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "openbeian.entrypoints.web.sign_in.InvitationOnly"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "OpenBeian"
MFA_ADAPTER = "openbeian.entrypoints.web.second_factor.SealedSecondFactor"

# Mail: without a server, invitation links are shown once and passwords are reset from the command line.
OPENBEIAN_MAIL = os.environ.get("OPENBEIAN_MAIL", "")
_mail = urlsplit(OPENBEIAN_MAIL)
EMAIL_HOST, EMAIL_PORT = _mail.hostname or "", _mail.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = _mail.scheme == "smtp+tls", _mail.scheme == "smtps", 20
DEFAULT_FROM_EMAIL = os.environ.get("OPENBEIAN_MAIL_FROM", "openbeian@localhost")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = TESTING
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
FILE_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if TESTING
    else {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": HOME / "cache",
        "OPTIONS": {"MAX_ENTRIES": 20000},
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"openbeian": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
