"""In a cluster of its own: restore a back-up, let everything that sends try, then let it go and count what arrives."""

import json
import os
import sys
from pathlib import Path

import django


def main(backup: str) -> None:
    """Tell as JSON what was sent before and after a person let it go, and what the followers counted."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from campaigns.campaign import launch
    from campaigns.notices import sending as consent_notices
    from campaigns.sending.worker import Worker
    from contacts.ledger.append import NewEvent, append
    from contacts.ledger.follow import catch_up
    from contacts.ledger.models import Event, SubjectCounter
    from contacts.opt_in import mailing
    from contacts.people.models import Contact
    from crm.home.health import restored
    from crm.kit import clock
    from crm.runtime.postgres import RELAXED, cluster
    from crm.team import hold, notices
    from journeys.calls.calling import call_due
    from tests.campaigns.smtp_server import SmtpServer

    def try_everything() -> int:
        with Worker(clock.now) as worker:
            units = worker.work()
        sent = notices.mail_due(clock.now) + mailing.send_due(clock.now) + consent_notices.send_due(clock.now)
        return units + sent + call_due(clock.now) + len(launch.launch_due(clock.now()))

    def sent_by_count() -> int:
        rows = SubjectCounter.objects.filter(kind__key="mail.sent", subject__type="dispatch")
        return sum(rows.values_list("n", flat=True))

    with cluster(Path(settings.VAR_DIR), settings=RELAXED) as own, SmtpServer() as server:
        settings.MAILERS = {"default": server.mailer()}
        own.create_database("wayfare")
        call_command("restore", backup, stdout=sys.stderr)
        told = {"held": hold.is_held(), "tried": try_everything(), "left": len(server.taken)}
        told["before"] = sent_by_count()
        told["waits"] = restored.waiting(clock.now()).mails
        # A hit that comes in before anybody has let go must be followed, and what was followed not once more.
        person = Contact.objects.order_by("pk").first()
        append([NewEvent(person.pk, "page.viewed", clock.now())], source="t", now=clock.now())
        catch_up(clock.now())
        told["still"] = sent_by_count()
        told["above"] = Event.objects.latest("pk").tx > max(
            Event.objects.exclude(kind__key="page.viewed").values_list("tx", flat=True)
        )
        told["let_go"] = [restored.let_go(), restored.let_go(), hold.is_held()]
        try_everything()
        catch_up(clock.now())
        told["mails"] = sorted(mail.recipient for mail in server.taken)
        told["counted"] = sent_by_count()
        connection.close()
        connection.close_pool()
    print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main(sys.argv[1])
