"""Addresses of the settings of stages."""

from django.urls import URLPattern, path

from contacts.stages import views

urlpatterns: list[URLPattern] = [
    path("settings/stages/", views.overview, name="stage-models"),
    path("settings/stages/<int:model_id>/", views.choose, name="stage-model"),
]
