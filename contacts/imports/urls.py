"""Addresses of the import pages."""

from django.urls import path, re_path

from contacts.imports import source_views, views

urlpatterns = [
    path("imports/", views.import_list, name="imports"),
    path("imports/new/", views.upload, name="import_upload"),
    path("imports/addresses/", source_views.source_list, name="import_sources"),
    path("imports/<int:import_id>/repeat/", source_views.repeat, name="import_repeat"),
    re_path(
        r"^imports/addresses/(?P<source_id>\d+)/(?P<verb>start|stop|delete)/$",
        source_views.act,
        name="import_source_act",
    ),
    path("imports/<int:import_id>/", views.show, name="import"),
    path("imports/<int:import_id>/reading/", views.read_again, name="import_reading"),
    path("imports/<int:import_id>/choices/", views.choose, name="import_choices"),
    path("imports/<int:import_id>/progress/", views.progress, name="import_progress"),
    path("imports/<int:import_id>/refused.csv", views.refused, name="import_refused"),
    re_path(r"^imports/(?P<import_id>\d+)/(?P<verb>start|back|cancel|undo)/$", views.act, name="import_act"),
]
