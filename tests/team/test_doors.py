"""Every URL of the team, home and the admin, by every role and by guests."""

import pytest
from django.urls import reverse

from crm.team.models import Role

R = [Role.ADMIN, Role.MARKETER, Role.SALES_REP, Role.CUSTOMER_SUCCESS, Role.ANALYST]
#                                      guest | admin marketer rep success analyst
DOORS = {
    "/": (302, 200, 200, 200, 200, 200),
    "/search/": (302, 200, 200, 200, 200, 200),
    "/style/": (302, 200, 403, 403, 403, 403),
    "/health/": (302, 200, 200, 403, 403, 200),
    "/health/restored/": (302, 200, 403, 403, 403, 403),
    "/healthz": (200, 200, 200, 200, 200, 200),
    "/team/login/": (200, 302, 302, 302, 302, 302),
    "/team/reset/": (200, 200, 200, 200, 200, 200),
    "/team/reset/sent/": (200, 200, 200, 200, 200, 200),
    "/team/reset/x/y/": (200, 200, 200, 200, 200, 200),
    "/team/profile/": (302, 200, 200, 200, 200, 200),
    "/team/company/": (302, 200, 403, 403, 403, 403),
    "/team/password/": (302, 200, 200, 200, 200, 200),
    "/team/roles/": (302, 200, 200, 200, 200, 200),
    "/people/hand-over/0/": (302, 404, 403, 403, 403, 403),
    "/team/login/code/": (302, 302, 302, 302, 302, 302),
    "/team/second-factor/": (302, 200, 200, 200, 200, 200),
    "/team/second-factor/set-up/": (302, 200, 200, 200, 200, 200),
    "/team/second-factor/codes/": (302, 405, 405, 405, 405, 405),
    "/team/second-factor/remove/": (302, 405, 405, 405, 405, 405),
    "/team/sign-ins/": (302, 200, 200, 200, 200, 200),
    "/team/sign-ins/end/": (302, 405, 405, 405, 405, 405),
    "/team/sign-ins/0/end/": (302, 405, 405, 405, 405, 405),
    "/team/users/0/sign-ins/": (302, 404, 404, 404, 404, 404),
    "/team/users/0/sign-ins/end/": (302, 405, 405, 405, 405, 405),
    "/team/users/0/second-factor/reset/": (302, 405, 405, 405, 405, 405),
    "/team/trail/": (302, 200, 403, 403, 403, 403),
    "/team/trail/trail.csv": (302, 200, 403, 403, 403, 403),
    "/team/trail/of/segment/": (302, 200, 200, 200, 200, 200),
    "/team/trail/of/company/": (302, 200, 404, 404, 404, 404),
    "/team/notices/": (302, 200, 200, 200, 200, 200),
    "/team/logout/": (302, 405, 405, 405, 405, 405),
    "/team/preferences/": (405, 405, 405, 405, 405, 405),
    "/admin/": (302, 200, 200, 302, 302, 302),
    "/admin/login/": (302, 403, 403, 403, 403, 403),
    "/admin/password_change/": (302, 302, 302, 302, 302, 302),
    "/admin/team/user/": (302, 200, 403, 302, 302, 302),
    "/admin/team/user/add/": (302, 200, 403, 302, 302, 302),
    "/nowhere/": (404, 404, 404, 404, 404, 404),
}


@pytest.mark.parametrize("path", DOORS)
def test_door(client, team, path):
    seen = [client.get(path).status_code]
    for role in R:
        client.force_login(team[role])
        seen.append(client.get(path).status_code)
    assert tuple(seen) == DOORS[path]


def test_refused_by_the_admin_is_said_once_and_not_in_a_loop(client, team):
    client.force_login(team[Role.SALES_REP])
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 403
    assert "The set-up pages are not part of your role." in answer.content.decode()


def test_guest_of_the_admin_comes_back_to_it_after_the_one_log_in(client, team):
    answer = client.get("/admin/team/user/", follow=True)
    assert answer.redirect_chain[-1][0] == "/team/login/?next=/admin/team/user/"
    assert answer.templates[0].name == "team/login.html"


def test_policy_is_strict_everywhere_and_loose_below_the_admin_alone(client, alice):
    client.force_login(alice)
    strict = client.get(reverse("home")).headers["Content-Security-Policy"]
    loose = client.get("/admin/").headers["Content-Security-Policy"]
    assert "unsafe" not in strict
    assert "default-src 'none'" in strict
    assert "'unsafe-eval'" in loose
    assert "script-src 'self'" in loose
    assert "'unsafe-inline'" not in loose.split("script-src")[1].split(";")[0]
    assert "unsafe" not in client.get("/nowhere/").headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/team/profile/", "/search/", "/style/", "/team/reset/"])
def test_pages_carry_no_inline_script_style_or_handler(client, alice, path):
    import re

    client.force_login(alice)
    html = client.get(path).content.decode()
    assert not re.search(r"\sstyle=", html)
    assert not re.search(r"\son[a-z]+=", html)
    assert not re.search(r"<style|javascript:", html)
    scripts = re.findall(r"<script([^>]*)>", html)
    assert all("src=" in attributes or "application/json" in attributes for attributes in scripts)


def test_frame_costs_three_queries(client, alice, django_assert_num_queries):
    client.force_login(alice)
    with django_assert_num_queries(3):  # session, user, how many notices are new
        client.get("/team/password/")


@pytest.mark.parametrize(("path", "status"), [("/nowhere/", 404), ("/style/", 403)])
def test_error_pages_are_whole_pages_with_a_way_back(client, team, path, status):
    client.force_login(team[Role.ANALYST])
    answer = client.get(path)
    assert answer.status_code == status
    assert 'class="wf-side"' in answer.content.decode()


def test_page_of_a_fault_stands_alone():
    from django.template.loader import render_to_string

    assert "Something broke on our side" in render_to_string("500.html")
