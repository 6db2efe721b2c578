"""The calendar period in which a cap counts, as SQL over an event `e`. Used by the follower of scores."""

from contacts.scoring.models import CapPeriod

# Each takes the company's time zone where it has a %s.
BUCKETS = {
    CapPeriod.DAY: "date_trunc('day', e.occurred_at AT TIME ZONE %s)::date",
    CapPeriod.WEEK: "date_trunc('week', e.occurred_at AT TIME ZONE %s)::date",
    CapPeriod.MONTH: "date_trunc('month', e.occurred_at AT TIME ZONE %s)::date",
    CapPeriod.EVER: "date '0001-01-01'",
}
