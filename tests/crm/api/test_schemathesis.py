"""Schemathesis over the document: whatever is sent, no fault of ours, and every answer is as the document says."""

import json
from decimal import Decimal

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from campaigns.senders.models import Sender
from campaigns.templating.models import MailTemplate
from contacts.attributes import definition
from contacts.commerce import orders, products
from contacts.commerce.orders import Line
from contacts.commerce.products import ProductProfile
from contacts.hooks.models import Hook, HookDelivery
from contacts.lists import fixed, membership
from contacts.scoring.models import ScoreRule
from contacts.segments import saving
from contacts.segments.saving import Draft
from contacts.stages.models import Stage
from crm.api.document import document
from crm.team import api_tokens
from crm.team.api_tokens import TokenScope
from tests.campaigns.conftest import make_campaign
from tests.contacts.conftest import NOW
from tests.crm.api.worlds import come_in, desk_of, running_journey

pytestmark = pytest.mark.django_db
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def ids(crowd, team, now):
    """A row of every noun, by the name of its number in addresses."""
    by = {"by": team.mina, "now": now}
    cup = products.save(ProductProfile(key="cup", name="Cup"))
    label, fixed_list = membership.tag_named("VIP"), fixed.create("Expo", "", **by)
    membership.add(fixed_list, [crowd.kim.pk, crowd.lee.pk], **by)
    order = orders.place("O1", crowd.kim.pk, [Line(cup, 1, Decimal(5))], placed_at=now, now=now)
    rule = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": "부산"}]}}
    hook = Hook.objects.create(
        name="ERP", url="https://erp.example.com/", kinds=["order.placed"], owner=team.alice, since=now, created_at=now
    )
    journey = running_journey(by=team.mina, now=now)
    way = come_in(journey, crowd.kim, now)
    delivery = HookDelivery.objects.create(hook=hook, made_at=now, due_at=now, state="done")
    return {
        "hook_id": hook.pk, "delivery_id": delivery.pk,
        "contact_id": crowd.kim.pk, "account_id": crowd.kim.account_id, "product_id": cup.pk, "tag_id": label.pk,
        "list_id": fixed_list.pk, "order_id": order.pk, "segment_id": saving.create(Draft("S", "", rule), **by).pk,
        "attribute_id": definition.define("contact", "Plan", "choice", ["pro"]).pk,
        "stage_id": Stage.objects.filter(model__in_use=True).first().pk,
        "campaign_id": make_campaign([crowd.kim]).pk, "template_id": MailTemplate.objects.get().pk,
        "rule_id": ScoreRule.objects.first().pk, "number": MailTemplate.objects.get().versions.get().number,
        **desk_of(crowd, team.mina, now),
        "journey_id": journey.pk, "way_id": way.pk, "sender_id": Sender.objects.get().pk,
    }  # fmt: skip


@pytest.fixture
def company(team, settings):
    """A token; requests leave this test's connection open, as those of Django's own client do."""
    settings.API_RATE = 1_000_000
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield api_tokens.create(team.mina, "schemathesis", TokenScope.values, days=None, now=NOW).secret
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_answers_are_as_the_document_says(company, ids):
    made = json.loads(json.dumps(document(), default=str))
    schema = schemathesis.openapi.from_dict(made)
    schema.app = _read_whole(get_wsgi_application())
    faults = []
    for result in schema.get_all_operations():
        operation = result.ok()
        faults += _faults(operation, company, ids)
    assert not faults, "\n".join(faults)


def _read_whole(app):
    """Return the app as a server calls it: what is answered is read to its end and closed."""

    def ask(environ, start_response):
        answer = app(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()

    return ask


def _faults(operation, secret, ids):
    found = []

    @hypothesis.seed(17)
    @hypothesis.settings(
        max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    @hypothesis.given(case=operation.as_strategy())
    def ask(case):
        if operation.method != "delete":  # a row for every verb: two of three requests find one
            case.path_parameters = {
                name: ids[name] if value % 3 else value for name, value in (case.path_parameters or {}).items()
            }
        answer = case.call(headers={"Authorization": f"Bearer {secret}"})
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as error:
            found.append(f"{operation.label}: {error}"[:1500])

    ask()
    return found[:1]
