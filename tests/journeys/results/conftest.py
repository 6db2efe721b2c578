"""A journey that has run: two ways, a mail, a wait, somebody who breaks a step, a goal, a new version."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from campaigns.sending.models import FrequencyCap
from contacts.consent.models import Decision
from contacts.ledger.append import NewEvent, append
from contacts.models import Contact
from journeys.engine.models import Enrolment
from journeys.graph.graph import Rules
from journeys.journey.models import JourneyStep
from tests.campaigns.conftest import decide, make_people, make_sender, make_template
from tests.contacts.conftest import as_, team  # noqa: F401
from tests.journeys.engine.conftest import _without_stage_rules, tiny  # noqa: F401
from tests.journeys.living import event, graph, live, run, step

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def now(monkeypatch):
    monkeypatch.setattr("crm.kit.clock.now", lambda: NOW)
    return NOW


@pytest.fixture
def world(tiny, now):  # noqa: F811
    """Mail, then a step that Poison cannot take, then a wait of ten days. Six people; the fifth refused mails.

    They came in four days ago; the first two opened, the first clicked; the second reached the goal, the third was
    taken out, the fourth is set aside.
    """
    FrequencyCap.objects.all().delete()
    people = make_people(6)
    decide(people[:4] + people[5:], Decision.GRANTED)
    decide(people[4:5], Decision.WITHDRAWN)
    Contact.objects.filter(pk=people[3].pk).update(name="Poison")
    template, sender = make_template(), make_sender()
    mail = step("mail", "send_email", template=template.pk, sender=sender.pk, when_capped="skip", left_out="on")
    drawing = graph(
        mail, step("care", "t_poison"), step("wait", "t_wait", seconds=864_000), rules=Rules(unsubscribed=False)
    )
    began = now - 4 * DAY
    journey = live(drawing, now=began - DAY)
    for person in people:
        event(person, "cart.updated", began)
    run(began)
    row = JourneyStep.objects.get(version__journey=journey, key="mail")
    assert row.dispatch_id is not None
    about = ("dispatch", str(row.dispatch_id))
    did = [(person, "mail.sent") for person in people if person not in people[4:5]]
    did += [(people[0], "mail.opened"), (people[1], "mail.opened"), (people[0], "mail.clicked")]
    append([NewEvent(who.pk, kind, began + DAY, subject=about) for who, kind in did], source="t", now=now)
    run(began + DAY)
    Enrolment.objects.filter(contact_id=people[1].pk).update(goal_at=began + DAY)
    return SimpleNamespace(
        journey=journey, people=people, began=began, dispatch=row.dispatch_id, drawing=drawing, template=template.name
    )
