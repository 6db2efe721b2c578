"""What stands in the navigation: one explicit list, filtered by what the reader may do.

To add a page: one `Entry` in START, PEOPLE, MESSAGES or SETUP. The admin's sidebar is made from the same list.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from crm.team import hold
from crm.team.models import User
from crm.team.notices import SHOWN
from crm.team.permissions import Action, may


@dataclass(frozen=True)
class Entry:
    """A page in the navigation. `phone` puts it in the bottom bar; `demo` shows it only while demo data is there."""

    label: Any  # a lazily translated text
    url_name: str
    icon: str
    action: Action | None = None
    phone: bool = False
    exact: bool = False
    demo: bool = False

    @property
    def url(self) -> str:
        """The page's address."""
        return reverse(self.url_name)

    def is_current(self, path: str) -> bool:
        """Tell whether `path` is this page or one below it."""
        return path == self.url if self.exact else path.startswith(self.url)


@dataclass(frozen=True)
class Group:
    """Entries under one heading (none for the first)."""

    label: Any
    entries: tuple[Entry, ...]


# One line an entry (the trailing commas keep it so).
START: tuple[Entry, ...] = (Entry(_("Home"), "home", "home", phone=True, exact=True),)
PEOPLE: tuple[Entry, ...] = (
    Entry(_("People"), "contacts:people", "users", Action.CONTACT_VIEW, phone=True),
    Entry(_("Leads"), "contacts:leads", "flame", Action.LEAD_WORK, phone=True),
    Entry(_("Accounts"), "contacts:accounts", "building", Action.CONTACT_VIEW),
    Entry(_("Segments"), "contacts:segments", "target-arrow", Action.SEGMENT_VIEW),
    Entry(_("Lists and tags"), "contacts:lists", "list-check", Action.CONTACT_VIEW),
    Entry(_("Duplicates"), "contacts:duplicates", "arrows-join", Action.CONTACT_MERGE),
    Entry(_("Imports"), "contacts:imports", "file-import", Action.CONTACT_IMPORT),
    Entry(_("Exports"), "contacts:exports", "file-export", Action.CONTACT_EXPORT),
    Entry(_("Orders"), "contacts:orders", "receipt", Action.CONTACT_VIEW),
    Entry(_("Products"), "contacts:products", "package", Action.CONTACT_VIEW),
)
MESSAGES: tuple[Entry, ...] = (
    Entry(_("Campaigns"), "campaigns:campaigns", "send", Action.CAMPAIGN_VIEW, phone=True),
    Entry(_("Mail templates"), "admin:campaigns_mailtemplate_changelist", "template", Action.TEMPLATE_EDIT),
    Entry(_("Journeys"), "journeys:journeys", "route", Action.JOURNEY_VIEW),
    Entry(_("Topics"), "admin:contacts_topic_changelist", "mail-heart", Action.TOPIC_EDIT),
    Entry(_("Senders"), "campaigns:senders", "at", Action.SENDER_EDIT),
)
SETUP: tuple[Entry, ...] = (
    Entry(_("Attributes"), "contacts:attributes", "forms", Action.ATTRIBUTE_EDIT),
    Entry(_("Roles in accounts"), "contacts:account-roles", "id-badge-2", Action.ACCOUNT_ROLES),
    Entry(_("Lead scores"), "contacts:score-rules", "chart-line", Action.REPORT_VIEW),
    Entry(_("Activity and buyers"), "contacts:habits", "activity", Action.SCORE_EDIT),
    Entry(_("Sending"), "campaigns:sending-settings", "mail-cog", Action.CAMPAIGN_LAUNCH),
    Entry(_("Notices of consent"), "campaigns:consent-notices", "mail-check", Action.CAMPAIGN_LAUNCH),
    Entry(_("Erased people"), "contacts:erasures", "eraser", Action.CONTACT_DELETE),
    Entry(_("Stages"), "contacts:stage-models", "stairs", Action.STAGE_EDIT),
    Entry(_("Company"), "team:company", "building-skyscraper", Action.SETTINGS_EDIT),
    Entry(_("Users"), "admin:team_user_changelist", "users-group", Action.USER_EDIT),
    Entry(_("Webhooks"), "contacts:webhooks", "webhook", Action.WEBHOOK_EDIT),
    Entry(_("Trail"), "team:trail", "history", Action.TRAIL_VIEW),
    Entry(_("Demo data"), "demo", "flask", Action.SETTINGS_EDIT, demo=True),
    Entry(_("Health"), "health", "activity-heartbeat", Action.HEALTH_VIEW),
    *((Entry(_("Local mailbox"), "mailbox:inbox", "mailbox", Action.MAILBOX_VIEW),) if settings.MAILBOX else ()),
)
NAVIGATION: tuple[Group, ...] = (
    Group("", START),
    Group(_("People"), PEOPLE),
    Group(_("Messages"), MESSAGES),
    Group(_("Set-up"), SETUP),
)


def entries_for(user: User) -> list[Group]:
    """Return the navigation with what `user` may open; groups left empty are gone."""
    groups = [
        Group(group.label, tuple(e for e in group.entries if e.action is None or may(user, e.action)))
        for group in NAVIGATION
    ]
    return [group for group in groups if group.entries]


@dataclass(frozen=True)
class Install:
    """What holds for the whole install and every page says (components/banners.html)."""

    only_to: str  # the addresses and domains that alone are written to; "" for everybody
    demo: bool  # demo data is there
    held: bool  # restored from a back-up: nothing leaves until an admin says so; said to colleagues only


# One question for the frame of every page.
_FRAME = """
SELECT (SELECT count(*) FROM (SELECT FROM team_notice WHERE user_id = %(user)s AND read_at IS NULL LIMIT %(most)s) n),
       sending_held(%(install)s), EXISTS (SELECT FROM team_demomark)
"""


def _frame(request: HttpRequest) -> tuple[int, bool, bool]:
    """Return the number of notices new to the reader, whether sending is held, and whether demo data is there."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return 0, False, False
    with connection.cursor() as cursor:
        cursor.execute(_FRAME, {"user": user.pk, "most": SHOWN, **hold.parameters()})
        new, held, demo = cursor.fetchone()
    return int(new), bool(held), bool(demo)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor of the frame: `nav` (groups with items) and `nav_phone` (at most four items)."""
    frame: tuple[int, bool, bool] = SimpleLazyObject(lambda: _frame(request))  # type: ignore[assignment]
    return {
        "nav": SimpleLazyObject(lambda: _drawn(request, demo=frame[2])),
        "nav_phone": SimpleLazyObject(
            lambda: [i for g in _drawn(request, demo=False) for i in g["entries"] if i["entry"].phone][:4]
        ),
        "install": SimpleLazyObject(lambda: Install(", ".join(settings.SEND_ONLY_TO), frame[2], frame[1])),
        "notices_new": SimpleLazyObject(lambda: frame[0]),
    }


def _drawn(request: HttpRequest, *, demo: bool) -> list[dict[str, Any]]:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return []
    return [
        {"label": group.label, "entries": [_item(e, request.path) for e in group.entries if demo or not e.demo]}
        for group in entries_for(user)
    ]


def _item(entry: Entry, path: str) -> dict[str, Any]:
    return {"entry": entry, "current": entry.is_current(path)}
