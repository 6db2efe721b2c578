"""What a person agreed to, by purpose and channel, since when; and whether her address is left out of all sending."""

from django.utils.translation import gettext_lazy as _

from contacts.consent.models import Channel, Decision, Purpose, SuppressionReason
from contacts.segments.rules.expression import Expression
from contacts.segments.rules.fields.choices import Named, members
from contacts.segments.rules.fields.field import Field, FieldGroup, Label
from contacts.segments.rules.fields.sources import Rows
from contacts.segments.rules.fields.told import Told
from contacts.segments.rules.sql import Sql
from contacts.segments.rules.value_type import Type
from contacts.segments.rules.words import Phrase

_SAID = ("consent.granted", "consent.withdrawn")
UNKNOWN = "unknown"
_DECISIONS = Named({**dict(members(Decision).words), UNKNOWN: _("unknown")})
# Whoever changes her address is another mailbox. Those of a mailbox that is left out are touched by suppress.py.
_EXCLUDED_BY = (
    "address.excluded",
    "address.readmitted",
    "contact.updated",
    "contact.imported",
)


def _state(column: str, purpose: Purpose, channel: Channel, absent: Sql | None = None) -> Rows:
    where = Sql("t.purpose = %s AND t.channel = %s", (purpose.value, channel.value))
    return Rows("contacts_consentstate", Expression(Sql(column)), where, absent=absent)


def _named(pattern: Label, purpose: Purpose, channel: Channel) -> Label:
    return Phrase(pattern, {"purpose": purpose.label, "channel": channel.label})


def _decision(purpose: Purpose, channel: Channel) -> Field:
    label = _named(_("consent to %(purpose)s, %(channel)s"), purpose, channel)
    source = _state("t.decision", purpose, channel, Sql("'unknown'::text"))
    only = ("is_any_of", "is_none_of")
    return Field(
        f"consent.{purpose}.{channel}", label, FieldGroup.CONSENT, Type.CHOICE, source, _SAID, _DECISIONS, only
    )


def _since(purpose: Purpose, channel: Channel) -> Field:
    label = _named(_("last word on %(purpose)s, %(channel)s"), purpose, channel)
    held = _state("t.since", purpose, channel)
    source = Told(held.table, held.x, held.where, told_by=lambda: list(_SAID))
    return Field(f"consent_since.{purpose}.{channel}", label, FieldGroup.CONSENT, Type.DATETIME, source, _SAID)


def _mailbox(x: str, absent: Sql | None = None) -> Rows:
    return Rows(
        "contacts_suppression", Expression(Sql(x)), link="nullif(c.email_key, '')", key="t.email_key", absent=absent
    )


_PAIRS = [(purpose, channel) for purpose in Purpose for channel in Channel]
# fmt: off
# ruff: noqa: E501
CONSENT_FIELDS = (
    *(_decision(*pair) for pair in _PAIRS),
    *(_since(*pair) for pair in _PAIRS),
    Field("excluded", _("excluded from sending"), FieldGroup.CONSENT, Type.BOOLEAN, _mailbox("true", Sql("false")), _EXCLUDED_BY, operators=("yes", "no")),
    Field("excluded_why", _("reason of the exclusion"), FieldGroup.CONSENT, Type.CHOICE, _mailbox("t.reason"), _EXCLUDED_BY, members(SuppressionReason)),
    Field("excluded_at", _("excluded since"), FieldGroup.CONSENT, Type.DATETIME, _mailbox("t.at"), _EXCLUDED_BY),
)
# fmt: on
