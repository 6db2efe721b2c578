"""Finding people by the keys of other systems, and noting such keys. Called by the API."""

from collections.abc import Collection, Mapping

from contacts.keys.models import ContactKey

LONGEST = 200


def known(source: str, keys: Collection[str]) -> dict[str, int]:
    """Return the contact under each key of `source` that is known."""
    rows = ContactKey.objects.filter(source=source, key__in=set(keys))
    return dict(rows.values_list("key", "contact_id"))


def link(source: str, contacts: Mapping[str, int]) -> None:
    """Note under which keys these contacts are known; a key that is taken stays whose it was. A repeat is harmless."""
    rows = [ContactKey(source=source, key=key, contact_id=number) for key, number in sorted(contacts.items())]
    ContactKey.objects.bulk_create(rows, ignore_conflicts=True)
