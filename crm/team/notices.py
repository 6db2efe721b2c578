"""What the product tells the people who use it, in the product and by mail. Written by apps above, read by everybody.

A notice is written with what caused it, in one transaction; its mail is a row of work that leaves after the commit.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation

from crm.kit.recipients import NotListed, deliver
from crm.kit.work import WorkState
from crm.team import hold
from crm.team.company import own_sender
from crm.team.models import Notice, User

KEPT = timedelta(days=180)
SHOWN = 100
MENTION = "at"  # the icon of a notice that says that a note names its reader


@dataclass(frozen=True)
class News:
    """One thing to tell one colleague, in her language; `url` is a path of ours, or ""."""

    user: User
    text: str
    url: str = ""
    icon: str = "bell"


def tell(news: Iterable[News], *, by_mail: bool, now: datetime) -> int:
    """Write the notices and return how many; with `by_mail` each is mailed too, soon after the commit."""
    state = WorkState.READY if by_mail else WorkState.DONE
    rows = [
        Notice(user=one.user, text=one.text[:500], url=one.url, icon=one.icon, at=now, state=state, due_at=now)
        for one in news
    ]
    return len(Notice.objects.bulk_create(rows))


def of(user: User) -> QuerySet[Notice]:
    """Return what a colleague was told, the newest first."""
    return Notice.objects.filter(user=user).order_by("-at", "-pk")


def mentions(user: User) -> QuerySet[Notice]:
    """Return the notes that name her and that she has not seen."""
    return of(user).filter(icon=MENTION, read_at=None)


def unread(user: User) -> int:
    """Return how many notices she has not seen; at most 100 are counted."""
    return Notice.objects.filter(user=user, read_at=None)[:SHOWN].count()


def read_all(user: User, now: datetime) -> int:
    """Mark everything seen, and return how much was new."""
    return Notice.objects.filter(user=user, read_at=None).update(read_at=now)


def forget(now: datetime) -> int:
    """Delete what was told long ago, and return how much."""
    gone, _each = Notice.objects.filter(at__lt=now - KEPT).delete()
    return gone


# --- by mail ---
def mail_due(clock: Callable[[], datetime]) -> int:
    """Mail the notices that are due and return how many left. A try of which nobody knows the end is not repeated."""
    sent = 0
    if hold.is_held():
        return sent
    while claimed := Notice.claim(clock()):
        sent += _mail(claimed[0], clock())
    return sent


def _mail(notice: Notice, now: datetime) -> bool:
    if notice.attempts > 1 and not notice.last_error:
        notice.fail("a worker was killed while it mailed this: it may have left")
        return False
    if not notice.user.is_active:
        notice.finish()
        return False
    try:
        deliver(_written(notice))
    except NotListed:
        notice.finish()  # it is read in the product
        return False
    except (SMTPException, OSError) as error:
        notice.try_again(error, now)
        return False
    notice.finish()
    return True


def _written(notice: Notice) -> EmailMultiAlternatives:
    user = notice.user
    link = urljoin(settings.BASE_URL, notice.url) if notice.url else ""
    with translation.override(user.language):
        context = {"notice": notice, "link": link, "language": user.language}
        mail = EmailMultiAlternatives(
            notice.text.splitlines()[0][:120],
            render_to_string("team/mail/notice.txt", context),
            own_sender(),
            [user.email],
            headers={"Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string("team/mail/notice.html", context), "text/html")
    return mail
