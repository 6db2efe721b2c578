"""The trail on screen: filters, leafing, CSV, and the history of one object for whoever may see it."""

import csv
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from contacts.models import Contact, Tag
from contacts.people import profile
from contacts.people.profile import Profile
from crm.kit import clock
from crm.team.models import Company, Door, Role, TrailEntry
from crm.team.trail import reading, record
from crm.team.trail.acting import Actor, acting

TRAIL = "/team/trail/"


@pytest.fixture
def grace(client, team) -> Contact:
    """A person of the marketer's, whose title she changed."""
    emma = team[Role.MARKETER]
    person = profile.create(Profile(name="Grace Seo"), by=emma, now=clock.now())
    Contact.objects.filter(pk=person.pk).update(owner=emma)
    person.refresh_from_db()
    with acting(Actor(emma, Door.PAGE, network="203.0.113.0/24")):
        person.title, person.owner = "=HYPERLINK()", team[Role.ADMIN]
        person.save()
    return person


def _rows(answer) -> list[tuple[str, str, str]]:
    return [(line.who, line.verb, line.label) for line in answer.context["lines"]]


def test_entry_is_read_in_words(client, alice, grace):
    client.force_login(alice)
    answer = client.get(TRAIL, {"kind": "contact"})
    assert _rows(answer) == [("Emma Park", "Changed", "Grace Seo")]
    (line,) = answer.context["lines"]
    changes = [(change.field, change.before, change.after) for change in line.changes]
    assert changes == [("Owner", "Emma Park", "Alice Han"), ("Title", "", "=HYPERLINK()")]
    assert line.url == reverse("contacts:person", args=[grace.pk])
    assert "203.0.113.0/24" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "grace"}, 1),
        ({"q": "gracie"}, 0),
        ({"verb": "deleted"}, 0),
        ({"verb": "changed", "kind": "contact"}, 1),
        ({"until": "2020-01-01"}, 0),
        ({"since": "2020-01-01", "kind": "contact"}, 1),
    ],
)
def test_filters(client, alice, grace, query, found):
    client.force_login(alice)
    assert len(client.get(TRAIL, query).context["lines"]) == found


def test_filter_by_who(client, team, grace):
    client.force_login(team[Role.ADMIN])
    assert len(client.get(TRAIL, {"by": team[Role.MARKETER].pk}).context["lines"]) == 1
    assert len(client.get(TRAIL, {"by": team[Role.ANALYST].pk}).context["lines"]) == 0


@pytest.mark.parametrize(
    "query", [{"by": "x"}, {"kind": "nothing"}, {"since": "31.12"}, {"cursor": "!!"}, {"object": "-1"}]
)
def test_filter_that_cannot_be_read_is_said(client, alice, query):
    client.force_login(alice)
    assert client.get(TRAIL, query).status_code == 400


def test_leafing_shows_each_entry_once_and_costs_the_same(client, alice, django_assert_num_queries):
    now = clock.now()
    for number in range(120):
        record.record("contact", number, "changed", now=now - timedelta(minutes=number), label=f"P{number}")
    client.force_login(alice)
    seen, cursor = [], ""
    while True:
        with django_assert_num_queries(5):  # session, user, users of the filter, entries, notices
            answer = client.get(TRAIL, {"kind": "contact", "cursor": cursor})
        seen += [line.label for line in answer.context["lines"]]
        if not (cursor := answer.context["page"].next_cursor):
            break
    assert seen == [f"P{number}" for number in reversed(range(120))]


def test_csv_has_a_line_for_each_field_and_no_formula(client, alice, grace):
    client.force_login(alice)
    answer = client.get(TRAIL + "trail.csv", {"kind": "contact"})
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    rows = list(csv.reader(text[1:].splitlines()))
    assert [row[8:] for row in rows[1:]] == [["Owner", "Emma Park", "Alice Han"], ["Title", "", "'=HYPERLINK()"]]


@pytest.mark.parametrize("role", [Role.MARKETER, Role.SALES_REP, Role.CUSTOMER_SUCCESS, Role.ANALYST])
def test_whole_trail_is_for_admins_alone(client, team, role):
    client.force_login(team[role])
    assert client.get(TRAIL).status_code == 403
    assert client.get(TRAIL + "trail.csv").status_code == 403


def test_history_of_a_person_is_for_those_who_see_her(client, team, grace):
    url = reverse("team:trail-of", args=["contact", grace.pk])
    seen = {}
    for role in Role:
        client.force_login(team[role])
        seen[role] = client.get(url).status_code
    assert seen == {
        Role.ADMIN: 200, Role.MARKETER: 200, Role.SALES_REP: 404, Role.CUSTOMER_SUCCESS: 200, Role.ANALYST: 200,
    }  # fmt: skip
    assert client.get(reverse("team:trail-of", args=["nothing", 1])).status_code == 404
    assert client.get(reverse("team:trail-of-all", args=["user"])).status_code == 404


def test_page_of_an_object_offers_its_history_without_reading_it(client, team, grace):
    client.force_login(team[Role.MARKETER])
    url = reverse("team:trail-of", args=["contact", grace.pk])
    assert f'hx-get="{url}"' in client.get(reverse("contacts:person", args=[grace.pk])).content.decode()
    assert "wf-history" not in client.get(reverse("contacts:people")).content.decode()
    nobody = client.get(reverse("contacts:person", args=[grace.pk + 1]))
    assert (nobody.status_code, "wf-history" in nobody.content.decode()) == (404, False)
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Alice Han" in part


def test_admin_has_no_history_of_its_own(client, team, alice):
    client.force_login(alice)
    emma = team[Role.MARKETER]
    answer = client.get(f"/admin/team/user/{emma.pk}/history/")
    assert answer.headers["Location"] == reverse("team:trail-of", args=["user", emma.pk])
    assert client.get("/admin/team/throttle/1/history/").status_code == 404


def test_company_is_followed_from_page_to_trail_in_korean(client, alice):
    Company.objects.create(name="Harbour")
    client.force_login(alice)
    client.post(reverse("team:company"), {"name": "누리봄", "version": 1})
    entry = TrailEntry.objects.filter(kind="company").order_by("-pk")[0]
    assert (entry.by, entry.before, entry.after) == (alice, {"name": "Harbour"}, {"name": "누리봄"})
    alice.language = "ko"
    alice.save()
    with override("ko"):
        page = client.get(TRAIL, {"kind": "company"}).content.decode()
    assert 'lang="ko"' in page


def test_tag_names_the_person_whom_the_reader_may_see_and_no_other(client, team, grace):
    emma, rep = team[Role.MARKETER], team[Role.SALES_REP]
    with acting(Actor(emma, Door.PAGE)):
        grace.tag_links.create(tag=Tag.objects.create(name="vip"))
    (entry,) = TrailEntry.objects.filter(part="tag")
    assert [line.label for line in reading.lines([entry], emma)] == ["Grace Seo"]
    assert [line.label for line in reading.lines([entry], rep)] == [f"#{grace.pk}"]
