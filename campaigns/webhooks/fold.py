"""One event of a provider becomes one of ours. Each may come twice, early, or in any order: it is counted once."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anymail.signals import AnymailTrackingEvent

from campaigns.deliverability.complaints import check_complaints, pause_for
from campaigns.public.reader import reader_of
from campaigns.public.wishes import refuse
from campaigns.sending.models import Link, Message
from campaigns.tracking.hits import CLICKED, LONGEST_AGENT, OPENED, SUBJECT
from campaigns.tracking.tokens import MailToken, read_mail_token
from campaigns.webhooks.vocabulary import COMPLAINED, REJECTED, UNSUBSCRIBED, kind_of, reason_of
from contacts.ledger.append import NewEvent, append
from crm.kit.tokens import BadToken

PROVIDER = "mail provider"  # the source of an opt-out that a provider passed on
_OURS = re.compile(r"\bm\.([A-Za-z0-9_-]{16,60})@")  # our Message-ID, wherever a provider quotes it


@dataclass(frozen=True)
class _Told:
    """An event about a mail of ours, in our words."""

    event: AnymailTrackingEvent
    kind: str
    token: str
    mail: MailToken


def fold(events: Iterable[AnymailTrackingEvent], provider: str, received_at: datetime, now: datetime) -> int:
    """Append what the events tell and do what follows from it; return how many are of mails not known yet: come again.

    Mails that are not ours, and news that mean nothing here, are done with at once. A repeat is harmless.
    """
    told = [found for event in events if (found := _told(event)) is not None]
    known = _known({one.mail for one in told})
    ours = [one for one in told if one.mail.message_id in known]
    for one in ours:
        if one.kind == UNSUBSCRIBED:
            refuse(reader_of(one.token), source=PROVIDER, ip_prefix="", now=now)
    new = [_new(one, provider, received_at) for one in ours if one.kind != UNSUBSCRIBED]
    if append(new, source=f"webhook {provider}", now=now):
        _follow_up(ours)
    return len(told) - len(ours)


def _told(event: AnymailTrackingEvent) -> _Told | None:
    kind, token = kind_of(event), token_of(event)
    return _Told(event, kind, token, read_mail_token(token)) if kind and token else None


def _known(mails: Iterable[MailToken]) -> set[int]:
    """Return the ids of those messages that exist, in the dispatch their token names."""
    wanted = {mail.message_id: mail.dispatch_id for mail in mails}
    rows = Message.objects.filter(pk__in=wanted).values_list("pk", "dispatch_id")
    return {message for message, dispatch in rows if wanted[message] == dispatch}


def _follow_up(told: Iterable[_Told]) -> None:
    for one in told:
        if one.kind == REJECTED:
            pause_for(one.mail.dispatch_id, reason_of(one.event))
    for dispatch_id in {one.mail.dispatch_id for one in told if one.kind == COMPLAINED}:
        check_complaints(dispatch_id)


def token_of(event: AnymailTrackingEvent) -> str | None:
    """Return the token of the mail an event is about: from its metadata, else from the Message-ID we gave it."""
    found = [str((event.metadata or {}).get("message", "")), *_OURS.findall(str(event.message_id or ""))]
    found += _OURS.findall(_raw(event))
    return next((token for token in found if _is_token(token)), None)


def _raw(event: AnymailTrackingEvent) -> str:
    return json.dumps(event.esp_event, default=str)[:100_000]


def _is_token(text: str) -> bool:
    try:
        read_mail_token(text)
    except BadToken:
        return False
    return True


def _new(one: _Told, provider: str, received_at: datetime) -> NewEvent:
    event, mail = one.event, one.mail
    # Some providers number each attempt to post anew: their number counts only where there is no time.
    moment = event.timestamp.isoformat() if event.timestamp else event.event_id
    identity = [event.event_type, mail.message_id, moment, event.click_url]
    return NewEvent(
        mail.contact_id,
        one.kind,
        event.timestamp or received_at,
        (SUBJECT, str(mail.dispatch_id)),
        properties={"message": mail.message_id, "provider": provider, **_facts(event, one.kind, mail)},
        key=hashlib.sha256(json.dumps(identity).encode()).hexdigest(),
    )


def _facts(event: AnymailTrackingEvent, kind: str, mail: MailToken) -> dict[str, Any]:
    if kind not in (OPENED, CLICKED):
        return {"reason": reason} if (reason := reason_of(event)) else {}
    facts: dict[str, Any] = {"agent": (event.user_agent or "")[:LONGEST_AGENT]}
    if kind == CLICKED:
        links = dict(Link.objects.filter(dispatch=mail.dispatch_id).values_list("url", "number"))
        facts |= {"link": links.get(event.click_url, event.click_url), "links": len(links)}
    return facts
