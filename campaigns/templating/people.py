"""Finding the person as whom a mail is previewed, among those the user may see."""

from django.db.models import F, Value

from contacts.people.generated import Bigrams
from contacts.people.models import Contact
from crm.team.models import User

MOST = 8


def find(user: User, words: str) -> list[Contact]:
    """Return up to eight people with an address whose name, address or company holds `words`, by name.

    One letter finds names that begin with it; nothing finds the newest people.
    """
    people = Contact.objects.visible_to(user).identified()
    words = words.strip().lower()
    if not words:
        return list(people.order_by("-created_at", "-pk")[:MOST])
    if len(words) == 1:
        return list(people.filter(name__istartswith=words).order_by("sort_key", "pk")[:MOST])
    found = people.alias(grams=Bigrams(F("search_text"))).filter(grams__contains=Bigrams(Value(words)))
    return list(found.filter(search_text__contains=words).order_by("sort_key", "pk")[:MOST])


def one(user: User, number: str) -> Contact | None:
    """Return the person with this number if the user may see her, else None."""
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    return Contact.objects.visible_to(user).filter(pk=int(number)).first()
