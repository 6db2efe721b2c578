"""What a call says. People whom the webhook's owner may not see any more, and erased ones, are left out."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from contacts.hooks.models import Hook, HookDelivery, HookEvent
from contacts.people.models import Contact


def bodies(deliveries: Sequence[HookDelivery], now: datetime) -> dict[int, bytes | None]:
    """Return the body of each delivery by its id; None where nobody is left to tell about."""
    told: dict[int, list[HookEvent]] = {delivery.pk: [] for delivery in deliveries}
    for event in HookEvent.objects.filter(delivery_id__in=told).order_by("id"):
        told[event.delivery_id or 0].append(event)
    return {delivery.pk: _body(delivery, told[delivery.pk], now) for delivery in deliveries}


def _body(delivery: HookDelivery, events: list[HookEvent], now: datetime) -> bytes | None:
    hook = delivery.hook
    if delivery.test:
        return _json({"type": "test", "timestamp": _time(now), "data": {"webhook": hook.pk, "name": hook.name}})
    seen = Contact.objects.visible_to(hook.owner).in_bulk({event.contact_id for event in events})
    members = [_member(hook, event, seen[event.contact_id]) for event in events if event.contact_id in seen]
    if not members:
        return None
    if not hook.batched and len(members) == 1:
        return _json(members[0])
    return _json({"type": "batch", "timestamp": _time(delivery.made_at), "data": {"events": members}})


def _member(hook: Hook, event: HookEvent, contact: Contact) -> dict[str, Any]:
    person: dict[str, Any] = {"id": contact.pk}
    if hook.with_person:
        person |= {"email": contact.email, "name": contact.name}
    subject = {"type": event.subject_type, "key": event.subject_key} if event.subject_type else None
    data = {
        "id": event.event_id,
        "contact": person,
        "subject": subject,
        "value": None if event.value is None else f"{event.value:f}",
        "properties": event.properties,
    }
    return {"type": event.kind, "timestamp": _time(event.occurred_at), "data": data}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
