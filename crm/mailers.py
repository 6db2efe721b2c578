"""What settings.MAILERS holds, read from the environment's words. Used by settings alone."""

import pkgutil
from typing import Any
from urllib.parse import unquote, urlsplit

from anymail import backends
from django.core.exceptions import ImproperlyConfigured


def by_smtp(url: str) -> dict[str, Any]:
    """Return our SMTP mailer for smtp://, smtp+starttls:// or smtps://name:password@host:port.

    Signs such as @ and / in a name or password stand there as %40 and %2F.
    """
    parts = urlsplit(url)
    options: dict[str, Any] = {"host": parts.hostname or "127.0.0.1", "port": parts.port or 25}
    if parts.username:
        options |= {"username": unquote(parts.username), "password": unquote(parts.password or "")}
    if parts.scheme == "smtp+starttls":
        options["use_tls"] = True
    if parts.scheme == "smtps":
        options["use_ssl"] = True
    return {"BACKEND": "campaigns.mailers.smtp.PipeliningBackend", "OPTIONS": options}


def by_provider(name: str) -> dict[str, Any]:
    """Return the mailer of a provider that Anymail knows. Raises ImproperlyConfigured with the names there are."""
    known = sorted(module.name for module in pkgutil.iter_modules(backends.__path__))
    providers = [one for one in known if not one.startswith("base") and one not in ("console", "test")]
    if name not in providers:
        raise ImproperlyConfigured(f"MAIL_PROVIDER must be one of {', '.join(providers)}, not {name!r}.")
    return {"BACKEND": f"anymail.backends.{name}.EmailBackend", "OPTIONS": {}}
