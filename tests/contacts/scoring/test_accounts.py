"""The score of an account: the best, or the sum, of its people's; on its page, in the list, and in rules."""

import pytest
from django.db import connection

from contacts.people.models import Account, Contact
from contacts.scoring import rules
from contacts.scoring.accounts import heat_of_account
from contacts.scoring.decay import kept
from contacts.scoring.heat import Heat, default_model
from contacts.scoring.models import AccountScore, Score
from contacts.segments import saving
from contacts.segments.index import current
from contacts.segments.models import SegmentTouch
from contacts.segments.refreshing import touched_people
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.why import why
from crm.kit import clock
from tests.contacts.segments.conftest import AT, definition, ids

pytestmark = pytest.mark.django_db
POINTS = {"Ann": ("Hanbit", 40), "Bob": ("Hanbit", 30), "Cho": ("Nuri", 50), "Dan": ("Nuri", None), "Eve": ("", 90)}


@pytest.fixture
def people(person, monkeypatch):
    """Hanbit has 40 + 30 points, Nuri 50; Eve, of no company, 90."""
    monkeypatch.setattr(clock, "now", lambda: AT.now)
    model, found = default_model(), {}
    for name, (company, points) in POINTS.items():
        found[name] = person(name=name, company=company)
        if points is not None:
            total = kept(points, AT.now, anchor=model.anchor, half_life=model.half_life)
            Score.objects.create(model=model, contact=found[name], total=total, last_at=AT.now)
    return found


def summed():
    model = default_model()
    model.account_by = AccountScore.SUM
    model.save()


def asked(field, operator, value):
    rule = parse(definition({"field": field, "operator": operator, "value": value}))
    both = [
        ids(rule.everybody(AT)),
        {pk for pk in Contact.objects.values_list("pk", flat=True) if why(rule, pk, AT).met},
    ]
    assert both[0] == both[1]
    return " ".join(sorted(Contact.objects.filter(pk__in=both[0]).values_list("name", flat=True)))


def test_rules_ask_for_the_best_or_the_sum(people):
    assert asked("account.score", "at_least", 50) == "Cho Dan"
    assert asked("account.score", "less_than", 50) == "Ann Bob Eve"  # who has no company has no points of one
    assert asked("account.grade", "is_any_of", ["hot"]) == ""
    summed()
    assert asked("account.score", "at_least", 60) == "Ann Bob"
    assert asked("account.grade", "is_any_of", ["hot"]) == "Ann Bob"
    assert asked("account.grade", "is_none_of", ["hot", "cool"]) == "Cho Dan"


def test_why_tells_the_score_of_the_account(people):
    rule = parse(definition({"field": "account.score", "operator": "at_least", "value": 50}))
    assert [why(rule, people[name].pk, AT).children[0].value for name in ("Bob", "Dan", "Eve")] == ["40.0", "50.0", "–"]


def test_event_of_a_colleague_touches_everybody_of_the_account(people, team, now):
    node = definition({"field": "account.score", "operator": "at_least", "value": 50})
    segment = saving.create(saving.Draft("Hot companies", "", node), by=team.mina, now=now)
    SegmentTouch.objects.all().delete()
    with connection.cursor() as cursor:
        found = touched_people(cursor, current(), [(people["Cho"].pk, None, segment.pk)])
    assert found == {segment.pk: {people["Cho"].pk, people["Dan"].pk}}


def test_page_explains_it(people, team, as_):
    hanbit = Account.objects.get(name="Hanbit")
    heat = heat_of_account(Contact.objects.filter(account=hanbit), default_model(), AT.now)
    assert (round(heat.warmth.points), heat.warmth.heat, heat.is_sum) == (40, Heat.WARM, False)
    assert [(share.contact.name, share.points) for share in heat.shares] == [("Ann", 40), ("Bob", 30)]
    page = as_(team.mina).get(f"/accounts/{hanbit.pk}/").content.decode()
    assert "The points of its warmest person." in page
    summed()
    page = as_(team.mina).get(f"/accounts/{hanbit.pk}/").content.decode()
    assert "The points of all its people together." in page
    assert "70" in page


def test_list_is_sorted_by_it_as_far_as_one_may_see(people, team, as_):
    def names(user, sort):
        return [row.name for row in as_(user).get(f"/accounts/?sort={sort}").context["page"].rows]

    assert names(team.mina, "-heat") == ["Nuri", "Hanbit"]
    Contact.objects.filter(name="Cho").update(owner=team.rita)  # a colleague's: rob may not see her
    assert names(team.rob, "-heat") == ["Hanbit", "Nuri"]
    assert 'href="?sort=-heat"' in as_(team.mina).get("/accounts/").content.decode()
    summed()
    assert names(team.mina, "-heat") == ["Hanbit", "Nuri"]  # by name: sums have no order
    assert 'sort=-heat"' not in as_(team.mina).get("/accounts/").content.decode()


def test_changing_how_counts_everything_anew(people):
    model = default_model()
    rules.change_model(model.pk, {"account_by": AccountScore.SUM}, version=model.version)
    assert default_model().account_by == AccountScore.SUM
