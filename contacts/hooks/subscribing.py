"""Verbs on webhooks: set one up, change it, pause it, let it go on, give it a new secret, delete it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from contacts.errors import Invalid, StaleEdit
from contacts.hooks import kept, offered
from contacts.hooks.models import Hook, HookDelivery, HookState
from contacts.hooks.wake import wake
from contacts.segments.models import Segment
from crm.kit import outgoing
from crm.kit.outgoing import CallFailed
from crm.kit.text import ForbiddenCharacter, clean_line
from crm.kit.work import WorkState
from crm.team.models import User

MOST = 50  # webhooks of an install: each is asked for at every batch of events
OVERLAP = timedelta(hours=24)  # how long the secret before goes on signing


@dataclass(frozen=True)
class Subscription:
    """What a webhook is told, where. `owner_id`: whose people; `segment_id`: only of these."""

    name: str
    url: str
    kinds: Sequence[str]
    owner_id: int
    segment_id: int | None = None
    batched: bool = False
    with_person: bool = False


def create(wanted: Subscription, *, now: datetime) -> Hook:
    """Set a webhook up; it is told what is recorded from now on. Raises Invalid."""
    fields = _checked(wanted)
    if Hook.objects.count() >= MOST:
        raise Invalid(
            {"name": _("There are %(most)d webhooks. Delete one that is not used any more.") % {"most": MOST}}
        )
    return Hook.objects.create(**fields, salt=_salt(), since=now, created_at=now)


@transaction.atomic
def change(hook_id: int, wanted: Subscription, *, version: int) -> Hook:
    """Change a webhook; what it is to be told already stays. Raises Invalid, StaleEdit."""
    hook = Hook.objects.select_for_update(no_key=True).get(pk=hook_id)
    if hook.version != version:
        raise StaleEdit(hook)
    fields = _checked(wanted)
    if fields["url"] != hook.url:  # what the old address did says nothing of the new one
        fields |= {"failing_since": None, "failures": 0, "rest_until": None}
    for name, value in {**fields, "version": version + 1}.items():
        setattr(hook, name, value)
    hook.save()
    return hook


@transaction.atomic
def pause(hook_id: int) -> None:
    """Hold its calls back; events are kept for it. A repeat is harmless."""
    Hook.objects.filter(pk=hook_id, state=HookState.ACTIVE).update(state=HookState.PAUSED)


@transaction.atomic
def go_on(hook_id: int, *, now: datetime) -> None:
    """Call it again: a paused one gets what was kept, one that was switched off what happens from now on."""
    rested = {"state": HookState.ACTIVE, "failing_since": None, "failures": 0, "rest_until": None}
    Hook.objects.filter(pk=hook_id, state=HookState.PAUSED).update(**rested)
    Hook.objects.filter(pk=hook_id, state=HookState.OFF).update(**rested, since=now)
    wake()


@transaction.atomic
def renew_secret(hook_id: int, *, now: datetime) -> Hook:
    """Give it a new secret; for a day calls are signed with the old one too."""
    hook = Hook.objects.select_for_update(no_key=True).get(pk=hook_id)
    hook.old_salt, hook.old_until, hook.salt = hook.salt, now + OVERLAP, _salt()
    hook.save(update_fields=["salt", "old_salt", "old_until"])
    return hook


def send_test(hook: Hook, *, now: datetime) -> HookDelivery:
    """Have a trial call made, also while the webhook is paused; it is tried once."""
    made = HookDelivery.objects.create(hook=hook, test=True, made_at=now, due_at=now, kinds=["test"])
    wake()
    return made


def delete(hook_id: int) -> None:
    """Delete a webhook with everything it still was to be told, in ranges. A repeat is harmless."""
    Hook.objects.filter(pk=hook_id).update(state=HookState.OFF)
    kept.clear_events(Q(hook_id=hook_id))
    kept.clear_deliveries(Q(hook_id=hook_id))
    Hook.objects.filter(pk=hook_id).delete()


def switch_off(hook: Hook, reason: str) -> bool:
    """Switch it off, set its calls aside and return whether it was on. They can be repeated by hand."""
    if not Hook.objects.filter(pk=hook.pk).exclude(state=HookState.OFF).update(state=HookState.OFF):
        return False
    waiting = HookDelivery.objects.filter(hook=hook, state=WorkState.READY)
    waiting.update(state=WorkState.FAILED, last_error=reason)
    return True


def _checked(wanted: Subscription) -> dict[str, object]:
    errors: dict[str, str] = {}
    name = _name(wanted.name)
    if not 0 < len(name) <= 80:
        errors["name"] = _("A name has 1 to %(limit)d characters.") % {"limit": 80}
    if wrong := _address_error(wanted.url):
        errors["url"] = wrong
    if not wanted.kinds or set(wanted.kinds) - set(offered.keys()):
        errors["kinds"] = _("Choose events from the list.")
    if not User.objects.filter(pk=wanted.owner_id, is_active=True).exists():
        errors["owner_id"] = _("There is no such colleague.")
    if wanted.segment_id and not Segment.objects.audiences().filter(pk=wanted.segment_id).exists():
        errors["segment_id"] = _("There is no such segment.")
    if errors:
        raise Invalid(errors)
    fields: dict[str, object] = {"name": name, "url": wanted.url, "kinds": sorted(set(wanted.kinds))}
    rest = ("owner_id", "segment_id", "batched", "with_person")
    return fields | {field: getattr(wanted, field) for field in rest}


def _name(typed: str) -> str:
    try:
        return clean_line(typed)
    except ForbiddenCharacter:
        return ""


def _address_error(url: str) -> str:
    try:
        target = outgoing.read_url(url)
        if not target.secure and not settings.OUTGOING_NETWORKS:
            return _("Only an address that begins with https:// is called.")
        outgoing.check(url)
    except CallFailed as error:
        return str(error) if error.permanent else ""  # a name that is not known yet may be so later
    return ""


def _salt() -> str:
    return secrets.token_hex(16)
