"""The files of deploy/ name settings, commands and files that exist. No container is started here."""

import configparser
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

DEPLOY = Path(settings.BASE_DIR) / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
ROLES = {"web", "worker", "beat", "follow"}
OTHERS = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def known_settings() -> set[str]:
    variables = settings.ENVIRONMENT.variables
    return {one.name for one in variables} | {f"{one.name}_FILE" for one in variables if one.secret}


def check_command(words: list[str]) -> str:
    """Fail unless the product has what the command line starts; return the role."""
    assert Path(words[0]).name == "python", words
    if words[1] == "manage.py":
        assert words[2] in get_commands(), words
        return words[2]
    assert words[1] == "-m"
    if words[2] == "celery":
        assert words[3:5] == ["--app", "crm.celery"]
        return words[5]
    assert words[2] == "granian"
    assert words[-1] == "crm.asgi:application"
    return "web"


def compose() -> dict:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def words_of_image() -> list[str]:
    text = (DEPLOY / "Containerfile").read_text()
    return json.loads(re.search(r"^CMD (\[.*\])$", text, re.MULTILINE)[1])


def test_compose_has_every_process_with_commands_that_exist() -> None:
    services = compose()["services"]
    assert set(services) == ROLES | {"database", "broker", "migrate"}
    for role in ROLES:
        one = services[role]
        command = shlex.split(one["command"]) if "command" in one else words_of_image()
        assert check_command(command) == role
        assert one["stop_grace_period"] == "35s"
        assert one["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert check_command(shlex.split(services["migrate"]["command"])) == "migrate"
    assert services["database"]["image"].endswith("postgres:18")


def test_compose_names_settings_secrets_and_volumes_that_exist() -> None:
    whole = compose()
    for name in ROLES | {"migrate"}:
        one = whole["services"][name]
        assert set(one["environment"]) <= known_settings()
        for key, value in one["environment"].items():
            if key.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in one["secrets"]
        assert set(one["secrets"]) <= set(whole["secrets"])
        for volume in one["volumes"]:
            volume_name, place = volume.split(":")
            assert volume_name in whole["volumes"]
            assert place in ("/app/var/media", "/app/var/journal")
    journals = [
        volume for one in whole["services"].values() for volume in one.get("volumes", []) if volume.endswith("journal")
    ]
    assert len(journals) == len(set(journals)) == 2  # a journal is of one machine's workers, never shared


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_unit_starts_what_exists_and_gives_it_time_to_end(unit: Path) -> None:
    lines = configparser.RawConfigParser(strict=False)
    lines.optionxform = str
    lines.read_string(unit.read_text())
    service = lines["Service"]
    assert check_command(shlex.split(service["ExecStart"])) == unit.stem.removeprefix("wayfare-")
    assert (service["KillSignal"], service["TimeoutStopSec"]) == ("SIGTERM", "35")
    given = re.findall(r"^Environment=(.*)$", unit.read_text(), re.MULTILINE)
    pairs = [pair.split("=", 1) for line in given for pair in line.split()]
    assert {name for name, _ in pairs} <= known_settings()
    credentials = re.findall(r"^LoadCredential=(\w+):", unit.read_text(), re.MULTILINE)
    assert {value.removeprefix("%d/") for name, value in pairs if name.endswith("_FILE")} == set(credentials)


def test_units_are_the_processes_of_the_target() -> None:
    assert {unit.stem.removeprefix("wayfare-") for unit in UNITS} == ROLES
    target = (DEPLOY / "systemd/wayfare.target").read_text()
    assert set(re.findall(r"wayfare-(\w+)\.service", target)) == ROLES


def test_image_is_of_our_python_copies_what_exists_and_sets_what_is_known() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    version = (settings.BASE_DIR / ".python-version").read_text().strip()
    assert f"python:{version}-slim" in text
    for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE):
        *sources, _target = line.split()
        assert all((settings.BASE_DIR / source).exists() for source in sources), line
    names = set(re.findall(r"\b([A-Z][A-Z_]{3,})=", re.sub(r"^#.*$", "", text, flags=re.MULTILINE)))
    assert names <= known_settings() | OTHERS
    for command in re.findall(r"manage\.py (\w+)", text):
        assert command in get_commands()
    assert check_command(words_of_image()) == "web"
    assert "node.py ci" in text


def test_example_of_settings_is_taken_by_the_product() -> None:
    lines = [line for line in (DEPLOY / "wayfare.env.example").read_text().splitlines() if line and line[0] != "#"]
    given = dict(line.split("=", 1) for line in lines)
    assert set(given) <= known_settings()
    needed = {
        "SECRET_KEY": "0123456789-of-a-server-" * 3,
        "DATABASE_URL": "postgres://a:b@127.0.0.1:1/c",
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
        "SMTP_URL": "smtps://a:b@mail.example.com",
        "DJANGO_SETTINGS_MODULE": "crm.settings",
    }
    ran = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=settings.BASE_DIR, env={"PATH": "/usr/bin:/bin", **given, **needed}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_proxy_keeps_metrics_inside_and_passes_the_request_on(name: str) -> None:
    text = (DEPLOY / "proxy" / name).read_text()
    assert text.count("{") == text.count("}")
    assert "/metrics" in text
    assert "127.0.0.1:8000" in text
    assert "X-Request-ID" in text
    if name == "nginx.conf":
        assert "X-Forwarded-Proto $scheme" in text
        assert "X-Forwarded-For $proxy_add_x_forwarded_for" in text


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set"),
        ("SEND_ONLY_TO", "nonsense", "SEND_ONLY_TO: 'nonsense' is neither an address nor a domain"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT must be one of text, json, not 'xml'"),
        ("UPLOADS", "s3", "UPLOADS must be a JSON object"),
        ("HEALTH_LAG_SECONDS", "0", "HEALTH_LAG_SECONDS must be a number above zero"),
        ("BASE_URL", "ftp://x", "BASE_URL must start with one of"),
    ],
)
def test_wrong_setting_stops_the_start_with_what_to_do(name: str, value: str, words: str) -> None:
    given = {"SECRET_KEY": "x" * 60, "DATABASE_URL": "postgres://a:b@127.0.0.1:1/c", "PATH": "/usr/bin:/bin"}
    given |= {"DJANGO_SETTINGS_MODULE": "crm.settings", name: value}
    ran = subprocess.run(
        [sys.executable, "-c", "import crm.settings"],
        cwd=settings.BASE_DIR, env=given, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode != 0
    assert words in ran.stderr.splitlines()[-1]


def test_uploads_go_where_the_setting_says() -> None:
    given = {
        "SECRET_KEY": "x" * 60,
        "DATABASE_URL": "postgres://a:b@127.0.0.1:1/c",
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "UPLOADS": '{"BACKEND": "django.core.files.storage.InMemoryStorage", "OPTIONS": {"base_url": "/m/"}}',
        "PATH": "/usr/bin:/bin",
    }
    script = (
        "import django; django.setup()\n"
        "from contacts.imports.models import ImportJob\n"
        "from django.core.files.base import ContentFile\n"
        "storage = ImportJob._meta.get_field('file').storage\n"
        "storage.exists('x')\n"
        "print(type(getattr(storage, '_wrapped', storage)).__name__)\n"
        "print(storage.save('a/b.csv', ContentFile(b'1')))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR, env=given, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.stdout.split() == ["InMemoryStorage", "a/b.csv"], ran.stderr[-2000:]
