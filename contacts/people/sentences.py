"""How the events of people read in a timeline, where a plain pattern does not do. Used by the catalogue of kinds."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from contacts.ledger.kinds import PastEvent


def _fields(keys: Iterable[Any]) -> str:
    labels = {
        "name": _("Name"), "email": _("E-mail"), "phone": _("Phone"), "title": _("Title"), "company": _("Company"),
        "account_role": _("Role in the account"), "language": _("Language"), "time_zone": _("Time zone"),
        "country": _("Country"), "region": _("Region"), "city": _("City"), "postcode": _("Postcode"),
        "street": _("Street address"), "birthday": _("Birthday"), "source": _("Source"),
        "attributes": _("Attributes"),
    }  # fmt: skip
    return ", ".join(labels.get(str(key), str(key)) for key in keys)


def profile_changed(event: PastEvent) -> str:
    """Say which fields of a profile were changed."""
    changed = event.properties.get("changed")
    if changed is None:  # an import writes the names as one text
        changed = [name for name in str(event.properties.get("fields", "")).split(", ") if name]
    if not isinstance(changed, (list, dict)) or not changed:
        return _("Profile changed")
    return _("Profile changed: {fields}").format(fields=_fields(changed))


def agreed(event: PastEvent) -> str:
    """Say to what the person agreed."""
    what = _about(event)
    return _("Agreed: {what}").format(what=what) if what else _("Gave consent")


def refused(event: PastEvent) -> str:
    """Say what the person refused."""
    what = _about(event)
    return _("Refused: {what}").format(what=what) if what else _("Withdrew consent")


def _about(event: PastEvent) -> str:
    purposes = {
        "marketing": _("Marketing"), "night": _("Messages at night"), "tracking": _("Tracking"),
        "third_party": _("Passing on to third parties"),
    }  # fmt: skip
    channels = {"email": _("E-mail"), "sms": _("SMS"), "kakao": _("KakaoTalk"), "push": _("Push")}
    purpose, channel = str(event.properties.get("purpose", "")), str(event.properties.get("channel", ""))
    words = [purposes.get(purpose, purpose), channels.get(channel, channel)]
    return ", ".join(word for word in words if word)


def stage_entered(event: PastEvent) -> str:
    """Say to which stage the person moved, in the reader's language."""
    facts = event.properties
    name = (facts.get("name_ko") if get_language() == "ko" else None) or facts.get("name")
    return _("Moved to the stage {name}").format(name=name) if name else _("Moved to a stage")


def called(event: PastEvent) -> str:
    """Say what came of a call."""
    outcomes = {
        "answered": _("Answered"), "no_answer": _("No answer"), "later": _("Later"),
        "not_now": pgettext("call", "Not now"),
    }  # fmt: skip
    outcome = str(event.properties.get("outcome", ""))
    return _("Call: {outcome}").format(outcome=outcomes.get(outcome, outcome)) if outcome else _("Call")
