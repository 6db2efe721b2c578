"""Ways to reach people beside mail, and what carries them. A way is one row of CHANNELS; a carrier one class.

Consent is asked per way; quiet hours (21 to 8 by the person's clock, Network Act art. 50) hold for all of them. The one
carrier that ships hands each message to a web address of the company's own provider (setting CHANNEL_WEBHOOKS).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from contacts.consent.models import Channel as Consent
from crm.kit.registry import Registry
from journeys.calls.tasks import wake_calls

# One call for each message, as a webhook step writes it; the same table of work rows, worker and retries.
_WRITE = """
INSERT INTO journeys_call (enrolment_id, visit, contact_id, url, body, made_at, state, due_at, fence, attempts,
    last_error)
SELECT b.id, b.visit, b.contact_id, %s, jsonb_build_object('type', 'message.' || %s::text, 'timestamp', %s::text,
        'data', jsonb_build_object('contact', b.contact_id, 'to', b.facts ->> 'to', 'text', b.facts ->> 'text')),
    %s, 'ready', %s, 0, 0, ''
FROM {rows} b WHERE b.facts ? 'to' ORDER BY b.id ON CONFLICT (enrolment_id, visit) DO NOTHING
"""


class Carrier(Protocol):
    """Takes messages over."""

    def is_ready(self, way: str) -> bool:
        """Tell whether this install can send by this way."""

    def take(self, cursor: CursorWrapper, way: str, rows: str, now: Any) -> None:
        """Write a row of work for each row of the table whose facts have "to" and "text"; a repeat writes nothing."""


class WebhookCarrier:
    """Hands messages to the address that CHANNEL_WEBHOOKS names for the way; signed, repeated, never by redirects."""

    def is_ready(self, way: str) -> bool:
        """See Carrier."""
        return bool(settings.CHANNEL_WEBHOOKS.get(way))

    def take(self, cursor: CursorWrapper, way: str, rows: str, now: Any) -> None:
        """See Carrier."""
        params = [settings.CHANNEL_WEBHOOKS[way], way, now.isoformat(), now, now]
        cursor.execute(_WRITE.format(rows=rows), params)
        wake_calls()


@dataclass(frozen=True)
class Channel:
    """A way: its key and name, the consent it needs, and where a person is reached (SQL text over `c`, or null)."""

    consent: Consent
    address: str
    carrier: Carrier = field(default_factory=WebhookCarrier, compare=False)

    @property
    def key(self) -> str:
        """The key in settings of steps."""
        return self.consent.value

    @property
    def label(self) -> Any:
        """The name on screen."""
        return self.consent.label


CHANNELS: Registry[Channel] = Registry("channels", Channel, lambda channel: channel.key)
_PHONE = "nullif(c.phone, '')"
OWN: Sequence[Channel] = (
    Channel(Consent.SMS, _PHONE),
    Channel(Consent.KAKAO, _PHONE),
    Channel(Consent.PUSH, "c.id::text"),  # the provider knows the devices by the person's number
)


def register() -> None:
    """Enter the channels; harmless to repeat."""
    CHANNELS.register(*OWN)
