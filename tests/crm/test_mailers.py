"""Mailers from the environment's words."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from crm.mailers import by_provider, by_smtp


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("smtp://127.0.0.1:2525", {"host": "127.0.0.1", "port": 2525}),
        ("smtp://mail.example.com", {"host": "mail.example.com", "port": 25}),
        (
            "smtp+starttls://kim%40example.com:a%2Fb%3Ac@mail.example.com:587",
            {
                "host": "mail.example.com",
                "port": 587,
                "username": "kim@example.com",
                "password": "a/b:c",
                "use_tls": True,
            },
        ),
        (
            "smtps://kim@mail.example.com:465",
            {"host": "mail.example.com", "port": 465, "username": "kim", "password": "", "use_ssl": True},
        ),
    ],
)
def test_smtp_address_becomes_options(url: str, options: dict[str, object]) -> None:
    assert by_smtp(url) == {"BACKEND": "campaigns.mailers.smtp.PipeliningBackend", "OPTIONS": options}


def test_provider_is_named_as_anymail_does() -> None:
    assert by_provider("mailgun") == {"BACKEND": "anymail.backends.mailgun.EmailBackend", "OPTIONS": {}}
    for wrong in ("Mailgun!", "base", "test"):
        with pytest.raises(ImproperlyConfigured, match="brevo, mailersend, mailgun"):
            by_provider(wrong)
