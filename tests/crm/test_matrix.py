"""The permission matrix in whole: every address × role × own or another's person, from the table in doors.py."""

import re

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from contacts.people import profile
from contacts.people.profile import Profile
from crm.api.catalogue import ROUTES
from crm.team.models import Role, User
from crm.team.permissions import ADMIN_DOORS, Action, Scope, may, scope
from tests.contacts.conftest import NOW
from tests.crm.doors import API, PAGES, PUBLIC, SIGNED_IN

ANY_ID = 987_654_321  # of nothing there is
# What is answered to somebody who may: never a refusal, never a fault. 404: there is no such row.
ALLOWED = {200, 201, 202, 204, 302, 400, 404, 405, 409, 415, 422}
ABOUT_A_PERSON = "contact_id"


def _walk(resolver, space="", path=""):
    for part in resolver.url_patterns:
        if isinstance(part, URLPattern):
            yield (f"{space}{part.name}" if part.name else ""), path + str(part.pattern)
        else:
            name = f"{part.namespace}:" if part.namespace else ""
            yield from _walk(part, space + name, path + str(part.pattern))


ROUTES_OF_PAGES = [
    (name or path, path)
    for name, path in _walk(get_resolver())
    if not path.startswith(("admin/", "api/v1/"))
]  # fmt: skip
PATHS = dict(ROUTES_OF_PAGES)
ACTION_OF = {name: action for action, names in PAGES.items() for name in names}
API_ACTION = {verb: action for action, verbs in API.items() for verb in verbs}
OF_PEOPLE = sorted(name for name in ACTION_OF if f":{ABOUT_A_PERSON}>" in PATHS.get(name, ""))


def test_every_page_is_declared_once():
    declared = [*ACTION_OF, *PUBLIC, *SIGNED_IN, "api:openapi"]
    assert sorted(declared) == sorted({*PATHS, "api:openapi"})


def test_every_verb_of_the_api_is_declared_with_its_action():
    assert {
        f"{route.method} {route.path}": route.action.value if route.action else "" for route in ROUTES
    } == API_ACTION


def test_every_page_asks_for_the_declared_action():
    asked = dict(_callbacks())
    assert {name: asked[name] for name in ACTION_OF} == {name: Action(action) for name, action in ACTION_OF.items()}
    assert [name for name in {*PUBLIC, *SIGNED_IN} if asked.get(name)] == []


def _callbacks(resolver=None, space=""):
    for part in (resolver or get_resolver()).url_patterns:
        if isinstance(part, URLPattern):
            yield (f"{space}{part.name}" if part.name else str(part.pattern)), getattr(part.callback, "action", None)
        else:
            yield from _callbacks(part, space + (f"{part.namespace}:" if part.namespace else ""))


def url_of(path, contact_id=ANY_ID):
    """Return an address of the pattern: its numbers are the person's, or of nothing; its words are harmless."""

    def value(match):
        kind, name = match["kind"] or "str", match["name"]
        if name in (ABOUT_A_PERSON, "other_id"):
            return str(contact_id)
        return str(ANY_ID) if kind in ("int", "row") else "start" if name == "verb" else "name"

    plain = re.sub(
        r"\(\?P<(?P<name>\w+)>(?P<kind>[^)]*)\)", lambda m: "start" if m["name"] == "verb" else str(ANY_ID), path
    )
    plain = plain.replace("^", "").replace("$", "").replace("\\", "")
    return "/" + re.sub(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>", value, plain)


@pytest.fixture
def people(db):
    users = {role: User.objects.create_user(f"{role}@team.example", name=role, role=role) for role in Role}
    rival = User.objects.create_user("rival@team.example", name="Rival", role=Role.SALES_REP)
    by = users[Role.ADMIN]

    def make(owner, name):
        return profile.create(
            Profile(name=name, email=f"{name}@example.com", company="Hanbit"), owner=owner, by=by, now=NOW
        )

    own = make(users[Role.SALES_REP], "own")
    return users, own.pk, make(rival, "other").pk, make(None, "free").pk


def _open(name):
    """Return what is answered about a person one may see; 404 where the address names something else besides."""
    return ALLOWED if PATHS[name].count("_id>") > 1 else ALLOWED - {404}


def _answers(client, method, url):
    """Ask, and take back whatever it did."""
    with transaction.atomic():
        status = getattr(client, method)(url).status_code
        transaction.set_rollback(True)
    return status


def test_guests_are_sent_to_log_in_or_refused(people):
    client = Client()
    wrong = {}
    for name in {*ACTION_OF, *SIGNED_IN}:
        for method in ("get", "post"):
            answer = getattr(client, method)(url_of(PATHS[name]))
            if answer.status_code not in (302, 405) or (answer.status_code == 302 and "/team/login/" not in answer.url):
                wrong[name, method] = answer.status_code
    for route in ROUTES:
        status = client.generic(route.method, url_of(f"api/v1/{route.path}")).status_code
        if status not in (401, 403, 411, 415):
            wrong[route.method, route.path] = status
    assert wrong == {}


@pytest.mark.parametrize("role", list(Role))
def test_who_may_not_is_refused_everywhere(people, role):
    users, own, _other, _free = people
    client, wrong = Client(), {}
    client.force_login(users[role])
    for name, action in ACTION_OF.items():
        if may(users[role], action):
            continue
        for method in ("get", "post"):
            status = getattr(client, method)(url_of(PATHS[name], own)).status_code
            if status not in (403, 405):
                wrong[name, method] = status
    assert wrong == {}


@pytest.mark.parametrize("role", list(Role))
def test_who_may_reaches_her_people_and_no_others(people, role):
    users, own, other, free = people
    client, wrong = Client(), {}
    client.force_login(users[role])
    for name in OF_PEOPLE:
        reach = scope(users[role], ACTION_OF[name])
        if reach is Scope.NONE:
            continue
        for whose, number in (("own", own), ("other", other), ("nobody's", free)):
            seen = whose != "other" or scope(users[role], Action.CONTACT_VIEW) is Scope.ALL
            for method in ("get", "post"):
                status = _answers(client, method, url_of(PATHS[name], number))
                expected = _open(name) if seen else {404, 405}
                if status not in expected:
                    wrong[name, whose, method] = status
    assert wrong == {}


@pytest.mark.parametrize("role", list(Role))
def test_pages_open_for_whoever_may(people, role):
    users = people[0]
    client, wrong = Client(), {}
    client.force_login(users[role])
    for name, action in ACTION_OF.items():
        if may(users[role], action) and name not in OF_PEOPLE and "<" not in PATHS[name]:
            status = client.get(url_of(PATHS[name])).status_code
            if status not in ALLOWED - {404}:
                wrong[name] = status
    assert wrong == {}


@pytest.mark.parametrize("role", list(Role))
def test_api_by_role_and_person(people, role):
    users, own, other, _free = people
    client, wrong = Client(), {}
    client.force_login(users[role])
    for route in ROUTES:
        allowed = route.action is None or may(users[role], route.action)
        for whose, number in (("own", own), ("other", other)):
            with transaction.atomic():
                answer = client.generic(
                    route.method, url_of(f"api/v1/{route.path}", number), b"{}", content_type="application/json"
                )
                transaction.set_rollback(True)
            seen = whose == "own" or scope(users[role], Action.CONTACT_VIEW) is Scope.ALL
            of_person = f"<row:{ABOUT_A_PERSON}>" in route.path
            expected = {403} if not allowed else {404, 400, 422} if of_person and not seen else ALLOWED | {403}
            if answer.status_code not in expected:
                wrong[route.method, route.path, whose] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("role", list(Role))
def test_admin_by_role(people, role):
    users = people[0]
    client, wrong = Client(), {}
    client.force_login(users[role])
    for model in admin.site._registry:
        label = f"{model._meta.app_label}.{model._meta.model_name}"
        door = ADMIN_DOORS.get(label)
        allowed = role == Role.ADMIN or (role == Role.MARKETER and door is not None and may(users[role], door.view))
        refused = 403 if users[role].is_staff else 302
        for path in ("", "add/", f"{ANY_ID}/change/", f"{ANY_ID}/delete/"):
            for method in ("get", "post"):
                status = _answers(client, method, f"/admin/{label.replace('.', '/')}/{path}")
                if allowed and not path and method == "get":
                    expected = {200}
                else:
                    expected = {200, 302, 403, 404, 405, 400} if allowed else {refused}
                if status not in expected:
                    wrong[label, path, method] = status
    assert wrong == {}
