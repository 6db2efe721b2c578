"""What a journey gives to its mails: its name, its step, and what brought the person in; with fall-backs."""

from decimal import Decimal

import pytest

from campaigns.rendering.whole import copy_of
from campaigns.sending.models import Dispatch, FrequencyCap, Message
from campaigns.templating.checks import checks
from contacts.consent.models import Decision
from contacts.ledger.append import NewEvent, append
from contacts.models import Contact, Product
from journeys.graph.graph import Step, Trigger
from tests.campaigns.conftest import decide, make_people, make_sender, make_template
from tests.journeys.engine.conftest import NOW, _without_stage_rules, now, tiny  # noqa: F401
from tests.journeys.living import graph, live, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
DAY = "11월 21일"  # as readers of Korean write it
SUBJECT = (
    "{{journey.name}}/{{journey.step}}/{{journey.order|default:'-'}}/{{journey.product|default:'-'}}/"
    "{{journey.form|default:'-'}}/{{journey.value|default:0}}/{{journey.entered_at|date:'short'}}"
)
ANY = {"version": 1, "rule": {"any": [{"did": kind} for kind in ("order.placed", "cart.updated", "form.submitted")]}}


def subjects(template, event, amount=None, **facts):
    """Let one person come in by an event; return the subjects of her mails, without the mark of advertising."""
    (person,) = make_people(1)
    decide([person], Decision.GRANTED)
    settings = {"template": template.pk, "sender": make_sender().pk, "when_capped": "skip", "left_out": "on"}
    drawn = graph(Step("mail", "send_email", settings), triggers=[Trigger("in", "event", {"event": ANY})])
    placed = Step("mail", "send_email", settings, name="Hello")
    live(type(drawn)(drawn.triggers, drawn.rules, "mail", (placed,)), now=NOW, name='김철수\'s "thanks"')
    append([NewEvent(person.pk, event, NOW, value=amount, properties=facts)], source="t", now=NOW)
    run(NOW)
    return [copy_of(message.pk, NOW).subject.removeprefix("(광고) ") for message in Message.objects.order_by("pk")]


@pytest.fixture
def template(db):
    FrequencyCap.objects.all().delete()
    return make_template(subject=SUBJECT)


@pytest.mark.parametrize(
    ("event", "value", "facts", "told"),
    [
        ("order.placed", Decimal("12000.5"), {"order": "A-1", "products": ["tent"]}, "A-1/Big tent/-/12000.5"),
        ("cart.updated", None, {"items": ["gone", "tent"], "total": "99"}, "-/-/-/99"),
        ("cart.updated", None, {"items": {"x": 1}, "total": "1e9; drop"}, "-/-/-/0"),
        ("form.submitted", None, {"name": "Trade fair", "value": "many"}, "-/-/Trade fair/0"),
    ],
)
def test_mail_shows_what_brought_her_in_and_falls_back(template, event, value, facts, told):
    Product.objects.create(key="tent", name="Big tent")
    (subject,) = subjects(template, event, value, **facts)
    assert subject == f'김철수\'s "thanks"/Hello/{told}/{DAY}'


def test_nothing_is_kept_where_no_mail_names_it():
    assert len(subjects(make_template(), "cart.updated", total="5")) == 1
    assert (Dispatch.objects.get().gives, Message.objects.get().given) == (False, None)


def test_in_a_campaign_everybody_lacks_it_and_without_a_fall_back_the_author_is_told():
    template = make_template(subject="{{ journey.product }} for {{ journey.name | default: 'you' }}")
    version = template.versions.get()
    alone = {found.field: found.code for found in checks(version) if found.part == "subject" and found.field}
    assert alone == {"journey.product": "no-fallback"}
    make_people(3)
    counted = {found.field: found.count for found in checks(version, Contact.objects.all()) if found.part == "subject"}
    assert counted["journey.product"] == 3
