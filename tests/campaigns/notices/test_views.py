"""The page of notices: who may set them, against stale edits, what it shows."""

import pytest
from django.test import Client

from campaigns.notices.models import ConsentNotice, NoticeKind, NoticeSettings
from campaigns.notices.wording import ensure_mail
from campaigns.senders.models import Sender
from crm.team.models import Role, User
from tests.campaigns.conftest import NOW, make_sender, make_template

pytestmark = pytest.mark.django_db
PAGE = "/settings/consent-notices/"


def log_in(client: Client, role: Role) -> Client:
    client.force_login(User.objects.create_user(f"{role}@team.example", "pw-pw-pw-pw", name=role, role=role))
    return client


def form(**changes: str) -> dict[str, str]:
    mails = {f"{kind}_template": str(ensure_mail(kind, NOW).pk) for kind in NoticeKind}
    return {"results": "on", "sender": str(make_sender().pk), "version": "", **mails, **changes}


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ADMIN, 200), (Role.MARKETER, 200), (Role.SALES_REP, 403), (Role.CUSTOMER_SUCCESS, 403), (Role.ANALYST, 403)],
)
def test_door(client: Client, role: Role, status: int) -> None:
    assert client.get(PAGE).status_code == 302
    log_in(client, role)
    assert (client.get(PAGE).status_code, client.post(PAGE, {}).status_code) == (status, 422 if status == 200 else 403)
    assert not NoticeSettings.objects.exists()


def test_they_are_switched_on_and_off(client: Client) -> None:
    log_in(client, Role.MARKETER)
    said = form()
    assert client.post(PAGE, said).headers["Location"] == PAGE
    assert NoticeSettings.objects.values_list("results", "reminders", "version").get() == (True, False, 1)
    del said["results"]
    assert client.post(PAGE, {**said, "reminders": "on", "version": "1"}).status_code == 302
    assert NoticeSettings.objects.values_list("results", "reminders", "version").get() == (False, True, 2)
    assert client.get(PAGE).context["form"].initial["version"] == 2


@pytest.mark.parametrize("version", ["", "7"])
def test_who_comes_second_is_told_and_changes_nothing(client: Client, version: str) -> None:
    log_in(client, Role.ADMIN)
    said = form()
    client.post(PAGE, said)
    assert client.post(PAGE, {**said, "results": "", "version": version}).status_code == 409
    assert NoticeSettings.objects.values_list("results", "version").get() == (True, 1)


def test_advertising_mail_and_unproved_sender_are_refused(client: Client) -> None:
    log_in(client, Role.ADMIN)
    said = form(result_template=str(make_template().pk))
    Sender.objects.update(verified_at=None)
    answer = client.post(PAGE, said)
    assert (answer.status_code, sorted(answer.context["form"].errors)) == (422, ["result_template", "sender"])
    assert "No sender is confirmed yet." in answer.content.decode()
    assert not NoticeSettings.objects.exists()


def test_page_counts_and_tells_what_is_wrong(client: Client) -> None:
    log_in(client, Role.ADMIN)
    rows = [("done", ""), ("done", ""), ("ready", "The sender is gone"), ("ready", "")]
    for number, (state, error) in enumerate(rows):
        ConsentNotice.objects.create(
            kind="result", contact_id=1, entry_id=number, due_at=NOW, state=state, last_error=error
        )
    page = client.get(PAGE)
    assert page.context["figures"] == {
        "results": 2, "reminders": 0, "waiting": 2, "late": 1, "problem": "The sender is gone",
    }  # fmt: skip
    assert "1 notice waits, because of this: The sender is gone" in page.content.decode()
