"""What a trigger kind is: a way into a journey, by events, by time, or by hand. Add one: docs/recipes.md."""

from datetime import datetime
from typing import ClassVar

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql
from crm.kit.registry import Registry
from journeys.steps.kind import Cleaned, Kind, StepForm


class TriggerForm(StepForm):
    """The settings of a trigger; as a step's."""


class TriggerKind(Kind):
    """Subclass it and set the class variables; override `started` (events), `due` (time), or neither (by hand)."""

    form: ClassVar[type[StepForm]] = TriggerForm

    def started(self, cleaned: Cleaned, events: Sql) -> Sql | None:
        """Return SELECT contact_id, key, at, cause, facts of those whom new events bring in; None: events never do.

        `events` is SQL to read FROM AS e, with the columns of ledger_batch. `key` (text, "") keeps enrolments of one
        person apart, such as an order's number; `at` is when; `cause` the event's id; `facts` (jsonb) what mails show.
        """
        del cleaned, events
        return None

    def due(self, cleaned: Cleaned, since: datetime, until: datetime, at: Moment) -> Sql | None:
        """Return the same of those whose time came in (since, until]; None: time alone never brings anybody in."""
        del cleaned, since, until, at
        return None

    def fits_now(self, cleaned: Cleaned, at: Moment) -> Sql | None:
        """Return SELECT contact_id of those who fit already ("start with them too"); None where that has no sense."""
        del cleaned, at
        return None


TRIGGER_KINDS: Registry[TriggerKind] = Registry("trigger kinds", TriggerKind, lambda kind: kind.key)
