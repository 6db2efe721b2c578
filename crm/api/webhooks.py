"""Webhooks: what other programs are told, what became of it, and telling it once more."""

from dataclasses import replace
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.errors import StaleEdit
from contacts.hooks import queries, replaying, subscribing
from contacts.hooks.models import Hook, HookDelivery, HookState
from contacts.hooks.subscribing import Subscription
from crm.api.fields import Body, Choice, Id, Moment, Text, Whole, Yes, several
from crm.api.problems import Refusal, stale
from crm.api.route import Asked, Door, Listing, Param
from crm.kit.paging import keyset_page
from crm.kit.work import WorkState
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action

DOOR = Door("Webhooks", TokenScope.WEBHOOKS_READ, TokenScope.WEBHOOKS_WRITE)
ONE = "webhooks/<row:hook_id>"
_EDIT = Action.WEBHOOK_EDIT
_WRITTEN = ("name", "url", "kinds", "owner_id", "segment_id", "batched", "with_person")


class WebhookIn(Body):
    """A webhook as it is written."""

    name = Text(max_length=80, allow_blank=False)
    url = Text(max_length=2_000, allow_blank=False, help_text=_("https, of a public network; no redirect is followed."))
    kinds = several(Text(max_length=60), 200, help_text=_("Kinds of events, such as mail.clicked."))
    owner_id = Id(required=False, help_text=_("Only people whom this colleague may see; you, unless said."))
    segment_id = Id(required=False, allow_null=True, help_text=_("Only people who are in this segment."))
    batched = Yes(required=False, help_text=_("Up to 100 events in one call."))
    with_person = Yes(required=False, help_text=_("With name and e-mail address."))


class WebhookPatch(WebhookIn):
    """What is to change; `version` is that of the webhook when it was read."""

    name = Text(max_length=80, allow_blank=False, required=False)
    url = Text(max_length=2_000, allow_blank=False, required=False)
    kinds = several(Text(max_length=60), 200, required=False)
    state = Choice([HookState.ACTIVE.value, HookState.PAUSED.value], required=False)
    version = Whole()


class WebhookShown(Body):
    """A webhook; never its secret."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    owner_id = serializers.IntegerField()
    segment_id = serializers.IntegerField(allow_null=True)
    batched = serializers.BooleanField()
    with_person = serializers.BooleanField()
    state = serializers.ChoiceField(HookState.values)
    failing_since = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class SecretShown(WebhookShown):
    """A webhook with its secret, which is told now and never again."""

    secret = serializers.CharField()


class DeliveryShown(Body):
    """One call."""

    id = serializers.IntegerField()
    number = serializers.CharField(help_text=_("What the header webhook-id says."))
    state = serializers.ChoiceField(WorkState.values)
    test = serializers.BooleanField()
    events = serializers.IntegerField()
    kinds = serializers.ListField(child=serializers.CharField())
    made_at = serializers.DateTimeField()
    tried_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(help_text=_("When it is, or was, to be tried."))
    attempts = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_blank=True)


class RangeIn(Body):
    since = Moment()
    until = Moment()
    only_failed = Yes(required=False)


class ReplayedShown(Body):
    deliveries = serializers.IntegerField(help_text=_("How many are made once more."))


_PLAIN = ("state", "failing_since", "created_at", "version")
_CALLED = (
    "number", "state", "test", "events", "kinds", "made_at", "tried_at", "due_at", "attempts", "status", "duration_ms",
)  # fmt: skip
_EXAMPLE = {"name": "ERP", "url": "https://erp.example.com/wayfare", "kinds": ["order.placed", "stage.entered"]}


def _shown(row: Hook) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in (*_WRITTEN, *_PLAIN)}}


def _delivery(row: HookDelivery) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in _CALLED}, "error": row.last_error}


def _hook(hook_id: int) -> Hook:
    return get_object_or_404(Hook, pk=hook_id)


@DOOR.get("webhooks", _EDIT, _("List webhooks"), gives=WebhookShown, pages=True)
def list_webhooks(asked: Asked) -> Listing:
    """Return the webhooks by name."""
    return Listing.of(keyset_page(Hook.objects.all(), ("name", "id"), cursor=asked.cursor, size=asked.size), _shown)


@DOOR.post(
    "webhooks", _EDIT, _("Set up a webhook"), takes=WebhookIn, gives=SecretShown, status=201, example=_EXAMPLE,
    text=_("The answer tells the secret, now and never again. What is recorded from then on is told."),
)  # fmt: skip
def make_webhook(asked: Asked) -> dict[str, Any]:
    """Set up a webhook."""
    hook = subscribing.create(Subscription(**{"owner_id": asked.user.pk, **asked.body}), now=asked.now)
    return {**_shown(hook), "secret": hook.secret}


@DOOR.get(ONE, _EDIT, _("Read a webhook"), gives=WebhookShown)
def read_webhook(asked: Asked, hook_id: int) -> dict[str, Any]:  # noqa: ARG001 - allowed is allowed, here and below
    """Return one webhook."""
    return _shown(_hook(hook_id))


@DOOR.patch(
    ONE, _EDIT, _("Change, pause or resume a webhook"), takes=WebhookPatch, gives=WebhookShown, refuses=(409,),
    example={"version": 1, "state": "paused"},
)  # fmt: skip
def change_webhook(asked: Asked, hook_id: int) -> dict[str, Any]:
    """Change what is given."""
    hook, body = _hook(hook_id), dict(asked.body)
    version, state = body.pop("version"), body.pop("state", "")
    wanted = replace(Subscription(**{name: getattr(hook, name) for name in _WRITTEN}), **body)
    try:
        subscribing.change(hook_id, wanted, version=version)
    except StaleEdit:
        raise stale(_shown(_hook(hook_id))) from None
    if state == HookState.PAUSED:
        subscribing.pause(hook_id)
    elif state:
        subscribing.go_on(hook_id, now=asked.now)
    return _shown(_hook(hook_id))


@DOOR.delete(ONE, _EDIT, _("Delete a webhook"))
def delete_webhook(asked: Asked, hook_id: int) -> None:  # noqa: ARG001
    """Delete a webhook with what it still was to be told."""
    subscribing.delete(_hook(hook_id).pk)


@DOOR.post(
    f"{ONE}/secret", _EDIT, _("Give a webhook a new secret"), gives=SecretShown,
    text=_("For 24 hours calls are signed with the old secret too."),
)  # fmt: skip
def renew_secret(asked: Asked, hook_id: int) -> dict[str, Any]:
    """Return the webhook with its new secret."""
    hook = subscribing.renew_secret(_hook(hook_id).pk, now=asked.now)
    return {**_shown(hook), "secret": hook.secret}


@DOOR.post(f"{ONE}/test", _EDIT, _("Send a test"), gives=DeliveryShown, status=202)
def send_test(asked: Asked, hook_id: int) -> dict[str, Any]:
    """Have a trial call made; watch it among the deliveries."""
    return _delivery(subscribing.send_test(_hook(hook_id), now=asked.now))


@DOOR.get(
    f"{ONE}/deliveries", _EDIT, _("List what a webhook was told"), gives=DeliveryShown, pages=True,
    query=(Param("state", _("Only those that stand so."), choices=tuple(queries.STATES)),),
)  # fmt: skip
def list_deliveries(asked: Asked, hook_id: int) -> Listing:
    """Return deliveries of the last 14 days, the newest first."""
    return Listing.of(queries.log(_hook(hook_id), asked.text("state"), asked.cursor, asked.size), _delivery)


@DOOR.post(
    f"{ONE}/deliveries/<row:delivery_id>/replay", _EDIT, _("Repeat a delivery"), gives=DeliveryShown, status=202,
    refuses=(409,),
)  # fmt: skip
def replay_delivery(asked: Asked, hook_id: int, delivery_id: int) -> dict[str, Any]:
    """Make one delivery once more, under the same number."""
    row = HookDelivery.objects.filter(pk=delivery_id, hook_id=hook_id).first()
    if row is None:
        raise Http404
    if not replaying.replay(row, now=asked.now):
        raise Refusal("conflict", str(_("This delivery is not over yet, or was a test.")))
    row.refresh_from_db()
    return _delivery(row)


@DOOR.post(
    f"{ONE}/replay", _EDIT, _("Repeat a range of time"), takes=RangeIn, gives=ReplayedShown, status=202,
    example={"since": "2026-11-21T00:00:00+09:00", "until": "2026-11-21T09:00:00+09:00", "only_failed": True},
    text=_("Up to 10,000 deliveries of the last 14 days."),
)  # fmt: skip
def replay_range(asked: Asked, hook_id: int) -> dict[str, int]:
    """Make the deliveries of a range of time once more."""
    body = asked.body
    only_failed = body.get("only_failed", False)
    hook = _hook(hook_id)
    return {
        "deliveries": replaying.replay_range(hook, body["since"], body["until"], only_failed=only_failed, now=asked.now)
    }
