"""Addresses of exports."""

from django.urls import URLPattern, path

from contacts.exports import views

urlpatterns: list[URLPattern] = [
    path("people/export/", views.choose, name="people-export"),
    path("exports/", views.overview, name="exports"),
    path("exports/new/<slug:kind>/", views.choose, name="export-new"),
    path("exports/<int:export_id>/", views.show, name="export"),
    path("exports/<int:export_id>/file/", views.download, name="export-file"),
    path("exports/<int:export_id>/stop/", views.stop, name="export-stop"),
]
