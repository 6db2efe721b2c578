"""Merged people and sending: the cap counts both, and those left out at launch are found with the one who stays."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from campaigns.rendering.mails import DispatchMails
from campaigns.sending.eligibility import slice_by_id
from campaigns.sending.models import ContactSendState, FrequencyCap, Message
from campaigns.sending.reservations import reserve
from contacts.identity.merge import merge, unmerge
from contacts.people.filters import filtered
from contacts.people.models import Contact
from crm.team.models import Role, User
from tests.campaigns.conftest import NOW, make_people, make_template
from tests.campaigns.tracking.conftest import new_dispatch

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def sent(contact):
    return ContactSendState.objects.filter(pk=contact.pk).values_list("message_ids", "times").first()


def test_the_cap_counts_what_both_were_sent_and_a_separation_parts_it():
    kim, lee = make_people(2)
    limit = FrequencyCap.objects.create(sends=3, days=7)
    ContactSendState.objects.create(contact_id=kim.pk, message_ids=[1, 3], times=[NOW - 9 * HOUR, NOW - HOUR])
    ContactSendState.objects.create(contact_id=lee.pk, message_ids=[2], times=[NOW - 5 * HOUR])
    done = merge(kim.pk, lee.pk, by=None, now=NOW)
    assert sent(kim) == ([1, 2, 3], [NOW - 9 * HOUR, NOW - 5 * HOUR, NOW - HOUR])
    assert sent(lee) is None
    assert reserve([(kim.pk, 4)], limit, NOW) == set()
    unmerge(done, now=NOW)
    assert sent(kim) == ([1, 3], [NOW - 9 * HOUR, NOW - HOUR])
    assert sent(lee) == ([2], [NOW - 5 * HOUR])
    assert reserve([(kim.pk, 4)], limit, NOW) == {4}


def test_people_without_sends_are_merged_and_separated():
    kim, lee = make_people(2)
    ContactSendState.objects.create(contact_id=kim.pk, message_ids=[1], times=[NOW])
    unmerge(merge(kim.pk, lee.pk, by=None, now=NOW), now=NOW)
    assert (sent(kim), sent(lee)) == (([1], [NOW]), None)


def test_whoever_was_left_out_is_found_through_merges():
    kim, lee, park, other = make_people(4)
    dispatch = new_dispatch()
    Message.objects.create(dispatch=dispatch, contact_id=kim.pk, left_out="no_consent")
    Message.objects.create(dispatch=dispatch, contact_id=other.pk, left_out="withdrawn")
    merge(lee.pk, kim.pk, by=None, now=NOW)
    merge(park.pk, lee.pk, by=None, now=NOW)
    admin = User.objects.create_user("a@team.example", "pw-pw-pw-pw", name="A", role=Role.ADMIN)
    asked = QueryDict(f"sending={dispatch.pk}:no_consent")
    assert list(filtered(Contact.objects.visible_to(admin), asked, admin)) == [park]
    assert Message.objects.get(left_out="no_consent").contact_id == kim.pk


def test_a_mail_goes_to_the_one_who_stayed_through_all_merges():
    kim, lee, park = make_people(3)
    dispatch = new_dispatch()
    dispatch.template_version = make_template().versions.get()
    dispatch.save()
    message = Message.objects.create(dispatch=dispatch, contact_id=kim.pk, ordinal=0, email=kim.email)
    merge(lee.pk, kim.pk, by=None, now=NOW)
    merge(park.pk, lee.pk, by=None, now=NOW)
    [row] = slice_by_id(DispatchMails(dispatch), [message.pk], NOW)
    assert (row.person_id, row.recipient.email, row.left_out) == (park.pk, park.email, "no_consent")
