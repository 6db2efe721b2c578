"""The page of what a journey brought: who may open it, and its figures as a file."""

from datetime import timedelta

import pytest
from django.urls import reverse

from journeys.views.report import points, span

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["journey-results", "journey-paths"])
def test_who_may_look(world, team, as_, client, name):
    place = reverse(f"journeys:{name}", args=[world.journey.pk])
    assert client.get(place).status_code == 302
    for key, user in vars(team).items():
        assert as_(user).get(place).status_code == (403 if key in ("rob", "rita") else 200), key


def test_page_has_the_figures(world, team, as_):
    page = as_(team.ana).get(reverse("journeys:journey-results", args=[world.journey.pk]))
    [total, first] = page.context["conversions"]
    assert (total["led"], total["converted"], total["added"], first["number"]) == (6, 1, None, 1)
    assert [(row["came"], row["left"]["n"]) for row in page.context["rows"]] == [(6, 0), (6, 0), (5, 0)]


def test_paths_as_a_file(world, team, as_):
    answer = as_(team.ana).get(reverse("journeys:journey-paths", args=[world.journey.pk]) + "?days=7")
    assert answer.content.decode().splitlines() == [
        "\ufeffFrom,To,People",
        f"Start,Send the mail “{world.template}”,6",
        f"Send the mail “{world.template}”,Tiny,6",
        "Tiny,Tiny (2),5",
    ]
    assert "paths-Welcome.csv" in answer.headers["Content-Disposition"]


def test_lengths_and_points_in_words():
    lengths = [timedelta(seconds=20), timedelta(minutes=1), timedelta(hours=5), timedelta(hours=49)]
    assert [span(length) for length in lengths] == ["less than a minute", "1 minute", "5 hours", "2 days"]
    assert [points(0.0123), points(-0.2)] == ["+1.2 points", "−20.0 points"]
