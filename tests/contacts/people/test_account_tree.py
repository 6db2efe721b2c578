"""Two people who change parent companies at the same moment make no circle."""

import threading

import pytest
from django.db import connection, transaction

from contacts.errors import Invalid
from contacts.models import Account
from contacts.people import accounts
from contacts.people.accounts import AccountProfile
from tests.contacts.conftest import NOW


@pytest.mark.django_db(transaction=True)
def test_second_of_two_changes_waits_and_sees_the_first():
    one, two = (accounts.create(AccountProfile(name), now=NOW) for name in ("one", "two"))
    started, refused = threading.Event(), []

    def other_way_round():
        started.set()
        try:
            accounts.update(two.pk, AccountProfile("two", parent_id=one.pk), version=1, now=NOW)
        except Invalid as error:
            refused.append(str(error))
        finally:
            connection.close()

    second = threading.Thread(target=other_way_round)
    with transaction.atomic():
        accounts.update(one.pk, AccountProfile("one", parent_id=two.pk), version=1, now=NOW)
        second.start()
        assert started.wait(5)
        second.join(0.3)
        assert second.is_alive()  # it waits for the first to end
    second.join(5)
    assert refused == ["A company cannot be its own parent, nor that of one above it."]
    assert list(Account.objects.order_by("pk").values_list("parent__name", flat=True)) == ["two", None]
