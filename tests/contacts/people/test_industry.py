"""Industries and names of segments that came with the product are read in the reader's language."""

import pytest
from django.utils import translation

from contacts.ledger.kinds import KINDS, PastEvent
from contacts.people import accounts
from contacts.people.accounts import AccountProfile
from contacts.people.industry import industry_name, written
from contacts.people.models import Account
from contacts.segments.models import Segment
from contacts.segments.naming import said


def test_industry_is_kept_in_one_way_and_said_in_the_readers():
    assert [written(text) for text in ("교육", " education", "Education", "우주 산업")] == [
        "Education", "Education", "Education", "우주 산업",
    ]  # fmt: skip
    with translation.override("ko"):
        assert (industry_name("Education"), industry_name("우주 산업")) == ("교육", "우주 산업")


@pytest.mark.django_db
def test_account_typed_in_korean_is_found_in_english(now):
    with translation.override("ko"):
        accounts.create(AccountProfile(name="누리봄", industry="교육"), now=now)
    kept = Account.objects.get()
    assert (kept.industry, kept.industry_label) == ("Education", "Education")


def test_shipped_segment_is_named_in_the_readers_language_until_it_is_renamed():
    with translation.override("ko"):
        assert Segment(name="Customers").label == "구매 고객"
        assert Segment(name="Our customers").label == "Our customers"
        assert said("") == ""
        event = PastEvent(0, 0, "segment.entered", None, None, None, None, {"name": "Customers"})
        assert KINDS["segment.entered"].sentence(event) == "‘구매 고객’ 세그먼트에 들어왔습니다"
