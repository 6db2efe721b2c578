"""Saved views: kept, shared, overwritten, opened with, and what is said of one that asks for what is gone."""

from types import SimpleNamespace

import pytest
from django.http import QueryDict

from contacts.attributes.definition import define
from contacts.lists import membership
from contacts.models import Attribute, Tag
from crm.kit import clock
from crm.team.models import DefaultView, Role, SavedView, User
from crm.team.saved_views import keeping
from crm.team.saved_views.bar import url_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    roles = {"alice": Role.ADMIN, "mina": Role.MARKETER, "rob": Role.SALES_REP}
    made = {
        key: User.objects.create_user(f"{key}@t.example", name=key.title(), role=role) for key, role in roles.items()
    }
    return SimpleNamespace(**made)


def as_(client, user):
    client.force_login(user)
    return client


def saved(client, user, **data):
    answer = as_(client, user).post("/team/views/save/", {"page": "people", "name": "Hot ones", **data})
    assert answer.status_code == 302
    return SavedView.objects.order_by("-pk").first(), answer


def test_a_view_keeps_the_state_of_the_page_and_opens_it(client, people):
    view, answer = saved(client, people.mina, query="q=kim&sort=name&columns=email,city&cursor=abc&view=3&tag=")
    assert (view.query, view.owner, view.shared) == ("q=kim&sort=name&columns=email%2Ccity", people.mina, False)
    assert answer.url == url_of(view) == f"/people/?view={view.pk}&q=kim&sort=name&columns=email%2Ccity"
    page = client.get(answer.url)
    bar = page.context["bar"]
    assert (bar.view, bar.is_changed, bar.may_change) == (view, False, True)
    assert [(tab.label, tab.current) for tab in bar.tabs] == [("Everything", False), ("Hot ones", True)]
    assert [column.key for column in page.context["columns"]] == ["name", "email", "city"]
    changed = client.get(f"/people/?view={view.pk}&q=lee").context["bar"]
    assert (changed.is_changed, changed.query) == (True, "q=lee")


def test_a_view_is_its_owners_until_she_shares_it(client, people):
    view, _ = saved(client, people.mina, query="known=yes")
    assert not keeping.of(people.rob, "people")
    assert as_(client, people.rob).post(f"/team/views/{view.pk}/", {"default": "1"}).status_code == 404
    as_(client, people.mina).post(f"/team/views/{view.pk}/", {"name": "Known", "shared": "1"})
    assert [each.name for each in keeping.of(people.rob, "people")] == ["Known"]
    client = as_(client, people.rob)
    bar = client.get(f"/people/?view={view.pk}&known=yes").context["bar"]
    assert (bar.view, bar.may_change) == (view, False)
    client.post(f"/team/views/{view.pk}/", {"name": "Mine", "keep": "1", "query": "q=x"})
    assert client.post(f"/team/views/{view.pk}/delete/").status_code == 403
    view.refresh_from_db()
    assert (view.name, view.query) == ("Known", "known=yes")
    assert as_(client, people.alice).post(f"/team/views/{view.pk}/delete/").status_code == 302
    assert not SavedView.objects.exists()


def test_what_is_shown_is_put_under_the_name(client, people):
    view, _ = saved(client, people.mina, query="q=kim", shared="1")
    client.post(f"/team/views/{view.pk}/", {"name": view.name, "shared": "1", "keep": "1", "query": "q=lee&cursor=x"})
    view.refresh_from_db()
    assert (view.query, view.shared) == ("q=lee", True)


def test_a_list_opens_with_the_view_that_was_chosen(client, people):
    view, _ = saved(client, people.mina, query="known=yes", default="1", shared="1")
    assert client.get("/people/").url == url_of(view)
    assert client.get("/people/?view=all").status_code == 200
    assert as_(client, people.rob).get("/people/").status_code == 200
    client.post(f"/team/views/{view.pk}/", {"default": "1"})
    assert client.get("/people/").url == url_of(view)
    SavedView.objects.update(shared=False)  # his colleague keeps it to herself again
    assert client.get("/people/").status_code == 200
    as_(client, people.mina).post(f"/team/views/{view.pk}/", {"default": ""})
    assert client.get("/people/").status_code == 200
    assert DefaultView.objects.count() == 1


@pytest.mark.parametrize("name", ["", "x" * 81, "a\r\nb", "hot ONES"])
def test_a_wrong_name_is_refused(client, people, name):
    saved(client, people.mina, query="q=kim")
    answer = client.post("/team/views/save/", {"page": "people", "name": name, "query": "q=lee"})
    assert (answer.url, SavedView.objects.get().query) == ("/people/?q=lee", "q=kim")
    view = SavedView.objects.create(page="people", name="B", owner=people.mina, changed_at=people.mina.created_at)
    client.post(f"/team/views/{view.pk}/", {"name": name, "shared": "1"})
    view.refresh_from_db()
    assert (view.name, view.shared) == ("B", False)


def test_too_much_is_refused(client, people, monkeypatch):
    assert client.post("/team/views/save/", {}).status_code in (302, 403)
    client = as_(client, people.mina)
    assert client.post("/team/views/save/", {"page": "nothing", "name": "x"}).status_code == 404
    client.post("/team/views/save/", {"page": "people", "name": "Long", "query": "q=" + "x" * 5000})
    monkeypatch.setattr(keeping, "MOST", 0)
    client.post("/team/views/save/", {"page": "people", "name": "One more", "query": "q=x"})
    assert not SavedView.objects.exists()


def test_a_stale_view_says_what_is_gone(client, people):
    plan = define("contact", "Plan", "text")
    vip = membership.tag_named("VIP")
    view, answer = saved(client, people.mina, query=f"tag={vip.pk}&columns=attribute.{plan.key}")
    assert client.get(answer.url).context["bar"].gone == []
    Tag.objects.all().delete()
    Attribute.objects.update(retired_at=clock.now())
    page = client.get(answer.url)
    assert page.context["bar"].gone == [
        "The column “plan” does not exist any more.",
        "What is asked for does not exist any more: Tag: deleted.",
    ]
    SavedView.objects.filter(pk=view.pk).update(query="tag=nonsense")
    broken = client.get(f"/people/?view={view.pk}&tag=nonsense")
    assert (broken.status_code, broken.context["bar"].view) == (400, view)


def test_what_is_kept_is_in_one_form():
    assert keeping.normal(QueryDict("a=1&b=&cursor=x&view=2&a=2&c=%20")) == "a=1&a=2&c=+"
