"""What the API can do, one Route a verb: method, path, who may, what it takes and gives. Views and document follow."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from crm.api.bodies import USUAL
from crm.api.problems import Refusal, Wrong, invalid
from crm.kit.paging import Page
from crm.team.api_tokens import TokenScope
from crm.team.models import User
from crm.team.permissions import Action

FILE_TYPE = "application/octet-stream"  # of a file that a verb hands out, whatever it is
LARGEST_PAGE = 200
PAGE = 50
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Param:
    """A parameter of the query string. `choices` closes it, `number` asks for a row's number."""

    name: str
    text: Any  # lazily translated
    choices: Sequence[str] = ()
    number: bool = False
    several: bool = False
    example: str = ""

    def check(self, values: list[str]) -> None:
        """Raise Refusal for values that cannot be meant."""
        if len(values) > 1 and not self.several:
            raise invalid(self.name, _("Give this once."))
        for value in values:
            if _UNSTORABLE.search(value) or len(value) > 2000:
                raise invalid(self.name, _("Control characters are not allowed here."))
            if self.choices and value not in self.choices:
                known = ", ".join(self.choices)
                raise invalid(
                    self.name, _("“%(value)s” is none of: %(known)s.") % {"value": value[:60], "known": known}
                )
            if self.number and not _NUMBER.fullmatch(value):
                raise invalid(self.name, _("This must be a number."))


PAGING = (
    Param("limit", gettext_lazy("Rows of a page, 1 to 200; 50 unless said."), example="50"),
    Param("cursor", gettext_lazy("Where the page begins: from `next` of the page before.")),
)
FIELDS = Param("fields", gettext_lazy("Only these members of each row, separated by commas."), example="id,name")


@dataclass(frozen=True)
class Asked:
    """One request, checked: who asks, the query string, the body's values, the time; `scopes` None: no token."""

    user: User
    query: QueryDict
    body: Mapping[str, Any]
    now: datetime
    scopes: Collection[str] | None = None

    def need(self, scope: TokenScope) -> None:
        """Raise Refusal for a token without this scope; for verbs that sometimes need more than their own."""
        if self.scopes is not None and scope not in self.scopes:
            text = _("This token lacks the scope “%(scope)s”.")
            raise Refusal("forbidden", text % {"scope": scope.value}, more={"scope": scope.value})

    def text(self, name: str) -> str:
        """Return a parameter, "" when it is not there."""
        return str(self.query.get(name, ""))

    def number(self, name: str) -> int | None:
        """Return a parameter that is a row's number."""
        value = self.text(name)
        return int(value) if value else None

    @property
    def cursor(self) -> str:
        """Where the page begins."""
        return self.text("cursor")

    @property
    def size(self) -> int:
        """How many rows a page has. Raises Refusal."""
        raw = self.text("limit") or str(PAGE)
        if not _NUMBER.fullmatch(raw) or int(raw) > LARGEST_PAGE:
            raise invalid("limit", _("A page has 1 to %(most)d rows.") % {"most": LARGEST_PAGE})
        return int(raw)


@dataclass(frozen=True)
class Listing:
    """One page of rows as JSON values; `more` are members beside `results` and `next`."""

    rows: Sequence[Any]
    next_cursor: str
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, page: Page[Any], shown: Callable[[Any], Any], **more: Any) -> "Listing":
        """Return a page of rows, each as `shown` says it."""
        return cls([shown(row) for row in page.rows], page.next_cursor, more)


type Do = Callable[..., Any]


@dataclass(frozen=True)
class Route:
    """One verb. `do(asked, **numbers of the path)` returns JSON values, a Listing, or None for no content.

    `action` None: every signed-in user may. `largest`: bytes of a body. `file`: `do` returns a response of bytes.
    """

    method: str
    path: str
    do: Do
    action: Action | None
    scope: TokenScope
    summary: Any
    tag: str
    takes: type[serializers.Serializer] | None = None
    gives: type[serializers.Serializer] | None = None
    pages: bool = False
    query: tuple[Param, ...] = ()
    status: int = 200
    refuses: tuple[int, ...] = ()
    text: Any = ""
    example: Any = None
    answer: Any = None
    largest: int = USUAL
    file: bool = False
    beside: Mapping[str, serializers.Field] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The operation's name in the document: the function's module and own name."""
        return f"{self.tag}_{self.do.__name__}".replace(" ", "_").lower()

    @property
    def is_kept(self) -> bool:
        """Tell whether its answer is kept for a repeat with the same Idempotency-Key."""
        return self.method == "POST" and not self.file

    @property
    def params(self) -> tuple[Param, ...]:
        """All parameters of the query string."""
        shape = (FIELDS,) if self.gives and self.method == "GET" else ()
        return (*self.query, *(PAGING if self.pages else ()), *shape)

    def check_query(self, query: QueryDict) -> None:
        """Raise Refusal for a parameter that is not known or cannot be meant."""
        known = {param.name: param for param in self.params}
        if unknown := [name for name in query if name not in known]:
            errors = tuple(Wrong(name[:60], _("There is no such parameter.")) for name in unknown[:20])
            raise Refusal("invalid", _("There is no parameter “%(name)s” here.") % {"name": unknown[0][:60]}, errors)
        for name, values in query.lists():
            known[name].check(values)

    def picked(self, query: QueryDict) -> list[str]:
        """Return the members that `fields` asks for, all when it is not given. Raises Refusal."""
        assert self.gives is not None
        members = list(self.gives().fields)
        wanted = [name for name in query.get("fields", "").split(",") if name]
        if unknown := [name for name in wanted if name not in members]:
            text = _("There is no member “%(name)s”. Known: %(known)s.")
            raise invalid("fields", text % {"name": unknown[0][:60], "known": ", ".join(members)})
        return wanted or members


class Door:
    """The routes of one noun; its methods enter a function as one."""

    def __init__(self, tag: str, read: TokenScope, write: TokenScope) -> None:
        self.tag = tag
        self.read = read
        self.write = write
        self.routes: list[Route] = []

    def get(self, path: str, action: Action | None, summary: Any, **more: Any) -> Callable[[Do], Do]:
        """Enter a function that reads."""
        return self._enter("GET", path, action, summary, more)

    def post(self, path: str, action: Action | None, summary: Any, **more: Any) -> Callable[[Do], Do]:
        """Enter a function that makes or does something."""
        return self._enter("POST", path, action, summary, more)

    def patch(self, path: str, action: Action | None, summary: Any, **more: Any) -> Callable[[Do], Do]:
        """Enter a function that changes some members."""
        return self._enter("PATCH", path, action, summary, more)

    def delete(self, path: str, action: Action | None, summary: Any, **more: Any) -> Callable[[Do], Do]:
        """Enter a function that deletes; it returns None."""
        return self._enter("DELETE", path, action, summary, {"status": 204, **more})

    def _enter(
        self, method: str, path: str, action: Action | None, summary: Any, more: dict[str, Any]
    ) -> Callable[[Do], Do]:
        def enter(do: Do) -> Do:
            scope = more.pop("scope", self.read if method == "GET" else self.write)
            self.routes.append(Route(method, path, do, action, scope, summary, self.tag, **more))
            return do

        return enter


def by_path(routes: Iterable[Route]) -> dict[str, dict[str, Route]]:
    """Return the routes by path and method. Raises ValueError for two of the same."""
    found: dict[str, dict[str, Route]] = {}
    for route in routes:
        if found.setdefault(route.path, {}).setdefault(route.method, route) is not route:
            raise ValueError(f"{route.method} {route.path} stands twice")
    return found
