"""What stands in the cells of a list of people where it is more than the plain value, as HTML.

Written in Python: a page of 50 people draws 400 cells, and as templates they took two thirds of its time.
"""

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contacts.consent.models import ConsentState, Decision
from contacts.people.models import Contact
from crm.team.templatetags.look import avatar, badge, person_time

BLANK = "–"
_TAGS = 3  # of a person that are named; the others are counted
_MAIL = '<span class="wf-muted wf-small people-mail">{}</span>'
_TITLE = '<div class="wf-muted wf-small">{}</div>'
_MORE = '<span class="wf-muted wf-small">+{}</span>'


def name(contact: Contact) -> SafeString:
    """Draw the link to the person, with the address below the name."""
    who = contact.display_name
    mail = format_html(_MAIL, contact.email) if contact.name and contact.email else ""
    return format_html(
        '<a class="people-name" href="{}">{}<span><span class="people-who">{}</span>{}</span></a>',
        reverse("contacts:person", args=[contact.pk]),
        avatar(who),
        who,
        mail,
    )


def company(contact: Contact) -> SafeString:
    """Draw the company, a link where its account is known, with the title below."""
    found: object = contact.company or BLANK
    if contact.account:
        url = reverse("contacts:account", args=[contact.account_id])
        found = format_html('<a href="{}">{}</a>', url, contact.account.name)
    return format_html("{}{}", found, format_html(_TITLE, contact.title) if contact.title else "")


def stage(contact: Contact) -> SafeString | str:
    """Draw the stage."""
    return badge(contact.stage.label, "brand") if contact.stage else BLANK


def tags(contact: Contact) -> SafeString | str:
    """Draw the first tags, and how many more there are."""
    links = list(contact.tag_links.all())
    if not links:
        return BLANK
    first = format_html_join("", "{} ", ((badge(link.tag.name),) for link in links[:_TAGS]))
    return format_html("{}{}", first, format_html(_MORE, len(links) - _TAGS) if len(links) > _TAGS else "")


def mails(contact: Contact) -> SafeString:
    """Draw whether marketing by e-mail was agreed to."""
    if not contact.email:
        return format_html('<span class="wf-muted">{}</span>', _("No address"))
    said: list[ConsentState] = contact.mail_consent  # type: ignore[attr-defined]  # set by queries.with_rows
    decision = said[0].decision if said else None
    if decision == Decision.GRANTED:
        return badge(_("Agreed"), "good", "check")
    if decision == Decision.WITHDRAWN:
        return badge(_("Refused"), "bad", "x")
    return badge(_("Unknown"))


def seen(contact: Contact) -> SafeString | str:
    """Draw how long ago the person was last seen."""
    return person_time(contact.seen_at, "away")
