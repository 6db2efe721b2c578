"""Django's hook for crm.team."""

from django.apps import AppConfig


class TeamConfig(AppConfig):
    name = "crm.team"
    label = "team"
