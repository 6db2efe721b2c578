"""Verbs on tags themselves. Who wears them: membership.py."""

from django.db import IntegrityError, transaction

from contacts.errors import NameTaken, StaleEdit
from contacts.lists.fixed import clean_name
from contacts.lists.models import Tag
from contacts.segments.touching import touch


def rename(tag_id: int, name: str, *, before: str) -> Tag:
    """Rename a tag that is still called `before`. Raises Invalid, NameTaken, StaleEdit."""
    clean = clean_name(name, 60)
    try:
        with transaction.atomic():
            changed = Tag.objects.filter(pk=tag_id, name=before).update(name=clean)
    except IntegrityError as error:
        raise NameTaken from error
    tag = Tag.objects.get(pk=tag_id)
    if not changed:
        raise StaleEdit(tag)
    return tag


@transaction.atomic
def delete(tag: Tag) -> None:
    """Delete the tag. Its people stay, and what they did stays in their timelines."""
    touch("tag.removed", "SELECT contact_id FROM contacts_contacttag WHERE tag_id = %s", [tag.pk])
    tag.delete()
