"""The health page: who may see it, what it says, what its buttons do."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.webhooks.models import WebhookReceipt
from crm.home.health import heartbeats
from crm.team.models import Notice, Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return {role: User.objects.create_user(f"{role}@example.com", name=role, role=role) for role in Role}


def failed_notice(user, error="550 no such user kim@naver.com"):
    now = datetime.now(UTC)
    return Notice.objects.create(user=user, text="x", at=now, due_at=now, state="failed", attempts=10, last_error=error)


def test_doors(client, team):
    seen = {}
    for role, user in team.items():
        client.force_login(user)
        seen[role] = (
            client.get("/health/").status_code,
            client.post("/health/retry/", {"kind": "team.notice"}).status_code,
            client.get("/health/retry/").status_code,
        )
    assert seen == {
        Role.ADMIN: (200, 302, 405),
        Role.MARKETER: (200, 403, 405),
        Role.SALES_REP: (403, 403, 405),
        Role.CUSTOMER_SUCCESS: (403, 403, 405),
        Role.ANALYST: (200, 403, 405),
    }


def test_page_tells_what_is_wrong_and_names_nobody(client, team):
    failed_notice(team[Role.ADMIN])
    heartbeats.note("celery@alpha", heartbeats.WORKER, datetime.now(UTC))
    heartbeats.note("celery@beta", heartbeats.WORKER, datetime.now(UTC) - timedelta(hours=3))
    client.force_login(team[Role.ADMIN])
    html = client.get("/health/").content.decode()
    assert "Something needs a look." in html
    assert "celery@alpha" in html
    assert html.count("silent") >= 1
    assert "550 no such user [address]" in html
    assert "kim@naver.com" not in html
    assert "PostgreSQL" in html


def test_page_of_a_healthy_install_says_so(client, team):
    for role in (heartbeats.WORKER, heartbeats.CLOCK, heartbeats.FOLLOW):
        heartbeats.note(role, role, datetime.now(UTC))
    client.force_login(team[Role.ADMIN])
    assert "Everything runs as it should." in client.get("/health/").content.decode()


def test_page_costs_the_same_with_more_rows(client, team, django_assert_max_num_queries):
    client.force_login(team[Role.ADMIN])
    for number in range(3):
        failed_notice(team[Role.ADMIN], f"error {number}")
    with django_assert_max_num_queries(22):
        client.get("/health/")


def test_work_given_up_is_tried_again_by_kind(client, team):
    notice = failed_notice(team[Role.ADMIN])
    other = WebhookReceipt.objects.create(
        provider="mailgun", body=b"{}", received_at=notice.at, due_at=notice.at, state="failed", last_error="x"
    )
    client.force_login(team[Role.ADMIN])
    assert client.post("/health/retry/", {"kind": "contacts.importjob"}).status_code == 404
    answer = client.post("/health/retry/", {"kind": "team.notice"}, follow=True)
    assert "1 task is tried once more." in answer.content.decode()
    notice.refresh_from_db()
    other.refresh_from_db()
    assert (notice.state, notice.attempts) == ("ready", 0)
    assert other.state == "failed"
