"""Tags and lists in sets: who changed is told, once, with the journey and its cause."""

import pytest

from contacts.ledger.models import Event
from contacts.lists.models import ContactTag, FixedList, ListMember, Tag
from contacts.people.models import Contact
from journeys.errors import StepBroken
from tests.journeys.conftest import NOW


def told():
    rows = Event.objects.order_by("contact_id").values_list("contact_id", "kind__key", "properties", "cause")
    return list(rows)


@pytest.fixture
def people(db):
    made = [Contact.objects.create(name=name) for name in ("Ann", "Bob", "Old")]
    Contact.objects.filter(pk=made[2].pk).update(merged_into=made[0])
    return made


def test_tag_is_added_once_and_told(outlets, people):
    tag = Tag.objects.create(name="VIP")
    ContactTag.objects.create(tag=tag, contact=people[1])
    rows = [{"contact_id": people[0].pk, "cause": 55}, {"contact_id": people[0].pk, "key": "2"}, *people[1:]]
    assert outlets("tag", {"what": "add", "tag": tag.pk}, rows) == ["next"] * 4
    assert set(ContactTag.objects.values_list("contact_id", flat=True)) == {people[0].pk, people[1].pk}
    assert told() == [(people[0].pk, "tag.added", {"name": "VIP", "journey": 7}, 55)]
    assert Event.objects.get().occurred_at == NOW


def test_tag_is_taken_away(outlets, people):
    tag = Tag.objects.create(name="VIP")
    ContactTag.objects.create(tag=tag, contact=people[1])
    assert outlets("tag", {"what": "remove", "tag": tag.pk}, people) == ["next"] * 3
    assert not ContactTag.objects.exists()
    assert told() == [(people[1].pk, "tag.removed", {"name": "VIP", "journey": 7}, None)]


def test_list_is_joined_and_left(outlets, people):
    fixed = FixedList.objects.create(name="Guests")
    assert outlets("list", {"what": "add", "list": fixed.pk}, people[:2]) == ["next"] * 2
    assert ListMember.objects.count() == 2
    assert outlets("list", {"what": "remove", "list": fixed.pk}, people[:1]) == ["next"]
    assert list(ListMember.objects.values_list("contact_id", flat=True)) == [people[1].pk]
    assert [row[1] for row in told()] == ["list.joined", "list.left", "list.joined"]


def test_deleted_tag_holds_the_step_and_changes_nothing(run, people, monkeypatch):
    tag = Tag.objects.create(name="VIP")
    from journeys.steps.membership import TagForm

    monkeypatch.setattr(TagForm.base_fields["tag"], "to_python", lambda _value: tag)
    tag_id = tag.pk
    Tag.objects.all().delete()
    tag.pk = tag_id
    with pytest.raises(StepBroken, match="VIP"):
        run("tag", {"what": "add", "tag": tag_id}, people)
    assert told() == []
