"""Handing a colleague's people over: to whom, how many, locked out; refused for the last admin."""

import pytest
from django.urls import reverse

from contacts.acts import jobs
from contacts.models import Account, Contact
from contacts.people import handover
from crm.kit import clock
from crm.team.models import Role, TrailEntry, User


@pytest.fixture
def users(db) -> dict[str, User]:
    made = {"alice": Role.ADMIN, "bob": Role.SALES_REP, "carol": Role.SALES_REP}
    return {name: User.objects.create_user(f"{name}@example.com", name=name, role=role) for name, role in made.items()}


@pytest.fixture
def owned(users) -> None:
    bob, carol = users["bob"], users["carol"]
    Contact.objects.bulk_create(Contact(name=f"P{n}", owner=bob if n else carol) for n in range(6))
    Account.objects.bulk_create(Account(name=f"A{n}", name_key=f"a{n}", owner=bob) for n in range(3))


def _run() -> None:
    while jobs.run_due(clock.now):
        pass


def test_people_and_accounts_go_to_the_new_owner_and_she_is_locked_out(client, users, owned, monkeypatch):
    monkeypatch.setattr(handover, "RANGE", 2)
    alice, bob, carol = users.values()
    client.force_login(alice)
    url = reverse("contacts:hand-over", args=[bob.pk])
    assert client.get(url).context["held"] == handover.Held(people=5, accounts=3)
    answer = client.post(url, {"to": carol.pk, "lock_out": "on"})
    _run()
    assert answer.headers["Location"].startswith("/people/acts/")
    bob.refresh_from_db()
    assert not bob.is_active
    assert Contact.objects.filter(owner=carol).count() == 6
    assert Account.objects.filter(owner=carol).count() == 3
    entry = TrailEntry.objects.get(verb="handed_over")
    assert (entry.by, entry.object_id, entry.after) == (alice, bob.pk, {"to": "carol", "people": 5, "accounts": 3})


def test_sessions_end_with_it(client, users, owned):
    hers = type(client)()
    hers.force_login(users["bob"])
    client.force_login(users["alice"])
    client.post(reverse("contacts:hand-over", args=[users["bob"].pk]), {"lock_out": "on"})
    assert hers.get("/team/profile/").status_code == 302


def test_who_stays_may_still_log_in_and_nobody_may_own(client, users, owned):
    client.force_login(users["alice"])
    client.post(reverse("contacts:hand-over", args=[users["bob"].pk]), {"to": ""})
    _run()
    users["bob"].refresh_from_db()
    assert users["bob"].is_active
    assert Contact.objects.filter(owner=None).count() == 5


def test_last_admin_is_not_locked_out_and_keeps_everything(client, users):
    alice = users["alice"]
    Account.objects.create(name="A", name_key="a", owner=alice)
    client.force_login(alice)
    answer = client.post(reverse("contacts:hand-over", args=[alice.pk]), {"to": users["bob"].pk, "lock_out": "on"})
    assert answer.status_code == 400
    alice.refresh_from_db()
    assert alice.is_active
    assert Account.objects.get().owner == alice
    assert not TrailEntry.objects.filter(verb="handed_over").exists()


@pytest.mark.parametrize("to", ["self", "999999", "x"])
def test_wrong_new_owner_is_refused(client, users, owned, to):
    client.force_login(users["alice"])
    bob = users["bob"]
    answer = client.post(reverse("contacts:hand-over", args=[bob.pk]), {"to": bob.pk if to == "self" else to})
    assert answer.status_code == 400
    assert Contact.objects.filter(owner=bob).count() == 5


def test_only_admins_hand_over(client, users, owned):
    client.force_login(users["carol"])
    assert (
        client.post(reverse("contacts:hand-over", args=[users["bob"].pk]), {"to": users["carol"].pk}).status_code == 403
    )
    assert Contact.objects.filter(owner=users["bob"]).count() == 5
