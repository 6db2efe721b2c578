"""Which mailer stands behind an alias of settings.MAILERS."""

from anymail.backends.base import AnymailBaseBackend
from django.core.mail import mailers
from django.core.mail.backends.base import BaseEmailBackend

from campaigns.mailers.batch import LARGEST_BATCH, SYNTAX, BatchMailer, Syntax
from campaigns.mailers.django_backend import DjangoMailer
from campaigns.mailers.protocol import Mailer
from campaigns.mailers.smtp import PipeliningBackend

WIDEST = 8  # connections of a worker at most


def open_mailer(alias: str) -> Mailer:
    """Return a mailer for one worker: our own where the alias names it, else any back-end wrapped."""
    backend = mailers[alias]
    if isinstance(backend, PipeliningBackend):
        return backend.mailer()
    syntax = _syntax(backend)
    return BatchMailer(alias, syntax) if syntax else DjangoMailer(alias)


def widest(alias: str) -> int:
    """Return how many mails a worker has on their way at once at most, by this mailer."""
    return LARGEST_BATCH if _syntax(mailers[alias]) else WIDEST


def _syntax(backend: BaseEmailBackend) -> Syntax | None:
    return SYNTAX.get(str(backend.esp_name)) if isinstance(backend, AnymailBaseBackend) else None
