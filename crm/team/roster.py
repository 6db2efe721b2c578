"""Who belongs to the team: invitations, and the rule that an admin is always left. Called by the admin pages."""

from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from crm.kit.recipients import deliver
from crm.team.models import Role, User
from crm.team.sign_ins import entry


class MailFailed(RuntimeError):
    """The mail server took no mail; the link can be mailed again later."""


class LastAdmin(ValueError):
    """Without this user the company would have no admin; nothing was changed."""


@transaction.atomic
def lock_out(user: User, *, by: User, now: datetime) -> None:
    """Let `user` log in no more, end her sessions and her API tokens. A repeat is harmless. Raises LastAdmin."""
    if is_last_admin(user):
        raise LastAdmin
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.is_active = False
    shut(user, by=by, now=now)


@transaction.atomic
def shut(user: User, *, by: User, now: datetime) -> None:
    """End every session and API token of somebody who may log in no more."""
    entry.end_all(user, by=by, now=now)
    user.api_tokens.filter(revoked_at=None).update(revoked_at=now)


def mail_link(user: User) -> None:
    """Mail `user` a link that sets her password, in her own language. It works once, for PASSWORD_RESET_TIMEOUT.

    Raises MailFailed when the mailer refuses; a repeat mails a fresh link.
    """
    place = {"uidb64": urlsafe_base64_encode(force_bytes(user.pk)), "token": default_token_generator.make_token(user)}
    with translation.override(user.language):
        context = {"user": user, "link": settings.BASE_URL.rstrip("/") + reverse("team:reset_confirm", kwargs=place)}
        subject = render_to_string("team/mail/reset_subject.txt", context).strip()
        mail = EmailMultiAlternatives(subject, render_to_string("team/mail/reset.txt", context), to=[user.email])
        mail.attach_alternative(render_to_string("team/mail/reset.html", context), "text/html")
        try:
            deliver(mail)
        except (SMTPException, OSError) as error:
            raise MailFailed(str(error)) from error


def is_last_admin(user: User) -> bool:
    """Tell whether no other active admin exists. Locks the admins' rows, so ask inside the changing transaction."""
    admins = User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True)
    return {admin.pk for admin in admins} == {user.pk}
