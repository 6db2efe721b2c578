"""What a page with ticks beside topics posted. Used by the preference page, the opt-in page and the person's page.

The fields are `topic_shown` (ids of the topics on the page), `topic_refused` (of those, the ones that were refused when
it was shown) and `topic` (the ones ticked now): only what somebody changed there is said, so that a page which lay open
overrules nothing that was said meanwhile.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from django.http import QueryDict

from contacts.topics.models import Topic


@dataclass(frozen=True)
class Ticks:
    """Ids of topics as text: those shown, of them those shown as refused, and those ticked when it was posted."""

    shown: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    ticked: frozenset[str] = frozenset()

    @classmethod
    def of(cls, post: QueryDict) -> Self:
        """Return what was posted."""
        return cls(*(frozenset(post.getlist(name)) for name in ("topic_shown", "topic_refused", "topic")))

    def changes(self, topics: Collection[Topic]) -> dict[int, bool]:
        """Return which of these topics were ticked (True) or unticked (False) since the page was shown."""
        on_page = {str(topic.pk): topic.pk for topic in topics if str(topic.pk) in self.shown}
        return {
            pk: text in self.ticked for text, pk in on_page.items() if (text in self.ticked) == (text in self.refused)
        }

    def wording(self, topics: Collection[Topic]) -> str:
        """Return the names of those that were on the page, as its reader read them."""
        return " · ".join(topic.label for topic in topics if str(topic.pk) in self.shown)
