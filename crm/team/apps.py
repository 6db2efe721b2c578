"""Django's hook for crm.team."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class TeamConfig(AppConfig):
    name = "crm.team"
    label = "team"
    verbose_name = _("Team")

    def ready(self) -> None:
        """Register what the trail knows of the team, and put its triggers on all tables once they are migrated."""
        from crm.team.trail import watching
        from crm.team.trail.kinds import KINDS
        from crm.team.trail.team import TEAM_KINDS

        KINDS.register(*TEAM_KINDS)
        post_migrate.connect(watching.install, sender=self, dispatch_uid="trail")
