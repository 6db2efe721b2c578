"""Merging many by a choice: who is chosen, what is left alone, stopping, a kill in the middle, undoing the whole."""

from datetime import timedelta

import pytest

from contacts.duplicates import bulk
from contacts.duplicates.queries import Choice
from contacts.models import ConsentState, Contact, DuplicateMerge, DuplicatePair, Merge
from crm.kit.work import LostLease

pytestmark = pytest.mark.django_db
MAILBOX = Choice(reason="mailbox", agreeing=True)


@pytest.fixture
def twins(person, team, searched):
    """Three pairs of one mailbox (one with other phones), and a pair that only shares a phone."""
    for number in range(3):
        person(email=f"p{number}@gmail.com", name=f"n{number}", phone=f"010-2000-000{number}")
        other = "010-3000-0000" if number == 2 else ""
        person(email=f"p.{number}@gmail.com", title="부장", phone=other)
    person(name="Emma", phone="010-9000-0000"), person(name="Olga", phone="010-9000-0000")
    assert len(searched()) == 4


def names():
    return sorted(Contact.objects.live().values_list("email", flat=True).exclude(email=None))


def finished(now):
    while bulk.run_due(lambda: now):
        pass
    return DuplicateMerge.objects.latest("pk")


def test_all_pairs_of_the_choice_are_merged_and_no_other(twins, team, now):
    job = bulk.start(MAILBOX, by=team.mina, now=now)
    assert job.total == 2
    job = finished(now)
    assert (job.state, job.step, job.merged, job.skipped) == ("done", "merged", 2, 0)
    assert names() == ["p.2@gmail.com", "p0@gmail.com", "p1@gmail.com", "p2@gmail.com"]
    assert set(Merge.objects.values_list("bulk", "by")) == {(job.pk, team.mina.pk)}
    assert Contact.objects.get(email="p0@gmail.com").title == "부장"
    assert len(names()) + 2 == Contact.objects.live().count()


def test_without_agreeing_contradictions_are_merged_too(twins, team, now):
    assert bulk.start(Choice(reason="mailbox"), by=team.mina, now=now).total == 3
    assert finished(now).merged == 3


def test_pairs_found_later_and_pairs_kept_apart_are_left_alone(twins, team, now, person, searched):
    bulk.start(MAILBOX, by=team.mina, now=now)
    DuplicatePair.objects.filter(second__email="p.0@gmail.com").update(state="distinct", decided_at=now)
    person(email="late@gmail.com"), person(email="la.te@gmail.com")
    searched()
    assert finished(now).merged == 1
    assert "la.te@gmail.com" in names()
    assert "p.0@gmail.com" in names()


def test_three_of_one_mailbox_become_one(person, team, searched, now):
    for email in ("abc@gmail.com", "a.bc@gmail.com", "ab.c@gmail.com"):
        person(email=email)
    assert len(searched()) == 3
    bulk.start(MAILBOX, by=team.mina, now=now)
    assert finished(now).merged == 2
    assert names() == ["abc@gmail.com"]


def test_whole_job_is_undone_and_everything_is_as_it_was(twins, team, now):
    before = list(Contact.objects.order_by("pk").values_list("pk", "name", "title", "phone", "merged_into"))
    bulk.start(MAILBOX, by=team.mina, now=now)
    bulk.undo(finished(now), now=now)
    job = finished(now)
    assert (job.step, job.undone, Merge.objects.filter(undone_at=None).count()) == ("undone", 2, 0)
    assert list(Contact.objects.order_by("pk").values_list("pk", "name", "title", "phone", "merged_into")) == before
    assert not ConsentState.objects.exists()
    with pytest.raises(bulk.NotNow):
        bulk.undo(job, now=now)


def test_what_cannot_be_undone_is_left_and_the_rest_is(twins, team, now, person):
    bulk.start(MAILBOX, by=team.mina, now=now)
    job = finished(now)
    person(email="p.1@gmail.com")
    bulk.undo(job, now=now)
    assert finished(now).undone == 1
    assert Merge.objects.filter(undone_at=None).count() == 1


def test_stopped_job_merges_nothing_more_and_a_lost_lease_leaves_nothing(twins, team, now):
    bulk.start(MAILBOX, by=team.mina, now=now)
    (held,) = DuplicateMerge.claim(now)
    assert bulk.merge_next(held, lambda: now)
    bulk.cancel(held, now=now)
    with pytest.raises(LostLease):
        bulk.merge_next(held, lambda: now)
    assert Merge.objects.count() == 1
    job = finished(now)
    assert (job.state, job.step, job.merged) == ("cancelled", "merged", 1)
    with pytest.raises(bulk.NotNow):
        bulk.cancel(job, now=now)
    bulk.undo(job, now=now)
    assert finished(now).undone == 1


def test_killed_worker_is_followed_by_another(twins, team, now):
    bulk.start(MAILBOX, by=team.mina, now=now)
    (held,) = DuplicateMerge.claim(now)
    bulk.merge_next(held, lambda: now)
    later = now + timedelta(hours=1)
    assert (finished(later).merged, Merge.objects.count()) == (2, 2)


def test_who_lost_the_right_merges_nothing(twins, team, now):
    bulk.start(MAILBOX, by=team.mina, now=now)
    team.mina.role = "sales_rep"
    team.mina.save()
    assert finished(now).merged == 0
    assert Merge.objects.count() == 0


def test_nothing_chosen_and_too_many_are_refused(twins, team, now, monkeypatch):
    with pytest.raises(bulk.NotNow):
        bulk.start(Choice(reason="typo"), by=team.mina, now=now)
    monkeypatch.setattr(bulk, "LIMIT", 1)
    with pytest.raises(bulk.NotNow):
        bulk.start(MAILBOX, by=team.mina, now=now)
    assert DuplicateMerge.objects.count() == 0


def test_pages_say_how_many_first_and_start_one_job_for_a_form(twins, team, as_, now):
    client, query = as_(team.mina), "reason=mailbox&agreeing=1"
    page = client.get(f"/duplicates/many/?{query}")
    assert (page.context["total"], len(page.context["cards"])) == (2, 2)
    assert "Merge 2 pairs" in page.content.decode()
    form = {"reason": "mailbox", "agreeing": "1", "token": str(page.context["token"])}
    first = client.post("/duplicates/many/", form).url
    assert client.post("/duplicates/many/", form).url == first
    assert DuplicateMerge.objects.count() == 1
    job = finished(DuplicateMerge.objects.get().due_at)
    assert "2 merges hold" in client.get(first).content.decode()
    assert client.post(f"{first}cancel/").status_code == 302
    assert client.post(f"{first}undo/").status_code == 302
    finished(DuplicateMerge.objects.get().due_at)
    assert "0 merges hold" in client.get(first).content.decode()
    assert client.get("/duplicates/many/?reason=magic").status_code == 400
    assert client.post("/duplicates/many/", {"reason": "typo"}).status_code == 400
    assert DuplicateMerge.objects.get().pk == job.pk
