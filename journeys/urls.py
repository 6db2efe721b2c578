"""Addresses of journeys outside of the admin."""

from django.urls import path

from journeys.views import acts, listing, live, person, report

app_name = "journeys"
urlpatterns = [
    path("journeys/", listing.journeys, name="journeys"),
    path("journeys/<int:journey_id>/", live.journey, name="journey"),
    path("journeys/<int:journey_id>/numbers/", live.numbers, name="journey-numbers"),
    path("journeys/<int:journey_id>/results/", report.show, name="journey-results"),
    path("journeys/<int:journey_id>/results/paths.csv", report.paths, name="journey-paths"),
    path("journeys/<int:journey_id>/<slug:verb>/", acts.act, name="journey-act"),
    path("people/<int:contact_id>/journeys/", person.trace, name="person"),
    path("people/<int:contact_id>/journeys/start/", person.start, name="person-start"),
    path("people/<int:contact_id>/journeys/<int:enrolment_id>/<slug:verb>/", person.guide, name="person-guide"),
]
