"""Which mailer stands behind an alias of settings.MAILERS."""

from django.core.mail import mailers

from campaigns.mailers.django_backend import DjangoMailer
from campaigns.mailers.protocol import Mailer
from campaigns.mailers.smtp import PipeliningBackend


def open_mailer(alias: str) -> Mailer:
    """Return a mailer for one worker: our own where the alias names it, else any back-end wrapped."""
    backend = mailers[alias]
    return backend.mailer() if isinstance(backend, PipeliningBackend) else DjangoMailer(alias)
