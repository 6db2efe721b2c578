"""What is known of the person herself: the columns of the contact."""

from django.utils.translation import gettext_lazy as _

from contacts.people import place
from contacts.people.country import country_name, language_name
from contacts.segments.rules.expression import Expression
from contacts.segments.rules.fields.age import AGE
from contacts.segments.rules.fields.choices import Rows as RowsOf
from contacts.segments.rules.fields.choices import Used
from contacts.segments.rules.fields.field import Field, FieldGroup
from contacts.segments.rules.fields.minor import MINOR
from contacts.segments.rules.fields.sources import Own, column, text
from contacts.segments.rules.sql import Sql
from contacts.segments.rules.value_type import Type
from crm.team.models import User

EDITED = ("contact.updated", "contact.imported")
# All that writes updated_at.
CHANGED = (*EDITED, "owner.changed", "stage.entered")
_PROFILE = FieldGroup.PROFILE
_DOMAIN = Own(Expression(Sql("nullif(split_part(c.email, '@', 2), '')")))
_KNOWN = Own(Expression(Sql("(c.email IS NOT NULL)")))

# fmt: off
# ruff: noqa: E501
PROFILE_FIELDS = (
    Field("email", _("e-mail"), _PROFILE, Type.TEXT, text("email"), EDITED),
    Field("email_domain", _("domain of the e-mail"), _PROFILE, Type.TEXT, _DOMAIN, EDITED),
    Field("known", _("address known"), _PROFILE, Type.BOOLEAN, _KNOWN, EDITED, operators=("yes", "no")),
    Field("name", _("name"), _PROFILE, Type.TEXT, text("name"), EDITED),
    Field("phone", _("phone"), _PROFILE, Type.TEXT, text("phone"), EDITED),
    Field("title", _("title"), _PROFILE, Type.TEXT, text("title"), EDITED, Used("title")),
    Field("company", _("company"), _PROFILE, Type.TEXT, text("company"), EDITED, Used("company")),
    Field("language", _("language"), _PROFILE, Type.CHOICE, text("language"), EDITED, Used("language", words=language_name)),
    Field("time_zone", _("time zone"), _PROFILE, Type.CHOICE, text("time_zone"), EDITED, Used("time_zone")),
    Field("country", _("country"), _PROFILE, Type.CHOICE, text("country"), EDITED, Used("country", words=country_name)),
    Field("region", _("region"), _PROFILE, Type.TEXT, text("region"), EDITED, Used("region"), written=place.region),
    Field("city", _("city"), _PROFILE, Type.TEXT, text("city"), EDITED, Used("city"), written=place.city),
    Field("postcode", _("postcode"), _PROFILE, Type.TEXT, text("postcode"), EDITED, Used("postcode")),
    Field("street", _("street address"), _PROFILE, Type.TEXT, text("street"), EDITED),
    Field("birthday", _("birthday"), _PROFILE, Type.DATE, column("birthday"), EDITED),
    Field("age", _("age in years"), _PROFILE, Type.NUMBER, AGE, EDITED),
    Field("under_14", _("under 14"), _PROFILE, Type.BOOLEAN, MINOR, EDITED, operators=("yes", "no")),
    Field("source", _("source"), _PROFILE, Type.TEXT, text("source"), EDITED, Used("source")),
    Field("created_at", _("added"), _PROFILE, Type.DATETIME, column("created_at")),
    Field("changed_at", _("changed"), _PROFILE, Type.DATETIME, column("updated_at"), CHANGED),
    Field("owner", _("owner"), _PROFILE, Type.CHOICE, column("owner_id"), ("owner.changed",), RowsOf(User, "name")),
)
# fmt: on
