"""What the demo set up beside people, one entry a noun, and by what rows of the company's own each is used.

`used` selects those of %(ids)s that something uses which stays. Its parameters: first and last, the demo's people;
kept, those of them who stay; first and last of its notes and users; and for each noun by its key the ids that go.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.campaign.models import Campaign
from campaigns.senders.models import Sender
from campaigns.templating.models import MailTemplate
from contacts.attributes.models import Attribute
from contacts.commerce.models import Product
from contacts.hooks.models import Hook
from contacts.lists.models import FixedList, Tag
from contacts.people.models import Account
from contacts.segments.models import Segment
from contacts.topics.models import Topic
from crm.team.saved_views.models import SavedView
from journeys.journey.models import Journey

_OWN = "({0} < %(first)s OR {0} > %(last)s OR {0} = ANY(%(kept)s))"
_JOURNEYS = f"""
SELECT journey_id FROM journeys_enrolment WHERE journey_id = ANY(%(ids)s) AND {_OWN.format("contact_id")}
UNION SELECT journey_id FROM journeys_startrequest WHERE journey_id = ANY(%(ids)s) AND {_OWN.format("contact_id")}
"""  # noqa: S608 - constants
_CAMPAIGNS = f"""
SELECT d.campaign_id FROM campaigns_message m JOIN campaigns_dispatch d ON d.id = m.dispatch_id
WHERE d.campaign_id = ANY(%(ids)s) AND {_OWN.format("m.contact_id")}
"""  # noqa: S608 - constants
_SEGMENTS = """
SELECT segment_id FROM campaigns_campaign_include_segments WHERE campaign_id <> ALL(%(campaigns)s)
UNION SELECT segment_id FROM campaigns_campaign_exclude_segments WHERE campaign_id <> ALL(%(campaigns)s)
UNION SELECT unnest(reads) FROM contacts_segment WHERE id <> ALL(%(segments)s)
UNION SELECT unnest(reads) FROM journeys_journeyversion WHERE journey_id <> ALL(%(journeys)s)
"""
# Dispatches that stay: of campaigns and journeys that stay, and of neither.
_DISPATCHES = """
FROM campaigns_dispatch d WHERE (d.campaign_id IS NULL OR d.campaign_id <> ALL(%(campaigns)s)) AND NOT EXISTS (
    SELECT FROM journeys_journeystep s JOIN journeys_journeyversion v ON v.id = s.version_id
    WHERE s.dispatch_id = d.id AND v.journey_id = ANY(%(journeys)s))
"""
_TEMPLATES = f"""
SELECT template_id FROM campaigns_campaign WHERE id <> ALL(%(campaigns)s)
UNION SELECT v.template_id FROM campaigns_templateversion v WHERE v.id IN (SELECT d.template_version_id {_DISPATCHES})
UNION SELECT result_template_id FROM campaigns_noticesettings
UNION SELECT reminder_template_id FROM campaigns_noticesettings
"""  # noqa: S608 - constants
_SENDERS = f"""
SELECT sender_id FROM campaigns_campaign WHERE id <> ALL(%(campaigns)s)
UNION SELECT d.sender_id {_DISPATCHES} UNION SELECT sender_id FROM campaigns_noticesettings
"""  # noqa: S608 - constants
_LISTS = f"""
SELECT fixed_list_id FROM contacts_listmember WHERE fixed_list_id = ANY(%(ids)s) AND {_OWN.format("contact_id")}
UNION SELECT fixedlist_id FROM campaigns_campaign_include_lists WHERE campaign_id <> ALL(%(campaigns)s)
UNION SELECT fixedlist_id FROM campaigns_campaign_exclude_lists WHERE campaign_id <> ALL(%(campaigns)s)
"""  # noqa: S608 - constants
_TAGS = f"""
SELECT tag_id FROM contacts_contacttag WHERE tag_id = ANY(%(ids)s) AND {_OWN.format("contact_id")}
UNION SELECT tag_id FROM campaigns_campaign_include_tags WHERE campaign_id <> ALL(%(campaigns)s)
UNION SELECT tag_id FROM campaigns_campaign_exclude_tags WHERE campaign_id <> ALL(%(campaigns)s)
"""  # noqa: S608 - constants
_TOPICS = f"""
SELECT topic_id FROM contacts_topicentry WHERE topic_id = ANY(%(ids)s) AND {_OWN.format("contact_id")}
UNION SELECT topic_id FROM campaigns_campaign WHERE id <> ALL(%(campaigns)s) UNION SELECT d.topic_id {_DISPATCHES}
"""  # noqa: S608 - constants
_PRODUCTS = f"""
SELECT l.product_id FROM contacts_orderline l JOIN contacts_order o ON o.id = l.order_id
WHERE l.product_id = ANY(%(ids)s) AND (o.contact_id IS NULL OR {_OWN.format("o.contact_id")})
"""  # noqa: S608 - constants
_ATTRIBUTES = f"""
SELECT a.id FROM contacts_attribute a WHERE a.id = ANY(%(ids)s) AND CASE a.target
    WHEN 'contact' THEN EXISTS (SELECT FROM contacts_contact c WHERE c.attributes ? a.key AND {_OWN.format("c.id")})
    ELSE EXISTS (SELECT FROM contacts_account c WHERE c.attributes ? a.key AND c.id <> ALL(%(accounts)s)) END
"""  # noqa: S608 - constants
_ACCOUNTS = f"""
SELECT account_id FROM contacts_contact WHERE account_id = ANY(%(ids)s) AND {_OWN.format("id")}
UNION SELECT account_id FROM contacts_note WHERE account_id = ANY(%(ids)s)
      AND (version > 1 OR NOT id BETWEEN %(first_note)s AND %(last_note)s)
UNION SELECT account_id FROM contacts_keptfile WHERE account_id = ANY(%(ids)s)
"""  # noqa: S608 - constants
_VIEWS = """
SELECT view_id FROM team_defaultview
WHERE view_id = ANY(%(ids)s) AND NOT user_id BETWEEN %(first_user)s AND %(last_user)s
"""
_HOOKS = "SELECT id FROM contacts_hook WHERE id = ANY(%(ids)s) AND state = 'active'"  # the demo's is paused


@dataclass(frozen=True)
class Noun:
    """One kind of object. `label` names several of them; `named` is the column with what one is called.

    `words`: beside which words the rules of segments and the drawings of journeys name one by its id.
    """

    key: str
    label: Any  # lazily translated
    model: type[models.Model]
    used: str
    words: tuple[str, ...] = ()
    named: str = "name"

    @property
    def table(self) -> str:
        """The table's name."""
        return self.model._meta.db_table


# Users before what they use: in this order they are deleted.
NOUNS: tuple[Noun, ...] = (
    Noun("journeys", _("Journeys"), Journey, _JOURNEYS, ("journey",)),
    Noun("campaigns", _("Campaigns"), Campaign, _CAMPAIGNS, ("campaign",)),
    Noun("webhooks", _("Webhooks"), Hook, _HOOKS),
    Noun("views", _("Saved views"), SavedView, _VIEWS),
    Noun("segments", _("Segments"), Segment, _SEGMENTS, ("segment", "segments")),
    Noun("templates", _("Mail templates"), MailTemplate, _TEMPLATES, ("template",)),
    Noun("senders", _("Senders"), Sender, _SENDERS, ("sender",)),
    Noun("lists", _("Lists"), FixedList, _LISTS, ("list", "lists")),
    Noun("tags", _("Tags"), Tag, _TAGS, ("tag", "tags")),
    Noun("topics", _("Topics"), Topic, _TOPICS, ("topic", "topics_refused", "topics_wanted")),
    Noun("products", _("Products"), Product, _PRODUCTS, ("product", "products")),
    Noun("accounts", _("Accounts"), Account, _ACCOUNTS),
    Noun("attributes", _("Attributes"), Attribute, _ATTRIBUTES, ("attribute",), named="label"),
)
