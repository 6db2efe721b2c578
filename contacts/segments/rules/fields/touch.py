"""From where a person came first and last, and when she was last seen."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.ledger.followers.touches.channel import ADS, DIRECT, MAIL, QR, REFERRAL, SEARCH, SOCIAL
from contacts.ledger.kinds import keys_where
from contacts.segments.rules.expression import Expression
from contacts.segments.rules.fields.choices import Named
from contacts.segments.rules.fields.field import Field, FieldGroup
from contacts.segments.rules.fields.sources import Rows
from contacts.segments.rules.fields.told import Told
from contacts.segments.rules.sql import Sql
from contacts.segments.rules.value_type import Type

_VISITED = ("page.viewed", "form.submitted")
_CHANNELS = Named(
    {
        SEARCH: _("Search"),
        ADS: _("Advertisement"),
        SOCIAL: _("Social media"),
        MAIL: _("Mail"),
        REFERRAL: _("Other site"),
        QR: _("QR code"),
        DIRECT: _("Direct visit"),
    }
)
_FACTS: dict[str, tuple[str | Promise, str | Promise]] = {
    "utm_source": (_("first visit: utm_source"), _("last visit: utm_source")),
    "utm_medium": (_("first visit: utm_medium"), _("last visit: utm_medium")),
    "utm_campaign": (_("first visit: utm_campaign"), _("last visit: utm_campaign")),
    "utm_term": (_("first visit: utm_term"), _("last visit: utm_term")),
    "utm_content": (_("first visit: utm_content"), _("last visit: utm_content")),
    "n_query": (_("first visit: Naver search words"), _("last visit: Naver search words")),
    "referrer": (_("first visit: site it came from"), _("last visit: site it came from")),
}


def _of_touch(column: str) -> Rows:
    return Rows("contact_touch", Expression(Sql(column)))


def _when(column: str) -> Told:
    return Told("contact_touch", Expression(Sql(column)), told_by=lambda: list(_VISITED))


def _fact(which: str, key: str) -> Rows:
    return Rows("contact_touch", Expression(Sql(f"nullif(t.{which}_facts ->> %s, '')", (key,))))


def _active_kinds() -> list[str]:
    return keys_where(lambda kind: kind.activity)


_SOURCE, _SEEN = (
    FieldGroup.SOURCE,
    Told("contact_seen", Expression(Sql("t.last_seen_at")), told_by=_active_kinds),
)

# fmt: off
# ruff: noqa: E501
TOUCH_FIELDS = (
    Field("last_seen", _("last seen"), _SOURCE, Type.DATETIME, _SEEN, _active_kinds),
    Field("first_channel", _("first visit: channel"), _SOURCE, Type.CHOICE, _of_touch("t.first_channel"), _VISITED, _CHANNELS),
    Field("last_channel", _("last visit: channel"), _SOURCE, Type.CHOICE, _of_touch("t.last_channel"), _VISITED, _CHANNELS),
    Field("first_visit", _("first visit"), _SOURCE, Type.DATETIME, _when("t.first_at"), _VISITED),
    Field("last_visit", _("last visit with a source"), _SOURCE, Type.DATETIME, _when("t.last_at"), _VISITED),
    *(Field(f"first_{key}", first, _SOURCE, Type.TEXT, _fact("first", key), _VISITED) for key, (first, _last) in _FACTS.items()),
    *(Field(f"last_{key}", last, _SOURCE, Type.TEXT, _fact("last", key), _VISITED) for key, (_first, last) in _FACTS.items()),
)
# fmt: on
