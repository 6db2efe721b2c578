"""The page of roles says what the matrix says, in both languages."""

import pytest

from crm.team.models import Role
from crm.team.permissions import Action, scope
from crm.team.role_words import HEADINGS
from crm.team.roles_page import table


def test_every_action_has_words_once():
    named = [action for _heading, actions in HEADINGS for action, _label in actions]
    assert sorted(named) == sorted(Action)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_page_shows_the_matrix(client, team, language):
    sara = team[Role.SALES_REP]
    sara.language = language
    sara.save()
    client.force_login(sara)
    answer = client.get("/team/roles/")
    assert answer.context["own"] == sara
    shown = [line.cells for _heading, lines in answer.context["table"] for line in lines]
    actions = [action for _heading, pairs in HEADINGS for action, _label in pairs]
    assert shown == [tuple(scope(team[role], action) for role in Role) for action in actions]
    assert answer.content.decode().count("<td>") == 5 * len(Action)


def test_table_reads_the_matrix_each_time(monkeypatch):
    from crm.team import permissions

    before = table()
    monkeypatch.setitem(permissions.MATRIX, Action.TRAIL_VIEW, {Role.ANALYST: permissions.Scope.ALL})
    assert table() != before
