"""Searching everyone for duplicates through the real path: keys and pairs, range by range, twice (nothing new then).

Reference: one read by hand that groups everyone by the same three keys and counts the groups, writing nothing.
"""

import time

import psycopg

from bench.harness import Bench, timed

SIZES = {"people": (100_000, 1_000_000), "shared": (2_000, 2_000)}
LONGEST = 1.0  # seconds a transaction may last
# One in a hundred is the one before her under another address, one in fifty has the phone of the one before; `shared`
# people share one number as a switchboard does, and must not cost the square of their number.
_PEOPLE = """
INSERT INTO contacts_contact (email, email_key, name, phone, title, company, account_id, language, time_zone, country,
    region, city, postcode, street, source, attributes, version)
SELECT CASE WHEN n %% 100 = 1 THEN 'pers.on' || n - 1 || '@gmail.com' ELSE 'person' || n || '@gmail.com' END, 'k' || n,
    '김' || chr(44032 + n %% 9973) || chr(44032 + n / 9973 %% 9973),
    '+8210' || CASE WHEN n <= %(shared)s THEN '00000000' ELSE (20000000 + n - (n %% 50 = 1)::int)::text END,
    '', 'c' || n %% 1000, a.id, 'ko', '', 'KR', '', '서울', '', '', 'bench', '{}', 1
FROM generate_series(1, %(people)s) AS n JOIN contacts_account a ON a.name_key = 'c' || n %% 1000
"""
_ACCOUNTS = """
INSERT INTO contacts_account (name, name_key, business_number, domain, industry, country, city, attributes, version)
SELECT 'c' || n, 'c' || n, '', '', '', '', '', '{}', 1 FROM generate_series(0, 999) AS n
"""
_BY_HAND = """
SELECT count(*) FROM (
    SELECT key FROM (
        SELECT replace(c.email, '.', '') AS key FROM contacts_contact c
        UNION ALL SELECT c.phone FROM contacts_contact c
        UNION ALL SELECT lower(c.name) || a.name_key
        FROM contacts_contact c JOIN contacts_account a ON a.id = c.account_id
    ) AS keys GROUP BY key HAVING count(*) > 1
) AS groups
"""


def run(bench: Bench) -> None:
    """Search everyone, check the pairs, search again."""
    from contacts.duplicates import search
    from contacts.models import DuplicatePair, DuplicateSearch
    from crm.kit.clock import now

    people, shared = bench.size("people"), bench.size("shared")
    longest = _watched(search)

    def through() -> None:
        search.start(None, now=now())
        while search.run_due(now, seconds=3600):
            pass

    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        database.execute(_ACCOUNTS)
        database.execute(_PEOPLE, {"people": people, "shared": shared})
        database.execute("VACUUM ANALYZE contacts_contact")
        by_hand = min(timed(lambda: database.execute(_BY_HAND)) for _ in range(3))
    first, again = timed(through), timed(through)
    found = DuplicateSearch.objects.order_by("pk").values_list("found", flat=True)
    planted = (people - shared) // 50 + shared // 100 - 1 + sum(min(search.NEAREST, n) for n in range(shared))
    bench.check(found[0] == planted, f"{found[0]} pairs found, {planted} planted")
    bench.check((found[1], DuplicatePair.objects.count()) == (0, found[0]), f"{found[1]} new pairs the second time")
    rate, how = people / first, f"{people:,} people, {found[0]:,} pairs; again {again:.1f} s"
    bench.record("duplicates: search", rate, "people/s", reference=people / by_hand, ratio=by_hand / first, how=how)
    bench.record("duplicates: longest transaction", max(longest), "s", at_most=LONGEST, how="a range of the search")


def _watched(search: object) -> list[float]:
    """Return a list into which every range of the search writes how many seconds it took."""
    longest: list[float] = []
    do = search.do_range

    def timed_range(*arguments: object) -> None:
        started = time.perf_counter()
        do(*arguments)
        longest.append(time.perf_counter() - started)

    search.do_range = timed_range
    return longest
