"""What can go wrong in contacts. `str(error)` is a translated sentence for the person who acts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.db.models import Model


class ContactsError(Exception):
    """Base of all errors of contacts; the user must act, and nothing was changed."""


class Invalid(ContactsError):
    """Some fields are wrong; `errors` says what, by field name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class StaleEdit(ContactsError):
    """Somebody changed the row since the form was opened; `current` is the row as it stands."""

    def __init__(self, current: "Model") -> None:
        super().__init__(
            _("Somebody else changed this in the meantime. Nothing was overwritten: compare and save again.")
        )
        self.current = current


class AddressTaken(Invalid):
    """Another contact has this address already; `contact_id` is that one."""

    def __init__(self, contact_id: int) -> None:
        super().__init__({"email": _("There is already a contact with this address.")})
        self.contact_id = contact_id


class NameTaken(Invalid):
    """The name is in use; names differ by more than case."""

    def __init__(self) -> None:
        super().__init__({"name": _("This name is already in use. Choose another one.")})


class TooMany(ContactsError):
    """More people than one act may change at once."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            _("This would change more than %(limit)d people at once. Narrow the filter first.") % {"limit": limit}
        )
