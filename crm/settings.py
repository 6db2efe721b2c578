"""All settings of Wayfare, from the environment only. Read by Django, Celery and the tracking app.

Every variable is listed in docs/operations.md. A wrong value stops the start with what to do.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from crm.runtime.places import socket_dir

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("WAYFARE_VAR", str(BASE_DIR / "var")))

DEBUG = env.bool("DEBUG", False)
# Without a DATABASE_URL this is a person's own machine: PostgreSQL and the broker are embedded, secrets live in var/.
EMBEDDED = "DATABASE_URL" not in env.ENVIRON
PORT = env.int("PORT", 8000)
BASE_URL = env.str("BASE_URL", f"http://127.0.0.1:{PORT}")
SECURE = urlsplit(BASE_URL).scheme == "https"


def _secret_key() -> str:
    """Return SECRET_KEY, or on an embedded install a key made once and kept in var/secret_key."""
    if key := env.str("SECRET_KEY", ""):
        return str(key)
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
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[urlsplit(BASE_URL).hostname or "127.0.0.1", "127.0.0.1", "localhost"]
)
CSRF_TRUSTED_ORIGINS = [BASE_URL] if SECURE else []

INSTALLED_APPS = [
    "crm.runtime",
    "crm.home",
    "journeys",
    "campaigns",
    "contacts",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "crm.team",  # after auth, whose groups it takes out of the admin
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "anymail",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "crm.runtime.assets.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crm.team.middleware.LocaleOfReader",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "crm.team.middleware.PolicyOfAdmin",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "crm.urls"
ASGI_APPLICATION = "crm.asgi.application"
WSGI_APPLICATION = "crm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.home.navigation.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "crm.team.templatetags.look"],
        },
    }
]

# --- data -----------------------------------------------------------------------------------------------------------
if EMBEDDED:
    DATABASE: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": env.str("WAYFARE_DATABASE", "wayfare"),
        "USER": "postgres",
        "HOST": str(socket_dir(VAR_DIR)),
        "PORT": "5432",
    }
else:
    DATABASE = env.db("DATABASE_URL")
DATABASE["OPTIONS"] = {**DATABASE.get("OPTIONS", {}), "pool": {"min_size": 1, "max_size": 8, "timeout": 5}}
DATABASES = {"default": DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # In production `manage.py collectstatic` runs once a release; one's own machine serves files as they are.
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = EMBEDDED
WHITENOISE_MAX_AGE = 0 if EMBEDDED else 60
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "media/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "crm.runtime.assets.NodeFinder",
]
FORM_RENDERER = "crm.kit.forms.Renderer"

# --- work -----------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", f"redis+socket://{socket_dir(VAR_DIR)}/valkey.sock")
SWEEP_SECONDS = env.float("SWEEP_SECONDS", 30.0)  # how often due work is re-issued
LEASE_SECONDS = env.float("LEASE_SECONDS", 30.0)  # how long a claim holds without renewal
JOURNAL_DIR = Path(env.str("JOURNAL_DIR", str(VAR_DIR / "journal")))  # hand-over journal of this machine's workers

# --- mail -----------------------------------------------------------------------------------------------------------
# Without an SMTP_URL an embedded install keeps every mail in its own mailbox, on a port of its own.
MAILBOX = EMBEDDED and "SMTP_URL" not in env.ENVIRON
SMTP_PORT = env.int("SMTP_PORT", PORT + 25)
SMTP_URL = env.str("SMTP_URL", f"smtp://127.0.0.1:{SMTP_PORT}")
_smtp = urlsplit(SMTP_URL)
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": _smtp.hostname or "127.0.0.1",
            "port": _smtp.port or 25,
            **({"username": _smtp.username, "password": _smtp.password} if _smtp.username else {}),
            **({"use_tls": True} if _smtp.scheme == "smtp+starttls" else {}),
            **({"use_ssl": True} if _smtp.scheme == "smtps" else {}),
        },
    },
}
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Wayfare <wayfare@localhost>")

# --- people ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "team.User"
AUTHENTICATION_BACKENDS = ["crm.team.backends.RoleBackend"]
LOGIN_URL = "team:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "team:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- languages ------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = env.str("LANGUAGE_CODE", "en")
LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", "Asia/Seoul")
USE_TZ = True
COMPANY_CURRENCY = env.str("COMPANY_CURRENCY", "KRW")

# --- safety ---------------------------------------------------------------------------------------------------------
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "frame-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
}
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)  # trust X-Forwarded-For and -Proto of the proxy in front
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 30 * 24 * 3600
X_FRAME_OPTIONS = "SAMEORIGIN"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {"mail.log": {"level": "WARNING"}},  # the local mailbox's talk of each connection
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
}

# --- the admin, in the product's clothes (templates/admin, static/css/admin.css) -------------------------------------
UNFOLD = {
    "SITE_TITLE": "Wayfare",
    "SITE_HEADER": "Wayfare",
    "THEME": "crm.home.admin_look.theme",
    "SHOW_LANGUAGES": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
}
