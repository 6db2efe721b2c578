"""Who imports, and where files go."""

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as property_settings

from contacts.attributes.models import Attribute
from crm.team.models import Role, User

# A busy machine is no fault of the code: properties are judged by what they find, not by the clock.
property_settings.register_profile("imports", deadline=None, suppress_health_check=[HealthCheck.too_slow])
property_settings.load_profile("imports")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def alice(db) -> User:
    return User.objects.create_user("alice@wayfare.example", name="Alice", role=Role.MARKETER)


@pytest.fixture
def attribute(db) -> Attribute:
    return Attribute.objects.create(key="vip", label="VIP", type="choice", choices=["Gold", "Silver"])
