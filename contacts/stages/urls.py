"""Addresses of the settings of stages."""

from django.urls import URLPattern, path

from contacts.stages.views import models, rules

urlpatterns: list[URLPattern] = [
    path("settings/stages/", models.overview, name="stage-models"),
    path("settings/stages/<int:model_id>/", models.choose, name="stage-model"),
    path("settings/stages/rules/<int:stage_id>/", rules.settings, name="stage-rule"),
    path("settings/stages/rules/<int:stage_id>/<str:side>/", rules.side, name="stage-rule-side"),
]
