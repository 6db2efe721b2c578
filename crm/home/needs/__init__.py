"""What needs the reader now, the most pressing first. To add a kind: one `Waiting` in one of these tables."""

from datetime import datetime

from contacts.scoring.heat import default_model
from crm.home.needs import install, mails, people, work
from crm.home.needs.waiting import Asked, Need, Waiting, needs_in
from crm.team.models import User

NEEDS: tuple[Waiting, ...] = (
    *install.BROKEN, *mails.STOPPED, *people.WAITING, *work.WAITING, *mails.WAITING, *install.WAITING,
)  # fmt: skip


def needs_of(user: User, now: datetime) -> list[Need]:
    """Return what waits for `user`: two queries, however much there is."""
    return needs_in(NEEDS, Asked(user, now, default_model()))
