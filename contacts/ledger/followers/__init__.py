"""Followers: what the product knows, computed from the ledger in sets. `Follower` describes one, FOLLOWERS lists them.

An app registers its own in AppConfig.ready, after those it reads from (docs/recipes.md, "add a follower").
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from contacts.ledger.base import Base, Leaving
from contacts.ledger.batch import Batch
from contacts.ledger.errors import WrongFollower
from crm.kit.registry import Registry

IDENTITY = "identity"  # first in the order: it gives events of merged contacts to the one that stays

type Step = Callable[[CursorWrapper, Batch], None]


@dataclass(frozen=True)
class Follower:
    """One follower: it sees every event once, in order, and writes its tables in the transaction that moves it on.

    `apply` folds a batch in. `kinds` returns the event kinds it reads (None: all). `inputs` names followers whose
    results it reads: it never passes them. `rebuild`, where given, recomputes the contacts in `batch.rebuilt` from
    all their events up to the end of the batch (after a merge or a reclassified hit); `apply` then sees the batch
    without their rows. `reset` empties its tables, so that it can be replayed; `restore` then adds what is kept of
    dropped months (see Base), and does the same for the rebuilt contacts, right after `rebuild`. `keep` stores, before
    events are dropped, what `restore` needs beyond their fold; it may be repeated. `most`, for one to whom an event
    costs much, is how many of its own a batch holds at most: a batch with more is cut short for all.
    """

    name: str
    apply: Step
    kinds: Callable[[], list[str]] | None = None
    inputs: tuple[str, ...] = ()
    rebuild: Step | None = None
    reset: Callable[[CursorWrapper], None] | None = None
    restore: Callable[[CursorWrapper, Base], None] | None = None
    keep: Callable[[CursorWrapper, Leaving], None] | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise WrongFollower(f'follower "{self.name}": a name is letters, digits and underscores')


class Followers(Registry[Follower]):
    """The followers in the order in which they run: each after its inputs."""

    def register(self, *entries: Follower) -> None:
        """Add followers. Raises WrongFollower for an input that is not there yet, RegistrationError for the rest."""
        for entry in entries:
            unknown = [name for name in getattr(entry, "inputs", ()) if name not in self]
            if unknown:
                raise WrongFollower(f'follower "{entry.name}" reads {unknown}, which must be registered before it')
            super().register(entry)

    def named(self, name: str) -> Follower:
        """Return the follower. Raises WrongFollower that says which there are."""
        if name not in self:
            raise WrongFollower(f'there is no follower "{name}"; there are: {", ".join(self.keys())}')
        return self[name]

    def inputs(self, follower: Follower) -> list[str]:
        """Return whom a follower must not pass: its inputs, and always the identity follower."""
        return [*follower.inputs, *([IDENTITY] if follower.name != IDENTITY else [])]

    def after(self, name: str) -> set[str]:
        """Return the names of all followers that read from `name`, directly or through others."""
        found: set[str] = set()
        for follower in self:
            if {name, *found} & set(self.inputs(follower)):
                found.add(follower.name)
        return found


FOLLOWERS = Followers("followers", Follower, lambda follower: follower.name)
