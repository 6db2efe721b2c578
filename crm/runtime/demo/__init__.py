"""Demo data: a log-in per role, and the people, orders and mails of OnNote, an invented Korean company (company.py).

`load` is called by `manage.py run` on the first start. Everything is drawn with one seed and dated back from `now`.
"""

from datetime import datetime
from random import Random

from django.conf import settings
from django.db import connection, transaction

from contacts.duplicates import search
from contacts.ledger.append import append
from crm.runtime.demo import (
    cast,
    company,
    consents,
    files,
    journeys,
    labels,
    mailings,
    notes,
    plan,
    saved_views,
    segments,
    stays,
    story,
    topics,
    webhooks,
)
from crm.team import demo as marks
from crm.team.models import Company, Role, User

PEOPLE = [
    (Role.ADMIN, "admin@wayfare.example", "한지민"),
    (Role.MARKETER, "marketer@wayfare.example", "Emma Park"),
    (Role.SALES_REP, "rep@wayfare.example", "김도윤"),
    (Role.SALES_REP, "rep2@wayfare.example", "이서아"),
    (Role.CUSTOMER_SUCCESS, "success@wayfare.example", "Noah Lee"),
    (Role.ANALYST, "analyst@wayfare.example", "최서연"),
]
# What a removal asks for (crm.runtime.demo.removal); rows that belong to these go with them.
MARKED = (
    "contacts_contact", "contacts_account", "contacts_order", "contacts_product", "contacts_tag", "contacts_topic",
    "contacts_fixedlist", "contacts_attribute", "contacts_segment", "contacts_duplicatesearch", "campaigns_campaign",
    "campaigns_mailtemplate", "campaigns_sender", "journeys_journey", "contacts_note", "contacts_hook",
    "team_savedview", "team_notice", "team_user", "team_company",
)  # fmt: skip
SEED = 20261121
_BATCH = 20_000  # events a statement


@transaction.atomic
def load(now: datetime) -> bool:
    """Fill an install in which nobody can log in yet; return whether it did. A repeat does nothing."""
    if User.objects.exists():
        return False
    with marks.marking(MARKED):
        team: dict[Role, list[User]] = {}
        for role, email, name in PEOPLE:
            user = User.objects.create_user(email, settings.DEMO_PASSWORD, name=name, role=role, language="en")
            team.setdefault(role, []).append(user)
        Company.objects.create(name="온노트", postal_address=company.ADDRESS, phone=company.PHONE)
        fill(team, now)
    return True


def fill(team: dict[Role, list[User]], now: datetime) -> None:
    """Make the company's people and their last six months. The followers of the ledger do the rest."""
    rng = Random(SEED)  # noqa: S311 - the same data every time is the point
    (marketer,), (success,), (admin,) = team[Role.MARKETER], team[Role.CUSTOMER_SUCCESS], team[Role.ADMIN]
    has = company.furnish(marketer, now)
    people = cast.make(rng, team, now)
    consents.decide(rng, people, now)
    events = story.tell(rng, people, has, now).write(success, now)
    events += notes.ask(people, now) + files.keep(people, now)
    notes.on_accounts(people, now)
    events += labels.put_on(rng, people, has)
    about = topics.make()
    events += mailings.send(rng, people, marketer, about, now)
    consents.write(rng, people, now)
    topics.refuse(people, about, now)
    events.sort(key=lambda event: event.occurred_at)
    owned = [persona.contact.pk for persona in people.personas if persona.contact.owner_id]
    made = segments.create(marketer, now)
    events += journeys.run(rng, people, made, stays.lives(events, owned), now)
    events.sort(key=lambda event: event.occurred_at)
    events += segments.fill(made, stays.lives(events, owned), now)
    events.sort(key=lambda event: event.occurred_at)
    for start in range(0, len(events), _BATCH):
        append(events[start : start + _BATCH], source="demo", now=now)
    plan.draw(marketer, now)
    saved_views.save(team, has, now)
    webhooks.subscribe(admin, now)
    search.start(None, now=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_contact, contacts_consentstate, contacts_membership, event")
