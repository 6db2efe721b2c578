"""The whole matrix: every action by every role, written out a second time by hand."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from crm.team.backends import RoleBackend
from crm.team.models import Role, User
from crm.team.permissions import Action, Scope, allowed, may, scope

A, W, N = Scope.ALL, Scope.OWN, Scope.NONE
#                        admin marketer rep success analyst
EXPECTED = {
    "contact.view": (A, A, W, A, A),
    "contact.add": (A, A, W, A, N),
    "contact.edit": (A, A, W, A, N),
    "contact.import": (A, A, N, N, N),
    "contact.export": (A, A, N, N, N),
    "contact.delete": (A, N, N, N, N),
    "contact.assign": (A, A, N, A, N),
    "contact.merge": (A, A, W, A, N),
    "contact.merge_many": (A, A, N, N, N),
    "consent.record": (A, A, W, A, N),
    "list.edit": (A, A, N, N, N),
    "segment.view": (A, A, A, A, A),
    "segment.edit": (A, A, N, N, N),
    "attribute.edit": (A, A, N, N, N),
    "topic.edit": (A, A, N, N, N),
    "account.roles": (A, A, N, N, N),
    "stage.edit": (A, A, N, N, N),
    "score.edit": (A, A, N, N, N),
    "lead.work": (A, A, W, A, N),
    "lead.take": (A, N, W, N, N),
    "product.edit": (A, A, N, N, N),
    "order.edit": (A, A, W, A, N),
    "order.refund": (A, A, N, A, N),
    "template.view": (A, A, N, A, A),
    "template.edit": (A, A, N, N, N),
    "campaign.view": (A, A, A, A, A),
    "campaign.edit": (A, A, N, N, N),
    "campaign.launch": (A, A, N, N, N),
    "sender.edit": (A, A, N, N, N),
    "journey.view": (A, A, N, A, A),
    "journey.edit": (A, A, N, N, N),
    "report.view": (A, A, W, A, A),
    "user.edit": (A, N, N, N, N),
    "trail.view": (A, N, N, N, N),
    "settings.edit": (A, N, N, N, N),
    "webhook.edit": (A, N, N, N, N),
    "health.view": (A, A, N, N, A),
    "mailbox.view": (A, A, A, A, N),
}
ROLES = [Role.ADMIN, Role.MARKETER, Role.SALES_REP, Role.CUSTOMER_SUCCESS, Role.ANALYST]


def test_matrix_names_every_action():
    assert set(EXPECTED) == {str(action) for action in Action}
    assert set(ROLES) == set(Role)


@pytest.mark.parametrize("action", list(Action))
def test_matrix_of_every_role(action):
    assert tuple(scope(User(role=role), action) for role in ROLES) == EXPECTED[action]


@pytest.mark.parametrize("action", list(Action))
def test_nobody_logged_in_or_locked_out_may_anything(action):
    assert not may(AnonymousUser(), action)
    assert not may(User(role=Role.ADMIN, is_active=False), action)


def test_analyst_only_reads():
    granted = {str(action) for action in Action if may(User(role=Role.ANALYST), action)}
    assert all(action.endswith(".view") for action in granted)


def test_unknown_action_is_an_error_that_names_it():
    with pytest.raises(ValueError, match=r"contact\.fly"):
        may(User(role=Role.ADMIN), "contact.fly")
    with pytest.raises(ValueError, match=r"contact\.fly"):
        allowed("contact.fly")


def test_guard_runs_the_view_or_refuses():
    calls = []

    @allowed("campaign.launch")
    def launch(request, number):
        calls.append(number)
        return number

    request = RequestFactory().post("/")
    request.user = User(role=Role.MARKETER)
    assert launch(request, 7) == 7
    request.user = User(role=Role.SALES_REP)
    with pytest.raises(PermissionDenied, match="Sales rep"):
        launch(request, 8)
    assert calls == [7]


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        ("team.change_user", (True, False, False, False, False)),
        ("campaigns.change_mailtemplate", (True, True, False, False, False)),
        ("campaigns.view_campaign", (True, True, True, True, True)),
        ("journeys.delete_journey", (True, True, False, False, False)),
        ("contacts.change_contact", (True, False, False, False, False)),
        ("sessions.view_session", (True, False, False, False, False)),
    ],
)
def test_admin_asks_the_same_matrix(permission, expected):
    assert tuple(RoleBackend().has_perm(User(role=role), permission) for role in ROLES) == expected


def test_admin_modules_open_by_role():
    assert [RoleBackend().has_module_perms(User(role=role), "team") for role in ROLES] == [True] + [False] * 4
    assert RoleBackend().has_module_perms(User(role=Role.MARKETER), "journeys")
    assert not RoleBackend().has_module_perms(User(role=Role.SALES_REP), "journeys")
