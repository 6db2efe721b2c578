"""Files that are fetched: by the one door, when they changed, with the choices of before; failures are told."""

import contextlib
import importlib
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from contacts.imports import sources
from contacts.imports.errors import BadPlan
from contacts.imports.models import ImportJob, ImportSource, Step
from contacts.imports.tasks import worker
from contacts.people.models import Contact
from crm.kit.work import WorkState
from crm.team.models import Notice
from tests.contacts.imports.running import NOW, imported

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class Shelf:
    """A server with one file; answers 304 to whoever knows its tag, and keeps the headers it got."""

    def __init__(self) -> None:
        self.data, self.tag, self.status, self.got = b"", '"1"', 200, []
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                shelf.got.append(dict(self.headers))
                same = self.headers.get("If-None-Match") == shelf.tag and shelf.status == 200
                self.send_response(304 if same else shelf.status)
                self.send_header("ETag", shelf.tag)
                self.send_header("Content-Length", "0" if same else str(len(shelf.data)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(b"" if same else shelf.data)

            def log_message(self, *_args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/people.csv"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def shelf(settings):
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    one = Shelf()
    yield one
    one.close()


@pytest.fixture
def source(alice, shelf) -> ImportSource:
    job = imported(alice, b"email,name\na@example.com,A\n")
    return sources.repeat(job, alice, url=shelf.url, every="day", header_name="X-Key", header_value="s3cret", now=NOW)


def fetched(now) -> None:
    while sources.fetch_due(now):
        pass
    while worker.run_due(lambda: now):
        pass


def test_a_changed_file_is_imported_by_itself_and_an_unchanged_one_is_not_read(shelf, source):
    shelf.data = b"name,extra,email\nNew,x,a@example.com\nB,y,b@example.com\n"
    fetched(NOW)
    assert dict(Contact.objects.values_list("email", "name")) == {"a@example.com": "New", "b@example.com": "B"}
    job = source.jobs.get()
    assert (job.step, job.rows_new, job.rows_changed, shelf.got[0]["X-Key"]) == (Step.FINISHED, 1, 1, "s3cret")
    fetched(NOW)
    assert len(shelf.got) == 1
    fetched(NOW + DAY)
    assert (len(shelf.got), shelf.got[1]["If-None-Match"], ImportJob.objects.count()) == (2, '"1"', 2)
    shelf.tag, shelf.data = '"2"', b"email,name\nc@example.com,C\n"
    fetched(NOW + 2 * DAY)
    assert Contact.objects.count() == 3


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        (b"x", 500, "answered with 500"),
        (b"x", 302, "redirects to another"),
        (b"mail\na@example.com\n", 200, "no longer has the column “email”"),
        (b"", 200, "The file is empty"),
    ],
)
def test_failures_are_told_and_after_five_it_is_off(alice, shelf, source, data, status, reason):
    before = (Contact.objects.count(), ImportJob.objects.exclude(state=WorkState.CANCELLED).count())
    shelf.data, shelf.status = data, status
    for day in range(sources.MOST_FAILURES + 2):
        fetched(NOW + day * DAY)
    source.refresh_from_db()
    assert (source.state, source.failures, len(shelf.got)) == (WorkState.FAILED, 5, 5)
    assert reason in source.last_error
    told = list(Notice.objects.filter(user=alice).order_by("pk").values_list("text", flat=True))
    assert (len(told), reason in told[0], "switched off" in told[4]) == (5, True, True)
    assert (Contact.objects.count(), ImportJob.objects.exclude(state=WorkState.CANCELLED).count()) == before
    sources.switch(source, on=True, now=NOW)
    assert (source.is_on, source.failures, source.last_error) == (True, 0, "")


def test_private_and_too_large_are_refused(alice, shelf, source, settings, monkeypatch):
    monkeypatch.setattr(sources, "MOST_BYTES", 10)
    shelf.data = b"email\n" + b"a" * 100
    fetched(NOW)
    source.refresh_from_db()
    assert "larger than" in source.last_error
    settings.OUTGOING_NETWORKS = []
    fetched(NOW + DAY)
    source.refresh_from_db()
    assert "private network" in source.last_error
    assert len(shelf.got) == 1
    job = ImportJob.objects.get()
    for bad in ({"url": "ftp://a.example/x"}, {"header_name": "X"}, {"header_name": "X-Key", "header_value": "a\r\nb"}):
        with pytest.raises(BadPlan):
            sources.repeat(job, alice, **{"url": shelf.url, "every": "day", "now": NOW, **bad})
    assert ImportSource.objects.count() == 1


def test_pages_set_up_show_and_delete_without_the_secret(alice, shelf, source):
    client = Client()
    client.force_login(alice)
    page = client.get(reverse("contacts:import_sources")).content.decode()
    assert (shelf.url in page, "s3cret" in page) == (True, False)
    job = ImportJob.objects.get()
    repeat = reverse("contacts:import_repeat", args=[job.pk])
    assert client.post(repeat, {"url": "nowhere", "every": "day"}).status_code == 422
    assert client.post(repeat, {"url": shelf.url, "every": "hour"}).status_code == 302
    assert list(ImportSource.objects.order_by("pk").values_list("every", flat=True)) == ["day", "hour"]
    for verb in ("stop", "start", "delete"):
        client.post(reverse("contacts:import_source_act", args=[source.pk, verb]))
    assert list(ImportSource.objects.values_list("every", flat=True)) == ["hour"]


def test_the_secret_is_sealed_and_with_another_key_its_loss_is_told(shelf, source, settings):
    source.refresh_from_db()
    assert "s3cret" not in source.header_value
    settings.SECRET_KEY = "another"
    fetched(NOW)
    source.refresh_from_db()
    assert ("can no longer be read" in source.last_error, shelf.got) == (True, [])


def test_plain_secrets_of_before_are_sealed_by_the_migration(shelf, source):
    migration = importlib.import_module("contacts.migrations.0051_seal_headers")
    ImportSource.objects.update(header_value="pl4in")
    migration._seal(apps, None)
    source.refresh_from_db()
    assert "pl4in" not in source.header_value
    shelf.data = b"email,name\na@example.com,A\n"
    fetched(NOW)
    assert shelf.got[0]["X-Key"] == "pl4in"
    migration._unseal(apps, None)
    source.refresh_from_db()
    assert source.header_value == "pl4in"
