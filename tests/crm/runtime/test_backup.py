"""A real dump, restored into a new cluster, sends nothing until a person lets it go; then everything once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as product
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from campaigns.sending.worker import Worker
from contacts.consent.models import Decision
from contacts.ledger.follow import catch_up
from crm.home.health import restored
from crm.kit import clock
from crm.team import hold, notices
from crm.team.models import Role, User
from tests.campaigns.conftest import decide, make_campaign, make_people, smtp  # noqa: F401 - a fixture
from tests.campaigns.killing import launched


@pytest.mark.django_db(transaction=True)
def test_restored_back_up_sends_nothing_until_let_go_and_then_all_once(smtp, tmp_path, settings):  # noqa: F811
    settings.MEDIA_ROOT = tmp_path / "media"
    (settings.MEDIA_ROOT / "imports").mkdir(parents=True)
    (settings.MEDIA_ROOT / "imports" / "one.csv").write_text("이름,이메일\n")
    early, late = make_people(3, prefix="early"), make_people(5, prefix="late")
    decide(early + late, Decision.GRANTED)
    launched(make_campaign(early))
    with Worker(clock.now) as worker:
        worker.work()
    catch_up(clock.now())
    assert len(smtp.taken) == 3
    launched(make_campaign(late))
    user = User.objects.create_user("alice@example.com", name="Alice", role=Role.ADMIN)
    notices.tell([notices.News(user, "hello")], by_mail=True, now=clock.now())
    place = tmp_path / "backup"
    call_command("backup", place)
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", place)
    with pytest.raises(CommandError, match="is not empty"):
        call_command("restore", place)
    assert not hold.is_held()

    home = tmp_path / "var"
    environment = {**os.environ, "WAYFARE_VAR": str(home), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    environment.pop("DATABASE_URL", None)
    environment.pop("WAYFARE_DATABASE", None)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.crm.runtime.restored", str(place)],
        cwd=product.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told == {
        "held": True,
        "tried": 0,
        "left": 0,
        "before": 3,
        "waits": 5,
        "still": 3,
        "above": True,
        "let_go": [True, False, False],
        "mails": ["alice@example.com", *[f"late{number}@example.com" for number in range(5)]],
        "counted": 8,
    }
    assert (home / "media" / "imports" / "one.csv").read_text() == "이름,이메일\n"


@pytest.mark.django_db
def test_directory_without_a_back_up_is_refused(tmp_path: Path):
    with pytest.raises(CommandError, match="holds no back-up"):
        call_command("restore", tmp_path)
    (tmp_path / "about.json").write_text("[]")
    with pytest.raises(CommandError, match="holds no back-up"):
        call_command("restore", tmp_path)


@pytest.mark.django_db
def test_what_holds_a_database(settings):
    assert not hold.is_held()
    settings.INSTALL_NAME = "seoul-2"
    assert hold.is_held()
    assert hold.release()
    assert not hold.is_held()
    assert not hold.release()
    with connection.cursor() as cursor, transaction.atomic():  # what a dump into the same database leaves
        cursor.execute("CREATE TABLE other (mark text); INSERT INTO other SELECT mark FROM install_home")
        cursor.execute("DROP TABLE install_home; ALTER TABLE other RENAME TO install_home")
    assert hold.is_held()


@pytest.mark.django_db
def test_role_without_rights_of_its_own_can_ask(settings):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE ROLE plain_of_test; GRANT SELECT ON install_home TO plain_of_test; SET ROLE plain_of_test"
        )
        cursor.execute("SELECT sending_held(%s)", [settings.INSTALL_NAME])
        assert cursor.fetchone() == (False,)
        cursor.execute("RESET ROLE")


@pytest.mark.django_db
def test_pages_say_so_and_an_admin_lets_go(client, settings):
    alice = User.objects.create_user("alice@example.com", name="Alice", role=Role.ADMIN)
    bob = User.objects.create_user("bob@example.com", name="Bob", role=Role.MARKETER)
    client.force_login(alice)
    assert "Nothing is held" in client.get("/health/restored/").content.decode()
    settings.INSTALL_NAME = "moved"
    client.force_login(bob)
    html = client.get("/team/profile/").content.decode()
    assert "nothing is sent until an admin lets it go" in html
    assert "/health/restored/" not in html
    assert client.post("/health/restored/").status_code == 403
    assert hold.is_held()
    client.force_login(alice)
    assert "/health/restored/" in client.get("/team/profile/").content.decode()
    assert "What would leave at once" in client.get("/health/restored/").content.decode()
    assert hold.is_held()
    assert client.post("/health/restored/").status_code == 302
    assert not hold.is_held()
    assert "nothing is sent" not in client.get("/team/profile/").content.decode()
    assert restored.let_go() is False
