"""Django's hook for crm.home."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "crm.home"
    label = "home"

    def ready(self) -> None:
        """Let the follow process give signs of life and look at the alarms; number the jobs of workers."""
        from contacts.ledger.ticks import TICKS
        from crm.home.health import jobs
        from crm.home.health.alarms import LOOK
        from crm.home.health.heartbeats import HEARTBEAT
        from crm.home.trail import PLAN
        from crm.team.trail.kinds import KINDS

        TICKS.register(HEARTBEAT, LOOK)
        KINDS.register(PLAN)
        jobs.connect()
