"""`check --deploy` tells what a server lacks, each fault by its own id with a hint."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError, SystemCheckError
from django.db import models

from crm.environment import Environment
from crm.runtime.checks import server

GOOD = {
    "EMBEDDED": False,
    "BROKER_EMBEDDED": False,
    "SECURE": True,
    "DEFAULT_FROM_EMAIL": "CRM <crm@company.example>",
    "ENVIRONMENT": Environment({"SMTP_URL": "smtps://mail.example.com"}),
}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, []),
        ({"EMBEDDED": True}, ["wayfare.E001"]),
        ({"BROKER_EMBEDDED": True}, ["wayfare.E002"]),
        ({"ENVIRONMENT": Environment({})}, ["wayfare.E003"]),
        ({"ENVIRONMENT": Environment({"SMTP_URL_FILE": "/run/secrets/smtp"})}, []),
        ({"ENVIRONMENT": Environment({"MAIL_PROVIDER": "mailgun"})}, []),
        ({"SECURE": False}, ["wayfare.E004"]),
        ({"DEFAULT_FROM_EMAIL": "Wayfare <wayfare@localhost>"}, ["wayfare.W005"]),
    ],
)
def test_each_fault_has_its_own_id_and_hint(settings, wrong: dict[str, object], told: list[str]) -> None:
    for name, value in (GOOD | wrong).items():
        setattr(settings, name, value)
    found = server(None)
    assert [fault.id for fault in found] == told
    assert all(fault.hint for fault in found)


def test_check_deploy_fails_on_this_test_install() -> None:
    with pytest.raises(SystemCheckError, match=r"wayfare\.E001"):
        call_command("check", deploy=True)


def test_model_without_its_migration_is_named_without_asking_a_database() -> None:
    call_command("checkmigrations")
    from crm.team.models import User

    field = models.CharField(max_length=3, default="")
    field.contribute_to_class(User, "shoe_size")
    try:
        with pytest.raises(CommandError, match="team: Add field shoe_size to user"):
            call_command("checkmigrations")
    finally:
        User._meta.local_fields.remove(field)
        User._meta._expire_cache()
        del User.shoe_size
