"""A list of plug-ins that refuses a wrong entry at start-up. Used wherever an upper app extends a lower one."""

from collections.abc import Callable, Iterator


class RegistrationError(ValueError):
    """A plug-in was registered under a taken key, or is of the wrong class."""


class Registry[T]:
    """Entries of one class by key, in the order they were registered.

    `key` reads an entry's key. Registering the same object again is harmless, so that app loading may repeat.
    """

    def __init__(self, name: str, entry_type: type[T], key: Callable[[T], str]) -> None:
        self.name = name
        self._entry_type = entry_type
        self._key = key
        self._entries: dict[str, T] = {}

    def register(self, *entries: T) -> None:
        """Add entries. Raises RegistrationError when one is of another class or its key is taken."""
        for entry in entries:
            if not isinstance(entry, self._entry_type):
                raise RegistrationError(f"{self.name}: {entry!r} is no {self._entry_type.__name__}")
            key = self._key(entry)
            if self._entries.get(key, entry) != entry:
                raise RegistrationError(f'{self.name}: the key "{key}" is taken by {self._entries[key]!r}')
            self._entries[key] = entry

    def __getitem__(self, key: str) -> T:
        """Return the entry under `key`. Raises KeyError that names the value and what is known."""
        try:
            return self._entries[key]
        except KeyError:
            raise KeyError(f'{self.name}: unknown key "{key}"; known: {", ".join(self._entries)}') from None

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)

    def keys(self) -> list[str]:
        """Return all keys in the order of registration."""
        return list(self._entries)
