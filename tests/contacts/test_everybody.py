"""What statements over everybody may take."""

import pytest

from contacts import everybody
from contacts.models import Contact

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("people", "least", "setting"), [(100, 64, "64MB"), (100, 128, "128MB"), (2**24, 128, "256MB")]
)
def test_a_table_of_everybody_fits(people, least, setting):
    Contact.objects.create(pk=people, name="The last one")
    assert everybody.work_mem(least) == setting
    assert everybody.how_many() == people


def test_nobody_needs_the_least():
    assert (everybody.how_many(), everybody.work_mem()) == (0, "64MB")
