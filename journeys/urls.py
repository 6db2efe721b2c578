"""Addresses of journeys outside of the admin."""

from django.urls import path

from journeys.views import listing, live

app_name = "journeys"
urlpatterns = [
    path("journeys/", listing.journeys, name="journeys"),
    path("journeys/<int:journey_id>/", live.journey, name="journey"),
    path("journeys/<int:journey_id>/numbers/", live.numbers, name="journey-numbers"),
]
