"""Find anything: things, what can be done and pages, each only as far as the reader may see. Called by the view."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.home.guide import pages as guide
from crm.home.navigation import entries_for
from crm.home.search import acts, lately
from crm.home.search.hits import LONGEST, MOST, Asked, Found, Hit
from crm.home.search.things import THINGS
from crm.team.models import Role, User

__all__ = ["LONGEST", "find"]
SHORTEST_HELP, MOST_HELP = 3, 4  # letters; Hangul says as much in two


def find(user: User, typed: str) -> list[Found]:
    """Return what fits, by kind; when nothing is typed what she worked on last, what she can do, and all pages."""
    asked = Asked.of(user, typed)
    if not asked.text and not asked.typed:
        groups = [Found(_("Changed by you lately"), lately.changed_by(user)), *_ways(asked)]
    elif not asked.text:
        groups = []
    else:
        groups = [*(finding.found(asked) for finding in THINGS), *_ways(asked), Found(_("Help"), _help(asked))]
    return [group for group in groups if group.hits]


def _ways(asked: Asked) -> list[Found]:
    """Return actions and pages; all of them when nothing is typed."""
    done = [hit for act, hit in acts.offered(asked.user) if asked.fits(act.label)]
    most = MOST if asked.text else None
    return [Found(_("Actions"), done[:most]), Found(_("Pages"), _pages(asked)[:most])]


def _help(asked: Asked) -> list[Hit]:
    """Return the sections of the guide in the reader's language, those for her role first; a letter finds none."""
    if len(asked.text) < SHORTEST_HELP - (not asked.text.isascii()):
        return []
    found = guide.find(asked.typed, Role(asked.user.role), guide.language())[:MOST_HELP]
    return [
        Hit(
            each.section.title,
            f"{reverse('guide-page', args=[each.page.key])}#{each.section.anchor}",
            "help-circle",
            str(each.page.label),
        )
        for each in found
    ]


def _pages(asked: Asked) -> list[Hit]:
    entries = [entry for group in entries_for(asked.user) for entry in group.entries]
    return [Hit(str(each.label), each.url, each.icon) for each in entries if asked.fits(each.label)]
