"""All settings of Wayfare, from the environment only. Read by Django, Celery and the tracking app.

Every variable is listed in docs/operations.md. A wrong value stops the start with what to do.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from crm.composition import (  # noqa: F401 - they are settings
    AUTH_PASSWORD_VALIDATORS,
    BASE_DIR,
    INSTALLED_APPS,
    MIDDLEWARE,
    REST_FRAMEWORK,
    SPECTACULAR_SETTINGS,
    STATICFILES_FINDERS,
    TEMPLATES,
    UNFOLD,
)
from crm.content_policy import PAGES
from crm.environment import Environment
from crm.mailers import by_provider, by_smtp
from crm.runtime.places import socket_dir

env = ENVIRONMENT = Environment()

VAR_DIR = Path(
    env.text("WAYFARE_VAR", str(BASE_DIR / "var"), shown="var", what="Directory of all data of an embedded install")
)

VERSION = "0.1.0"  # as pyproject.toml says

DEBUG = env.flag("DEBUG", False, what="Show errors with their source; never on a server")
# Without a DATABASE_URL this is a person's own machine: PostgreSQL and the broker are embedded, secrets live in var/.
EMBEDDED = not env.has("DATABASE_URL")
HOST = env.text("HOST", "127.0.0.1", what="Address on which the web server of `make run` listens")
DEMO = env.flag(
    "DEMO", True, what="Fill an empty install of `make run` with demo data; 0 starts with the first admin's page"
)
DEMO_PASSWORD = env.text(
    "DEMO_PASSWORD", "wayfare-demo", what="Password of the demo log-ins; must be set where HOST lets others in"
)
PORT = env.whole("PORT", 8000, what="Port of the web server of `make run`")
BASE_URL = env.url(
    "BASE_URL",
    env.text(
        "BASE_URL",
        f"http://127.0.0.1:{PORT}",
        shown="http://127.0.0.1:PORT",
        what="Address at which people and links in mails reach this install; https on a server",
    ).rstrip("/"),
    ("http", "https"),
)
SECURE = urlsplit(BASE_URL).scheme == "https"


def _secret_key() -> str:
    """Return SECRET_KEY, or on an embedded install a key made once and kept in var/secret_key."""
    if key := env.secret(
        "SECRET_KEY", shown="made once, in var", what="50 or more random characters; signs sessions and links in mails"
    ):
        return key
    if not EMBEDDED:
        raise ImproperlyConfigured("SECRET_KEY is not set. Set it to 50 or more random characters and keep it.")
    from django.core.management.utils import get_random_secret_key

    path = VAR_DIR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key() + get_random_secret_key())
    return path.read_text()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.several(
    "ALLOWED_HOSTS",
    [urlsplit(BASE_URL).hostname or "127.0.0.1", "127.0.0.1", "localhost"],
    shown="host of BASE_URL, 127.0.0.1, localhost",
    what="Host names the web server answers to, separated by commas",
)
CSRF_TRUSTED_ORIGINS = [BASE_URL] if SECURE else []

ROOT_URLCONF = "crm.urls"
ASGI_APPLICATION = "crm.asgi.application"
WSGI_APPLICATION = "crm.wsgi.application"

# --- data -----------------------------------------------------------------------------------------------------------
_DATABASE_NAME = env.text("WAYFARE_DATABASE", "wayfare", what="Name of the database in the embedded PostgreSQL")
_DATABASE_URL = env.secret(
    "DATABASE_URL",
    shown="an embedded PostgreSQL",
    what="PostgreSQL 18 or later: postgres://user:password@host:5432/name. Whoever sets it runs a server",
)
DATABASE: dict[str, Any]
if EMBEDDED:
    DATABASE = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _DATABASE_NAME,
        "USER": "postgres",
        "HOST": str(socket_dir(VAR_DIR)),
        "PORT": "5432",
    }
else:
    DATABASE = dict(environ.Env.db_url_config(env.url("DATABASE_URL", _DATABASE_URL, ("postgres", "postgresql"))))
DATABASE["OPTIONS"] = {**DATABASE.get("OPTIONS", {}), "pool": {"min_size": 1, "max_size": 8, "timeout": 5}}
DATABASES = {"default": DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    | env.mapping(
        "UPLOADS",
        what="Django storage of uploaded files as a JSON object of BACKEND and OPTIONS; else var/media on this machine",
    ),
    "staticfiles": {
        # In production `manage.py collectstatic` runs once a release; one's own machine serves files as they are.
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED
        else "crm.runtime.assets.StaticStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = EMBEDDED
WHITENOISE_MAX_AGE = 0 if EMBEDDED else 60
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "media/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
FORM_RENDERER = "crm.kit.forms.Renderer"

# --- work -----------------------------------------------------------------------------------------------------------
BROKER_EMBEDDED = not env.has("CELERY_BROKER_URL")
CELERY_BROKER_URL = env.secret(
    "CELERY_BROKER_URL",
    f"redis+socket://{socket_dir(VAR_DIR)}/valkey.sock",
    shown="an embedded Valkey",
    what="Redis, Valkey or RabbitMQ that carries wake-ups; it may be emptied at any time",
)
INSTALL_NAME = env.text(
    "INSTALL_NAME", what="Any name of this install; a database that was let go under another name sends nothing"
)
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 30.0, what="Seconds between two looks for work that is due")
RETRY_SECONDS = env.number(
    "RETRY_SECONDS", 300.0, what="Seconds before a mail that was put off is tried again; doubles with each try"
)
LEASE_SECONDS = env.number("LEASE_SECONDS", 30.0, what="Seconds a worker holds its work without a sign of life")
JOURNAL_DIR = Path(
    env.text(
        "JOURNAL_DIR",
        str(VAR_DIR / "journal"),
        shown="var/journal",
        what="Directory in which this machine's workers note each hand-over of a mail; keep it over restarts",
    )
)

# --- mail -----------------------------------------------------------------------------------------------------------
# Without SMTP_URL and MAIL_PROVIDER an embedded install keeps every mail in its own mailbox, on a port of its own.
MAILBOX = EMBEDDED and not env.has("SMTP_URL") and not env.has("MAIL_PROVIDER")
SMTP_PORT = env.whole("SMTP_PORT", PORT + 25, shown="PORT + 25", what="Port of the local mailbox of `make run`")
SMTP_URL = env.url(
    "SMTP_URL",
    env.secret(
        "SMTP_URL",
        f"smtp://127.0.0.1:{SMTP_PORT}",
        shown="the local mailbox",
        what="Where mails are handed over: smtp://, smtp+starttls:// or smtps://user:password@host:port",
    ),
    ("smtp", "smtp+starttls", "smtps"),
)
MAIL_PROVIDER = env.text(
    "MAIL_PROVIDER", what="Mail provider to hand mails to instead of SMTP_URL, by Anymail's name: mailgun, sparkpost, …"
)
MAILERS = {"default": by_provider(MAIL_PROVIDER) if MAIL_PROVIDER else by_smtp(SMTP_URL)}
ANYMAIL = env.mapping(
    "ANYMAIL",
    what="Mail provider's keys as a JSON object of Anymail's settings; WEBHOOK_SECRET (user:password) opens webhooks",
)
DNS_RESOLVERS = env.several(
    "DNS_RESOLVERS",
    [],
    what="Name servers that the sender test asks, such as 10.0.0.2 or 10.0.0.2:5353; else those of this machine",
)
IMPORT_DAYS = env.whole("IMPORT_DAYS", 90, what="Days after which the refused rows of an import are emptied")
LEDGER_MONTHS = env.whole(
    "LEDGER_MONTHS",
    0,
    what="Whole months of events kept one by one, at least 3; older ones are folded every night. 0 keeps all",
)
TRAIL_MONTHS = env.whole("TRAIL_MONTHS", 36, what="Months for which the trail keeps who changed what; 0 keeps all")
SOFT_BOUNCES = env.whole("SOFT_BOUNCES", 5, what="Soft bounces in a row after which an address is left out")
DEFAULT_FROM_EMAIL = env.text(
    "DEFAULT_FROM_EMAIL",
    "Wayfare <wayfare@localhost>",
    what="Sender of the product's own mails, such as a new password",
)

SEND_ONLY_TO = env.recipients(
    "SEND_ONLY_TO",
    what="For staging: addresses and domains, separated by commas, that alone get mails and calls; every page says so",
)
CHANNEL_WEBHOOKS = env.mapping(
    "CHANNEL_WEBHOOKS",
    what="Addresses that take short messages over, as a JSON object with any of sms, kakao, push",
)
OUTGOING_NETWORKS = env.several(
    "OUTGOING_NETWORKS",
    [],
    what="Private networks that webhooks may reach, without https too, such as 10.1.0.0/16; else none may",
)

# --- people ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "team.User"
AUTHENTICATION_BACKENDS = ["crm.team.backends.RoleBackend"]
LOGIN_URL = "team:login"
REQUIRE_SECOND_FACTOR = env.one_of(
    "REQUIRE_SECOND_FACTOR",
    "admins",
    ("admins", "all", "nobody"),
    what="Who must give a code of an authenticator app beside the password: admins, all or nobody",
)
DEMO_DOMAIN = "@wayfare.example"  # of the demo's log-ins, whose password all know: none of them must have a code
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "team:login"

# --- the API --------------------------------------------------------------------------------------------------------
API_RATE = env.whole("API_RATE", 600, what="Requests that one API token may make within a minute")

# --- languages ------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = env.text(
    "LANGUAGE_CODE", "en", what="Language of people who are not logged in and chose none: en or ko"
)
LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["crm.kit.formats"]  # dates of the set-up pages
TIME_ZONE = env.text("TIME_ZONE", "Asia/Seoul", what="Time zone of the company")
USE_TZ = True
COMPANY_CURRENCY = env.text("COMPANY_CURRENCY", "KRW", what="Currency of the company, as ISO 4217 names it")

# --- safety ---------------------------------------------------------------------------------------------------------
SECURE_CSP = PAGES
BEHIND_PROXY = env.flag(
    "BEHIND_PROXY",
    False,
    what="A proxy in front sets X-Forwarded-For and X-Forwarded-Proto, and they are to be trusted",
)
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 30 * 24 * 3600
X_FRAME_OPTIONS = "DENY"  # browsers that know frame-ancestors above go by that

# --- health ---------------------------------------------------------------------------------------------------------
METRICS_TOKEN = env.secret(
    "METRICS_TOKEN", what="Bearer token that opens /metrics to others than this machine; 20 or more random characters"
)
HEALTH_STUCK_SECONDS = env.number(
    "HEALTH_STUCK_SECONDS", 300.0, what="Seconds after which work that is due and that nobody does is an alarm"
)
HEALTH_LAG_SECONDS = env.number(
    "HEALTH_LAG_SECONDS", 60.0, what="Seconds that scores and counters may be behind before it is an alarm"
)
HEALTH_SILENCE_SECONDS = env.number(
    "HEALTH_SILENCE_SECONDS", 180.0, what="Seconds without a sign of workers, clock or follow before it is an alarm"
)
HEALTH_FAILED = env.number("HEALTH_FAILED", 20.0, what="How much work set aside for a person is an alarm")
HEALTH_DISK_PERCENT = env.number("HEALTH_DISK_PERCENT", 90.0, what="How full a disk may be before it is an alarm")
HEALTH_BOUNCE_PERCENT = env.number(
    "HEALTH_BOUNCE_PERCENT", 5.0, what="Hard bounces per 100 mails of 24 hours that are an alarm"
)
HEALTH_COMPLAINT_PERCENT = env.number(
    "HEALTH_COMPLAINT_PERCENT", 0.1, what="Reports as spam per 100 mails of 24 hours that are an alarm"
)
LOG_FORMAT = env.choice(
    "LOG_FORMAT", "text", ("text", "json"), what="text for people, json for machines that gather logs"
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "crm.kit.logs.PlainLines", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "crm.kit.logs.JsonLines"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "loggers": {"mail.log": {"level": "WARNING"}},  # the local mailbox's talk of each connection
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO", what="DEBUG, INFO, WARNING or ERROR")},
}
