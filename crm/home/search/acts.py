"""What can be done from the finder: beginning something new, and choices of the reader about her own pages."""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.home.search.hits import Hit
from crm.team.models import Theme, User
from crm.team.permissions import Action, may


@dataclass(frozen=True)
class Act:
    """One thing to do. With `post` it is done at once, by these fields, and not offered where it already holds."""

    label: Any  # lazily translated
    url_name: str
    icon: str
    action: Action | None = None
    post: dict[str, str] = field(default_factory=dict)

    def is_offered(self, user: User) -> bool:
        """Tell whether `user` may do it, and it would change anything."""
        if self.action is not None and not may(user, self.action):
            return False
        return all(getattr(user, name, None) != value for name, value in self.post.items())


ACTS: tuple[Act, ...] = (
    Act(_("Add a person"), "contacts:person-add", "user-plus", Action.CONTACT_ADD),
    Act(_("Import people"), "contacts:import_upload", "file-import", Action.CONTACT_IMPORT),
    Act(_("New account"), "contacts:account-add", "building", Action.CONTACT_EDIT),
    Act(_("New segment"), "contacts:segment-add", "target-arrow", Action.SEGMENT_EDIT),
    Act(_("New list"), "contacts:list-add", "list-check", Action.LIST_EDIT),
    Act(_("New campaign"), "campaigns:campaign-new", "send", Action.CAMPAIGN_EDIT),
    Act(_("New mail template"), "admin:campaigns_mailtemplate_add", "template", Action.TEMPLATE_EDIT),
    Act(_("New product"), "contacts:product-add", "package", Action.PRODUCT_EDIT),
    Act(_("Help"), "guide", "help-circle"),
    Act(_("Your profile"), "team:profile", "user"),
    Act(_("Switch to dark"), "team:preferences", "moon", post={"theme": Theme.DARK.value}),
    Act(_("Switch to light"), "team:preferences", "sun", post={"theme": Theme.LIGHT.value}),
    Act(_("Show pages in Korean"), "team:preferences", "language", post={"language": "ko"}),
    Act(_("Show pages in English"), "team:preferences", "language", post={"language": "en"}),
    Act(_("Log out"), "team:logout", "logout", post={"out": "yes"}),
)


def offered(user: User) -> list[tuple[Act, Hit]]:
    """Return what `user` may do, each with how it is shown."""
    return [(act, Hit(str(act.label), reverse(act.url_name), act.icon, post=act.post)) for act in ACTS
            if act.is_offered(user)]  # fmt: skip
