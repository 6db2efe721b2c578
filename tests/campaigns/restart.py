"""A cluster of its own with full durability, two workers, and a SIGQUIT to PostgreSQL in mid-send."""

import os
import signal
import time
from collections import Counter
from pathlib import Path

import django

PEOPLE = 3_000


def main() -> None:
    """Send, stop PostgreSQL at once, start it again, and prove the promise."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from crm.runtime.postgres import cluster

    with cluster(settings.VAR_DIR) as running:
        running.create_database("wayfare")
        call_command("migrate", verbosity=0)
        from contacts.consent.models import Decision
        from tests.campaigns.conftest import decide, make_campaign, make_people
        from tests.campaigns.killing import finished, kinds_by_message, launched, start_worker, wait_for
        from tests.campaigns.smtp_server import SmtpServer

        with SmtpServer() as server:
            settings.MAILERS = {"default": server.mailer()}
            people = make_people(PEOPLE)
            decide(people, Decision.GRANTED)
            dispatch = launched(make_campaign(people))
            journal = Path(settings.VAR_DIR) / "journal"
            workers = [start_worker(server, journal) for _ in range(2)]
            assert wait_for(lambda: len(server.taken) > PEOPLE // 3), "nothing was sent"
            connection.close()
            connection.close_pool()
            os.kill(running.process.pid, signal.SIGQUIT)
            running.process.wait(30)
            running.process = None
            assert len(server.taken) < PEOPLE
            time.sleep(0.5)
            running.start()
            ended = [worker.wait(90) for worker in workers]
            assert ended == [0, 0], (journal.parent / "worker.log").read_text()[-3000:]
            assert finished(dispatch)
            arrived = Counter(taken.message_id for taken in server.taken)
            assert len(arrived) == len(server.taken) == PEOPLE, (len(arrived), len(server.taken))
            kinds = kinds_by_message(dispatch)
            assert len(kinds) == PEOPLE
            assert all(dict(counted) == {"mail.sent": 1} for counted in kinds.values())
        connection.close()
        connection.close_pool()
    print("all sent once, all written")  # noqa: T201


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main()
