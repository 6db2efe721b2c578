"""The component gallery: every part of a page with made-up content. For developers and admins."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm.kit import clock
from crm.kit.charts import Chart
from crm.kit.paging import Page
from crm.team.permissions import Action, may


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name", help_text="As it stands on the business card.")
    email = forms.EmailField(label="E-mail", initial="not an address")
    stage = forms.ChoiceField(label="Stage", choices=[("a", "Discover"), ("b", "Educate")], required=False)
    note = forms.CharField(label="Note", widget=forms.Textarea({"rows": 2}), required=False)
    day = forms.DateField(label="Day", widget=forms.DateInput({"type": "date"}), required=False)
    channel = forms.ChoiceField(label="Channel", widget=forms.RadioSelect, choices=[("e", "E-mail"), ("s", "SMS")])
    agreed = forms.BooleanField(label="Agreed to news by e-mail")


CHARTS = (
    Chart(
        "c1",
        "area",
        ("Week", "Opened", "Clicked"),
        tuple((f"W{week}", 900 + week * 137 % 500, 200 + week * 71 % 260) for week in range(1, 13)),
    ),
    Chart(
        "c2",
        "stacked",
        ("Month", "New", "Came back"),
        (("Sep", 320, 80), ("Oct", 410, 130), ("Nov", 380, 190)),
    ),
    Chart(
        "c3", "funnel", ("Step", "People"), (("Delivered", 9800), ("Opened", 4300), ("Clicked", 900), ("Ordered", 140))
    ),
    Chart(
        "c4",
        "sankey",
        ("From", "To", "People"),
        (
            ("Discover", "Educate", 900),
            ("Educate", "Convert", 300),
            ("Educate", "Lost", 120),
            ("Convert", "Retain", 180),
        ),
    ),
    Chart(
        "c5",
        "heat",
        ("Joined", "Month", "Active"),
        tuple(
            (row, f"+{month}", 100 - month * 13 - index * 4)
            for index, row in enumerate(("Aug", "Sep", "Oct"))
            for month in range(6)
        ),
    ),
)


def style(request: HttpRequest) -> HttpResponse:
    """Show the gallery: to admins, and to everybody signed in where DEBUG is on."""
    if not (settings.DEBUG or may(request.user, Action.SETTINGS_EDIT)):
        raise PermissionDenied
    return render(request, "home/style.html", _sample())


def _sample() -> dict[str, Any]:
    now = clock.now()
    return {
        "now": now,
        "then": now - timedelta(days=40),
        "names": ["김서연", "Emma Park", "남궁민", "Søren Å"],
        "revenue": 12_400_000,
        "tabs": [{"label": "All", "url": "?", "current": True, "count": 12}, {"label": "Mine", "url": "?mine"}],
        "chips": [{"label": "Stage: Educate", "url": "?a"}, {"label": "Tag: 웨비나", "url": "?b"}],
        "page": Page(rows=[1], next_cursor="x", previous_cursor=""),
        "facts": [
            ("E-mail", "seoyeon@example.com"),
            ("Company", "한빛소프트"),
            ("Phone", "010-1234-5678"),
            ("Birthday", ""),
        ],
        "form": SampleForm({"email": "not an address"}),
        "charts": CHARTS,
    }
