"""The kinds of objects that the trail speaks of, and the tables it watches. Each app registers its own in ready()."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.urls import reverse

from crm.kit.registry import Registry
from crm.team.models import User
from crm.team.permissions import Action, may


@dataclass(frozen=True)
class Table:
    """A watched table. `id` is the column with the object's id; `part` names rows that only belong to the object.

    `left_out` columns are derived or housekeeping; of `secret` ones it is only said that they changed; the keys of the
    JSON column `spread` count as columns. `always`: recorded even when nobody acts, as from a shell.
    """

    model: type[Model]
    id: str = "id"
    labels: tuple[str, ...] = ("name",)
    part: str = ""
    left_out: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    spread: str = ""
    always: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of object. Who may do `action` reads its history, unless `visible(user, id)` says no."""

    key: str
    label: Any  # lazily translated
    action: Action
    tables: tuple[Table, ...] = ()
    url_name: str = ""
    by_id: bool = True  # whether the page takes the object's id
    visible: Callable[[User, int], bool] | None = None

    def url(self, object_id: int | None) -> str:
        """Return the object's page, or "" when it has none."""
        if not self.url_name or (self.by_id and object_id is None):
            return ""
        return reverse(self.url_name, args=[object_id] if self.by_id else [])

    def readable(self, user: User, object_id: int) -> bool:
        """Tell whether `user` may read what happened to this object."""
        return may(user, self.action) and (self.visible is None or self.visible(user, object_id))


KINDS: Registry[Kind] = Registry("kinds of the trail", Kind, lambda kind: kind.key)


def find(key: str) -> Kind | None:
    """Return the kind under `key`, None when it is unknown, as one of a version to come."""
    return next((kind for kind in KINDS if kind.key == key), None)


def tables() -> list[tuple[Kind, Table]]:
    """Return every watched table with its kind."""
    return [(kind, table) for kind in KINDS for table in kind.tables]


def history_url(view_name: str, arguments: Mapping[str, Any], user: User | AnonymousUser) -> str:
    """Return the address of the history of the object that a page shows, "" when it shows none the user may read."""
    for kind in KINDS:
        if kind.url_name == view_name and may(user, kind.action):
            ids = [value for value in arguments.values() if isinstance(value, int)]
            if kind.by_id and ids:
                return reverse("team:trail-of", args=[kind.key, ids[0]])
            return "" if kind.by_id else reverse("team:trail-of-all", args=[kind.key])
    return ""
