"""Who imports, and where files go."""

import pytest

from contacts.attributes.models import Attribute
from crm.team.models import Role, User


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def alice(db) -> User:
    return User.objects.create_user("alice@wayfare.example", name="Alice", role=Role.MARKETER)


@pytest.fixture
def attribute(db) -> Attribute:
    return Attribute.objects.create(key="vip", label="VIP", type="choice", choices=["Gold", "Silver"])
