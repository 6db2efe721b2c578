"""Which files a reader may see."""

from django.db.models import Q, QuerySet

from contacts.files.models import KeptFile
from contacts.people.models import Contact
from crm.team.models import User


def visible_files(reader: User) -> QuerySet[KeptFile]:
    """Return the files of accounts, and of people whom `reader` may see."""
    people = Contact.objects.visible_to(reader)
    return KeptFile.objects.filter(Q(contact=None) | Q(contact__in=people))
