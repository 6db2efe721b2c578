"""The kinds of events that mails bring about. Registered by CampaignsConfig.ready.

All have the subject ("dispatch", its id) and the property "message" (the message's id); a click has "link" (its
number). Raw hits are what came in; the follower that tells people from machines makes opens and clicks of them.
"""

from django.utils.translation import gettext_lazy as _

from contacts.ledger.kinds import KINDS, BySubject, EventKind, tell

# A row per person and dispatch costs as much as the event itself: none where a count of mails says the same.
MAILS, PEOPLE = BySubject.TOTALS, BySubject.PEOPLE

HANDED_OVER = [
    EventKind(
        "mail.sent",
        _("Mail sent"),
        tell(_("Was sent the mail {mail}"), _("Was sent a mail")),
        "send",
        by_subject=MAILS,
    ),
    EventKind(
        "mail.deferred",
        _("Mail delayed"),
        tell(_("A mail is delayed: {reason}"), _("A mail is delayed")),
        "clock-pause",
        timeline=False,
        by_subject=PEOPLE,
    ),
    EventKind(
        "mail.bounced_hard",
        _("Address does not exist"),
        tell(_("A mail came back: {reason}"), _("A mail came back: the address does not exist")),
        "mail-x",
        by_subject=PEOPLE,
    ),
    EventKind(
        "mail.bounced_soft",
        _("Mail came back"),
        tell(_("A mail came back: {reason}"), _("A mail came back")),
        "mail-exclamation",
        by_subject=PEOPLE,
    ),
    EventKind(
        "mail.rejected",
        _("Sender refused"),
        tell(_("A mail was refused: {reason}"), _("A mail was refused")),
        "mail-cancel",
        timeline=False,
        by_subject=PEOPLE,
    ),
    EventKind(
        "mail.failed",
        _("Mail not sent"),
        tell(_("A mail could not be sent: {reason}"), _("A mail could not be sent")),
        "mail-off",
        by_subject=PEOPLE,
    ),
    EventKind(
        "mail.uncertain",
        _("Arrival being checked"),
        tell(_("It is not known whether a mail arrived")),
        "mail-question",
        timeline=False,
        by_subject=PEOPLE,
    ),
    EventKind(
        "mail.released",
        _("Sent again by hand"),
        tell(_("A mail whose arrival was not known is sent again")),
        "mail-forward",
        timeline=False,
    ),
    EventKind(
        "mail.skipped",
        _("Left out while sending"),
        tell(_("A mail was not sent to this person")),
        "mail-minus",
        timeline=False,
        by_subject=PEOPLE,
    ),
]
CAME_BACK = [
    EventKind(
        "mail.delivered",
        _("Mail delivered"),
        tell(_("A mail was delivered")),
        "mail-check",
        timeline=False,
        by_subject=MAILS,
    ),
    EventKind("mail.complained", _("Reported as spam"), tell(_("Reported a mail as spam")), "flag", by_subject=PEOPLE),
    EventKind(
        "mail.unsubscribed", _("Unsubscribed"), tell(_("Unsubscribed by a mail")), "mail-minus", by_subject=PEOPLE
    ),
    EventKind(
        "mail.opened",
        _("Mail opened"),
        tell(_("Opened the mail {mail}"), _("Opened a mail")),
        "mail-opened",
        activity=True,
        by_subject=PEOPLE,
    ),
    EventKind(
        "mail.clicked",
        _("Link clicked"),
        tell(_("Clicked {label} in a mail"), _("Clicked a link in a mail")),
        "click",
        activity=True,
        by_subject=PEOPLE,
    ),
    EventKind(
        "mail.opened_by_machine",
        _("Opened by a machine"),
        tell(_("A machine opened a mail")),
        "robot",
        timeline=False,
        by_subject=PEOPLE,
    ),
    EventKind(
        "mail.clicked_by_machine",
        _("Clicked by a machine"),
        tell(_("A machine followed a link in a mail")),
        "robot",
        timeline=False,
        by_subject=PEOPLE,
    ),
]
HITS = [
    EventKind("hit.opened", _("Opening received"), tell(_("A mail's picture was loaded")), "photo", timeline=False),
    EventKind("hit.clicked", _("Click received"), tell(_("A mail's link was requested")), "link", timeline=False),
]


def register() -> None:
    """Enter the kinds of this app; harmless to repeat."""
    KINDS.register(*HANDED_OVER, *CAME_BACK, *HITS)
