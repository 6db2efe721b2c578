"""`make run`: the whole product on one machine, until Ctrl-C."""

import signal
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm.kit.clock import now
from crm.runtime import demo
from crm.runtime.launch import Install, LaunchError, Plan
from crm.runtime.postgres import PostgresError
from crm.runtime.valkey import ValkeyError

LOOPBACK = ("127.0.0.1", "localhost")


def plan() -> Plan:
    """Read from settings and environment what is to be started. Raises LaunchError."""
    if settings.DEMO and settings.HOST not in LOOPBACK and not settings.ENVIRONMENT.has("DEMO_PASSWORD"):
        raise LaunchError(
            f"HOST={settings.HOST} lets others in, and demo log-ins are known to all: set DEMO_PASSWORD, or DEMO=0."
        )
    return Plan(
        var=Path(settings.VAR_DIR),
        host=settings.HOST,
        port=settings.PORT,
        smtp_port=settings.SMTP_PORT,
        database=settings.EMBEDDED,
        broker=settings.BROKER_EMBEDDED,
        mailbox=settings.MAILBOX,
        demo=settings.DEMO,
    )


class Command(BaseCommand):
    help = "Start Wayfare on this machine: database, broker, web, workers and a local mailbox. Ctrl-C stops it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, show one screen, keep running, stop."""
        started = time.monotonic()
        try:
            install = Install(plan(), self.say)
        except LaunchError as error:
            raise CommandError(str(error)) from None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: setattr(install.supervisor, "stopping", True))
        self.say("Starting Wayfare …")
        try:
            install.start(now)
            if not install.supervisor.stopping:
                self.say(screen(install.plan, time.monotonic() - started))
            install.watch()
        except (LaunchError, PostgresError, ValkeyError) as error:
            raise CommandError(str(error)) from None
        finally:
            self.say("Stopping …")
            clean = install.stop()
        self.say("Stopped." if clean else "Stopped, not all of it by itself.")

    def say(self, line: str) -> None:
        """Print one line at once."""
        self.stdout.write(line)
        self.stdout.flush()


def screen(running: Plan, seconds: float) -> str:
    """Return the one screen a person sees: where, as whom, and what to try first."""
    address = f"http://{running.host}:{running.port}"
    lines = [f"\n  Wayfare is ready ({seconds:.0f} s):  {address}/\n"]
    if running.demo:
        lines += [f"  Log in with the password  {settings.DEMO_PASSWORD}  as"]
        lines += [f"    {role.label!s:<18} {email}" for role, email, _ in demo.PEOPLE]
        lines += [
            "\n  Try first",
            "    as the marketer   open People, then a person: everything known of them is on one page",
            "    as the sales rep  open My leads on a phone's width",
        ]
    else:
        lines += [f"  Nobody can log in yet. Make the first admin:  {address}/team/first-admin/"]
    if running.mailbox:
        lines += [f"\n  No mail leaves this machine: read them at  {address}/mailbox/"]
    lines += [f"\n  Data and logs are in {running.var}. Ctrl-C stops everything.\n"]
    return "\n".join(lines)
