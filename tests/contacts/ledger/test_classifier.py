"""People or machines: the rules one by one, then verdicts as the ledger tells them, in any order of arrival."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.db import connection

from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.ledger.followers.classifier.follower import judge_due
from contacts.ledger.followers.classifier.rules import Hit, Verdict, judge
from contacts.models import ContactState, Event, SubjectCounter

SENT = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
HUMAN, MACHINE, WAITING = Verdict.HUMAN, Verdict.MACHINE, Verdict.WAITING
LATER = SENT + timedelta(hours=1)


def after(seconds):
    return SENT + timedelta(seconds=seconds)


def hit(number=1, seconds=600.0, **fields):
    return Hit(**{"id": number, "at": after(seconds), "link": "1", "agent": CHROME, **fields})


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (hit(), HUMAN),
        (hit(link=""), HUMAN),
        (hit(method="HEAD"), MACHINE),
        (hit(link="0"), MACHINE),
        (hit(agent=""), MACHINE),
        (hit(agent="Mozilla/5.0 (compatible; Barracuda Sentinel)"), MACHINE),
        (hit(agent="python-requests/2.32"), MACHINE),
        (hit(agent="Mozilla/5.0 HeadlessChrome/140.0"), MACHINE),
        (hit(link="", agent="Mozilla/5.0 (Windows NT 5.1) (via ggpht.com GoogleImageProxy)"), MACHINE),
        (hit(link="", agent="YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"), MACHINE),
        (hit(link="", agent="Mozilla/5.0"), MACHINE),
        (hit(link="", proxy="apple"), MACHINE),
        (hit(proxy="apple"), HUMAN),
        (hit(seconds=1.9), MACHINE),
        (hit(seconds=-1), MACHINE),
        (hit(seconds=2.1), HUMAN),
    ],
)
def test_one_hit(one, verdict):
    assert judge([one], SENT, LATER) == {1: verdict}


def test_a_soon_hit_waits_twenty_seconds():
    one = hit(seconds=5)
    assert judge([one], SENT, after(24.9)) == {1: WAITING}
    assert judge([one], SENT, after(25)) == {1: HUMAN}
    assert judge([hit(seconds=60)], SENT, after(60)) == {1: HUMAN}


def test_many_links_at_once_are_no_person():
    run = [hit(n, 600 + n, link=str(n)) for n in (1, 2, 3)]
    assert set(judge(run, None, LATER).values()) == {MACHINE}
    slow = [hit(n, 600 + 20 * n, link=str(n)) for n in (1, 2, 3)]
    assert set(judge(slow, None, LATER).values()) == {HUMAN}
    same = [hit(n, 600 + n, link="1") for n in (1, 2, 3)]
    assert set(judge(same, None, LATER).values()) == {HUMAN}
    both = [hit(n, 600 + n, link=str(n), links=2) for n in (1, 2)]
    assert set(judge(both, None, LATER).values()) == {MACHINE}


def test_around_the_hidden_link_all_is_a_machine():
    hits = [hit(1, 600), hit(2, 610, link="0"), hit(3, 700)]
    assert judge(hits, None, LATER) == {1: MACHINE, 2: MACHINE, 3: HUMAN}


def sent(message, contact=1):
    return NewEvent(contact, "mail.sent", SENT, ("dispatch", "17"), properties={"message": message})


def clicked(message, seconds, link=1, contact=1, **facts):
    facts = {"message": message, "link": link, "agent": CHROME, **facts}
    return NewEvent(contact, "hit.clicked", after(seconds), ("dispatch", "17"), properties=facts)


def tell(*events, now=LATER):
    append(events, source="t", now=now)
    catch_up(now)


def told():
    """Return how often each verdict counts now: what was told less what was taken back."""
    counts = {}
    for event in Event.objects.filter(kind__key__startswith="mail.clicked").select_related("kind"):
        counts[event.kind.key] = counts.get(event.kind.key, 0) + 1
    for event in Event.objects.filter(kind__key="hit.reclassified"):
        counts[event.properties["kind"]] -= 1
    return {kind: n for kind, n in counts.items() if n}


def counted():
    return {row.kind.key: row.n for row in ContactState.objects.filter(kind__key__startswith="mail.clicked")}


@pytest.mark.django_db
def test_a_clear_click_is_told_at_once_with_its_time_and_subject():
    tell(sent("5"), clicked("5", 600, link=3))
    event = Event.objects.select_related("subject").get(kind__key="mail.clicked")
    raw = Event.objects.get(kind__key="hit.clicked")
    assert (event.occurred_at, event.subject.key, event.cause, event.depth) == (after(600), "17", raw.pk, 1)
    assert event.properties["link"] == 3
    counter = SubjectCounter.objects.get(subject__key="17", kind__key="mail.clicked")
    assert (counter.n, counter.people) == (1, 1)


@pytest.mark.django_db
def test_a_soon_click_is_told_when_it_is_due():
    tell(sent("5"), clicked("5", 5), now=after(6))
    assert told() == {}
    assert judge_due(after(24)) == 0
    catch_up(after(25))
    assert told() == counted() == {"mail.clicked": 1}


@pytest.mark.django_db
def test_a_run_of_clicks_takes_the_first_one_back():
    tell(sent("5"), clicked("5", 600, link=1), now=after(601))
    assert counted() == {"mail.clicked": 1}
    tell(clicked("5", 601, link=2), clicked("5", 602, link=3), now=after(603))
    assert told() == counted() == {"mail.clicked_by_machine": 3}
    counter = {row.kind.key: (row.n, row.people) for row in SubjectCounter.objects.select_related("kind")}
    assert counter["mail.clicked"] == (0, 0)
    assert counter["mail.clicked_by_machine"] == (3, 1)


@pytest.mark.django_db
def test_a_hand_over_recorded_after_the_hit_still_tells_the_machine():
    tell(clicked("5", 1), now=after(1))
    assert told() == {"mail.clicked": 1}
    tell(sent("5"), now=after(2))
    assert told() == counted() == {"mail.clicked_by_machine": 1}


@pytest.mark.django_db
@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_order_of_arrival_does_not_matter(order):
    events = [sent("5"), clicked("5", 30, link=1), clicked("5", 33, link=2), clicked("5", 34, link=0)]
    for index in order:
        tell(events[index], now=after(35))
    catch_up(LATER)
    assert told() == counted() == {"mail.clicked_by_machine": 3}


@pytest.mark.django_db
def test_hits_without_a_message_are_judged_alone():
    bare = [NewEvent(1, "hit.opened", after(600), properties={"agent": CHROME}) for _ in range(2)]
    tell(*bare)
    assert Event.objects.filter(kind__key="mail.opened").count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT mail) FROM hit_verdict")
        assert cursor.fetchone() == (2,)
