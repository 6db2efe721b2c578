"""Lists and tags: names, members, and the pages of them."""

import pytest

from contacts.errors import Invalid, NameTaken, StaleEdit
from contacts.ledger.queries import timeline
from contacts.lists import fixed, labels, membership
from contacts.models import Contact, FixedList, ListMember, Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def expo(team, now):
    return fixed.create("Expo", "", by=team.mina, now=now)


def test_adding_and_removing_is_told_once(crowd, expo, team, now):
    ids, by = [crowd.kim.pk, crowd.lee.pk], {"by": team.mina, "now": now}
    assert membership.add(expo, ids, **by) == 2
    assert membership.add(expo, [*ids, crowd.park.pk, 999_999], **by) == 1
    assert membership.remove(expo, [crowd.kim.pk, crowd.caller.pk], **by) == 1
    assert membership.remove(expo, [crowd.kim.pk], **by) == 0
    assert set(expo.members.values_list("contact", flat=True)) == {crowd.lee.pk, crowd.park.pk}
    assert [e.kind for e in timeline([crowd.kim.pk])] == ["list.left", "list.joined", "contact.created"]


def test_merged_people_are_not_added(crowd, expo, team, now):
    Contact.objects.filter(pk=crowd.lee.pk).update(merged_into=crowd.kim)
    assert membership.add(expo, [crowd.lee.pk], by=team.mina, now=now) == 0


def test_tags_differ_by_more_than_case(crowd, team, now):
    assert membership.tag_named("vip") == membership.tag_named(" VIP ")
    label, by = membership.tag_named("vip"), {"by": team.mina, "now": now}
    assert membership.tag(label, [crowd.kim.pk], **by) == 1
    assert membership.tag(label, [crowd.kim.pk], **by) == 0
    assert membership.untag(label, [crowd.kim.pk], **by) == 1
    assert [e.kind for e in timeline([crowd.kim.pk])] == ["tag.removed", "tag.added", "contact.created"]


@pytest.mark.parametrize("name", ["", " ", "x" * 121, "a\r\nb", "a\x00"])
def test_wrong_name_is_refused(team, now, name):
    with pytest.raises(Invalid):
        fixed.create(name, "", by=team.mina, now=now)
    with pytest.raises(Invalid):
        membership.tag_named(name)
    assert (FixedList.objects.count(), Tag.objects.count()) == (0, 0)


def test_taken_name_and_stale_rename(expo, team, now):
    with pytest.raises(NameTaken):
        fixed.create("EXPO", "", by=team.mina, now=now)
    fixed.rename(expo.pk, "Fair", "", version=1)
    with pytest.raises(StaleEdit):
        fixed.rename(expo.pk, "Show", "", version=1)
    other = fixed.create("Other", "", by=team.mina, now=now)
    with pytest.raises(NameTaken):
        fixed.rename(other.pk, "fair", "", version=1)
    assert sorted(FixedList.objects.values_list("name", "version")) == [("Fair", 2), ("Other", 1)]


def test_stale_tag_rename_changes_nothing(db):
    label = membership.tag_named("a")
    labels.rename(label.pk, "b", before="a")
    with pytest.raises(StaleEdit):
        labels.rename(label.pk, "c", before="a")
    assert Tag.objects.get().name == "b"


def test_deleting_a_list_keeps_its_people(crowd, expo, team, now, as_):
    membership.add(expo, [crowd.kim.pk], by=team.mina, now=now)
    as_(team.mina).post(f"/lists/{expo.pk}/delete/")
    assert (FixedList.objects.count(), ListMember.objects.count(), Contact.objects.count()) == (0, 0, 4)


def test_page_shows_only_who_one_may_see(crowd, expo, team, now, as_):
    membership.add(expo, [crowd.kim.pk, crowd.lee.pk], by=team.mina, now=now)
    page = as_(team.rob).get(f"/lists/{expo.pk}/").content.decode()
    assert "김철수" in page
    assert "이영희" not in page


def test_stale_rename_on_the_page_shows_what_is_saved(expo, team, as_):
    client, url = as_(team.mina), f"/lists/{expo.pk}/edit/"
    assert client.post(url, {"name": "Theirs", "version": "1"}).status_code == 302
    answer = client.post(url, {"name": "Mine", "version": "1"})
    assert answer.status_code == 409
    assert "Theirs" in answer.content.decode()
    assert "Mine" in answer.content.decode()
    assert FixedList.objects.get().name == "Theirs"


def test_a_bad_selection_takes_nobody_off(crowd, expo, team, now, as_):
    membership.add(expo, [crowd.kim.pk], by=team.mina, now=now)
    assert as_(team.mina).post(f"/lists/{expo.pk}/remove/", {"contact": "x"}).status_code == 400
    assert list(expo.members.values_list("contact", flat=True)) == [crowd.kim.pk]
