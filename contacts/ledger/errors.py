"""What can be wrong with an event or a follower. Raised by the ledger, shown by its doors."""


class LedgerError(Exception):
    """Base of all errors of the ledger."""


class WrongEvent(LedgerError, ValueError):
    """An event cannot be appended; the caller must correct it. Nothing of its batch was appended."""


class UnknownKind(WrongEvent):
    """The kind of an event is not registered (see "add an event kind" in docs/recipes.md)."""

    def __init__(self, kind: str) -> None:
        super().__init__(f'"{kind}" is no registered event kind')
        self.kind = kind


class WrongFollower(LedgerError, ValueError):
    """A follower is described wrongly, or does not exist; the developer must correct it."""


class FollowerStopped(LedgerError):
    """A follower failed on a batch and stands still until it is resumed."""

    def __init__(self, name: str, error: str) -> None:
        super().__init__(f'follower "{name}" stopped: {error}')
        self.name = name
        self.error = error
