"""Building the members of the twelve segments through the real path, beside the same rows by INSERT … SELECT."""

import psycopg

from bench.harness import interleaved, timed
from bench.segment_rules import ALL, BY_HAND
from bench.segment_world import Twelve


def build(twelve: Twelve) -> None:
    """Build all members and compare their number with those by hand; build again, when nothing is to be written."""
    found = interleaved(lambda: _built_first(twelve), lambda: timed(lambda: _fill_by_hand(twelve)))
    members = _check_built(twelve)
    twelve.bench.record(
        "segments: full build of all 12",
        found.figure,
        "s",
        reference=found.reference,
        ratio=found.ratio,
        at_most=1.15,
        how=f"{members} memberships, in ranges, with a diff; by hand one INSERT each, the same indexes",
    )
    _ask_for_builds(twelve)
    how = "all 12 again, nothing to write"
    twelve.bench.record("segments: rebuild without change", timed(lambda: _built(twelve)), "s", how=how)


def _fill_by_hand(twelve: Twelve) -> None:
    from contacts.everybody import work_mem

    with psycopg.ClientCursor(twelve.database) as cursor:
        cursor.execute(f"SET work_mem = '{work_mem(128)}'")
        cursor.execute("DROP TABLE IF EXISTS bench_membership")
        cursor.execute("CREATE TABLE bench_membership (LIKE contacts_membership INCLUDING ALL)")
        for name, segment in twelve.segments.items():
            chosen = ALL.replace("c.id", "%(segment)s::bigint, c.id, %(now)s::timestamptz", 1) + BY_HAND[name]
            chosen = chosen.replace("contacts_membership", "bench_membership")
            cursor.execute(
                f"INSERT INTO bench_membership (segment_id, contact_id, entered_at) {chosen}",
                twelve.bound | {"segment": segment.pk, "now": twelve.now},
            )


def _built_first(twelve: Twelve) -> float:
    """Return the seconds of a build that finds nobody in."""
    twelve.database.execute("TRUNCATE contacts_membership")
    twelve.database.execute("UPDATE contacts_segment SET built_at = NULL")
    _ask_for_builds(twelve)
    return timed(lambda: _built(twelve))


def _ask_for_builds(twelve: Twelve) -> None:
    from contacts.segments import saving

    for segment in twelve.segments.values():
        saving.rebuild(segment, now=twelve.now)


def _built(twelve: Twelve) -> None:
    from contacts.segments import building

    while building.run_due(lambda: twelve.now):
        pass


def _check_built(twelve: Twelve) -> int:
    """Compare the members with those by hand, tidy up, and return how many there are."""
    from contacts.segments.models import Membership, Segment

    waiting = Segment.objects.exclude(state="ready").count()
    twelve.bench.check(waiting == 0, f"{waiting} segments were not built")
    members = Membership.objects.filter(left_at=None).count()
    by_hand = twelve.database.execute("SELECT count(*) FROM bench_membership").fetchone()
    twelve.bench.check((members,) == by_hand, f"{members} members, by hand {by_hand}")
    twelve.database.execute("DROP TABLE bench_membership")
    twelve.database.execute("VACUUM ANALYZE contacts_membership")
    return members
