"""Django's hook for journeys."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "journeys"
    label = "journeys"
