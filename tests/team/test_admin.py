"""Users in the admin: invited, changed, never deleted; an admin is always left."""

import contextlib
import threading

import pytest
from django.core import mail
from django.db import connection, transaction
from django.urls import reverse

from crm.kit import clock
from crm.team import roster
from crm.team.models import Role, TrailEntry, User

FIELDS = {
    "name": "Grace Seo",
    "email": "Grace@Example.com",
    "role": "marketer",
    "title": "",
    "phone": "",
    "language": "ko",
    "time_zone": "Asia/Seoul",
    "is_active": "on",
}


def _change(user) -> str:
    return reverse("admin:team_user_change", args=[user.pk])


def _fields(user, **changed) -> dict[str, str]:
    same = {name: str(getattr(user, name)) for name in ("name", "email", "role", "language", "time_zone")}
    return {key: value for key, value in {**same, "is_active": "on", **changed}.items() if value is not None}


def test_form_for_a_new_user_begins_with_the_language_and_hours_of_who_adds_her(client, alice):
    User.objects.filter(pk=alice.pk).update(language="ko", time_zone="Europe/Berlin")
    client.force_login(alice)
    begun = client.get(reverse("admin:team_user_add")).context["adminform"].form
    assert (begun["language"].value(), begun["time_zone"].value()) == ("ko", "Europe/Berlin")


def test_new_user_is_invited_by_mail_in_her_language(client, alice):
    client.force_login(alice)
    client.post(reverse("admin:team_user_add"), FIELDS)
    grace = User.objects.get(email="grace@example.com")
    assert (grace.role, grace.has_usable_password()) == ("marketer", False)
    (message,) = mail.outbox
    assert message.to == ["grace@example.com"]
    assert "/team/reset/" in message.body
    assert len(message.alternatives) == 1


@pytest.mark.parametrize(("field", "value"), [("email", "ADMIN@example.com"), ("time_zone", "Mars"), ("role", "king")])
def test_bad_user_is_refused_and_nobody_is_mailed(client, alice, field, value):
    client.force_login(alice)
    answer = client.post(reverse("admin:team_user_add"), {**FIELDS, field: value})
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    assert (User.objects.count(), mail.outbox) == (5, [])


@pytest.mark.parametrize("changed", [{"role": "analyst"}, {"is_active": None}])
def test_last_admin_stays(client, alice, changed):
    client.force_login(alice)
    answer = client.post(_change(alice), _fields(alice, **changed))
    assert "This is the last admin" in str(answer.context["errors"])
    alice.refresh_from_db()
    assert (alice.role, alice.is_active) == (Role.ADMIN, True)
    User.objects.create_user("bob@example.com", name="Bob", role=Role.ADMIN)
    assert client.post(_change(alice), _fields(alice, **changed)).status_code == 302


def test_locked_out_admin_does_not_count(client, alice):
    User.objects.create_user("bob@example.com", name="Bob", role=Role.ADMIN, is_active=False)
    client.force_login(alice)
    assert client.post(_change(alice), _fields(alice, role="analyst")).status_code == 200


def test_nobody_is_deleted(client, team, alice):
    client.force_login(alice)
    emma = team[Role.MARKETER]
    assert client.post(reverse("admin:team_user_delete", args=[emma.pk]), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=emma.pk).exists()


def test_link_is_mailed_again_to_active_people_only(client, team, alice):
    User.objects.filter(role=Role.ANALYST).update(is_active=False)
    client.force_login(alice)
    chosen = [team[Role.MARKETER].pk, team[Role.ANALYST].pk]
    client.post(reverse("admin:team_user_changelist"), {"action": "invite_again", "_selected_action": chosen})
    assert [message.to for message in mail.outbox] == [["marketer@example.com"]]


def test_mailer_that_refuses_is_said_and_the_user_is_kept(client, alice, monkeypatch):
    def refuse(self):
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    client.force_login(alice)
    answer = client.post(reverse("admin:team_user_add"), FIELDS, follow=True)
    said = [str(message) for message in answer.context["messages"]]
    assert any("grace@example.com" in text and "Not mailed" in text for text in said)
    assert User.objects.filter(email="grace@example.com").exists()


@pytest.mark.django_db(transaction=True)
def test_two_admins_cannot_take_the_role_from_each_other_at_once():
    pair = [User.objects.create_user(f"{n}@example.com", name=n, role=Role.ADMIN) for n in ("alice", "bob")]
    asked = threading.Barrier(2)  # passed only when both were answered before either acted
    refused: list[str] = []

    def demote(user: User) -> None:
        with transaction.atomic():
            last = roster.is_last_admin(user)
            with contextlib.suppress(threading.BrokenBarrierError):
                asked.wait(timeout=0.5)
            if last:
                refused.append(user.name)
            else:
                User.objects.filter(pk=user.pk).update(role=Role.ANALYST)
        connection.close()

    threads = [threading.Thread(target=demote, args=[user]) for user in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert User.objects.filter(role=Role.ADMIN).count() == 1


def test_locked_out_user_loses_sessions_and_tokens(client, team, alice):
    emma = team[Role.MARKETER]
    token = emma.api_tokens.create(name="shop", prefix="wf_x", digest="d", scopes=[], created_at=clock.now())
    hers = type(client)()
    hers.force_login(emma)
    client.force_login(alice)
    assert client.post(_change(emma), _fields(emma, is_active=None)).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert hers.get("/team/profile/").status_code == 302
    User.objects.filter(pk=emma.pk).update(is_active=True)
    assert hers.get("/team/profile/").status_code == 302


def test_change_in_the_admin_is_on_the_trail(client, team, alice):
    emma = team[Role.MARKETER]
    client.force_login(alice)
    client.post(_change(emma), _fields(emma, role="analyst"))
    entry = TrailEntry.objects.filter(kind="user", verb="changed").order_by("-pk")[0]
    assert (entry.by, entry.door, entry.object_id) == (alice, "admin", emma.pk)
    assert (entry.before, entry.after) == ({"role": "marketer"}, {"role": "analyst"})


def test_page_of_a_user_leads_to_log_ins_history_and_handing_over(client, team, alice):
    emma = team[Role.MARKETER]
    client.force_login(alice)
    html = client.get(_change(emma)).content.decode()
    for path in (
        f"/team/users/{emma.pk}/sign-ins/",
        f"/team/trail/of/user/{emma.pk}/",
        f"/people/hand-over/{emma.pk}/",
    ):
        assert f'href="{path}"' in html
