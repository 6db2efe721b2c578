"""Notes: written, changed and deleted by their author, kept in history, and told to whom they name."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from contacts.errors import StaleEdit
from contacts.identity.merge import merge, unmerge
from contacts.models import Account, Note, NoteVersion, Stage
from contacts.notes import writing
from contacts.notes.mentions import named_in, spans
from contacts.notes.writing import NotYours
from contacts.stages.choice import stages_in_use
from crm.team.models import Notice, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def note(crowd, team, now):
    writing.add(crowd.kim.pk, "Call him", by=team.rob, now=now, token=uuid4())
    return Note.objects.get()


def told():
    return sorted(Notice.objects.values_list("user__name", "text", "url"))


def test_who_is_named_is_told_once_in_her_language(crowd, team, note, now):
    User.objects.filter(pk=team.cleo.pk).update(language="ko", name="김하나")
    text = "@Mina look, and @김하나님께: ask @Rob and @Nobody"
    changed = writing.edit(note.pk, text, version=1, by=team.rob, now=now)
    page = f"/notes/{note.pk}/"
    assert [(name, url) for name, _text, url in told()] == [("Mina", page), ("김하나", page)]
    assert told()[0][1] == f"Rob mentioned you in a note on 김철수: “{text}”"
    assert {row.user.name for row in note.mentions.all()} == {"Mina", "김하나", "Rob"}
    writing.edit(note.pk, text + "!", version=changed.version, by=team.rob, now=now)
    assert len(told()) == 2


def test_who_may_not_see_the_person_is_not_told(crowd, team, now):
    writing.add(crowd.kim.pk, "@Rita and @Cleo", by=team.rob, now=now, token=uuid4())
    assert [name for name, *_rest in told()] == ["Cleo"]
    writing.add_to_account(crowd.kim.account_id, "@Rita", by=team.rob, now=now, token=uuid4())
    assert [name for name, *_rest in told()] == ["Cleo", "Rita"]


def test_author_alone_changes_and_deletes_and_the_history_is_kept(team, note, now, as_):
    with pytest.raises(NotYours):
        writing.edit(note.pk, "mine", version=1, by=team.alice, now=now)
    with pytest.raises(NotYours):
        writing.delete(note.pk, by=team.mina, now=now)
    writing.edit(note.pk, "Call her", version=1, by=team.rob, now=now)
    with pytest.raises(StaleEdit):
        writing.edit(note.pk, "again", version=1, by=team.rob, now=now)
    for _again in range(2):
        writing.delete(note.pk, by=team.rob, now=now)
    note.refresh_from_db()
    assert (note.text, note.deleted_at) == ("", now)
    assert sorted(NoteVersion.objects.values_list("text", flat=True)) == ["Call her", "Call him"]
    for who, sees in ((team.rob, True), (team.alice, True), (team.mina, False)):
        page = as_(who).get(f"/notes/{note.pk}/").content.decode()
        assert ("Call him" in page) is sees
        assert "Note deleted" in page


def test_timeline_shows_the_note_as_it_is_now(crowd, team, note, now, as_):
    client, url = as_(team.mina), f"/people/{crowd.kim.pk}/timeline/"
    writing.edit(note.pk, "Call <b>her</b> @Mina", version=1, by=team.rob, now=now)
    page = client.get(url).content.decode()
    assert "Call &lt;b&gt;her&lt;/b&gt; " in page
    assert '<strong class="note-name">@Mina</strong>' in page
    assert "Call him" not in page
    writing.delete(note.pk, by=team.rob, now=now)
    assert "Note deleted" in client.get(url).content.decode()


def test_note_pages_keep_what_was_typed(team, note, as_):
    client, url = as_(team.rob), f"/notes/{note.pk}/edit/"
    assert client.post(url, {"text": "first", "version": "1"}).status_code == 302
    stale = client.post(url, {"text": "second", "version": "1"})
    assert (stale.status_code, "second" in stale.content.decode()) == (409, True)
    empty = client.post(url, {"text": " ", "version": "2"})
    assert empty.status_code == 400
    assert Note.objects.get().text == "first"
    assert as_(team.rita).get(f"/notes/{note.pk}/").status_code == 404


def test_insights_stand_with_their_stage_on_the_account(crowd, team, as_):
    client, account = as_(team.cleo), crowd.kim.account
    stage, url = stages_in_use()[1], f"/accounts/{account.pk}/note/"
    token = str(uuid4())
    for _twice in range(2):
        client.post(url, {"text": "They compare prices", "stage": stage.pk, "token": token})
    client.post(url, {"text": "Plain", "stage": "999999", "token": str(uuid4())})
    assert list(Note.objects.order_by("pk").values_list("text", "stage")) == [
        ("They compare prices", stage.pk),
        ("Plain", None),
    ]
    refused = client.post(url, {"text": "x" * 5001, "token": str(uuid4())})
    assert (refused.status_code, "x" * 5001 in refused.content.decode()) == (400, True)
    page = client.get(f"/accounts/{account.pk}/").content.decode()
    assert page.index("Plain") < page.index("They compare prices")
    assert as_(team.ana).post(url, {"text": "no"}).status_code == 403
    assert Note.objects.count() == 2


def test_database_refuses_a_note_on_nothing_and_an_insight_on_a_person(crowd, team, now):
    stage = Stage.objects.first()
    for on in ({}, {"contact": crowd.kim, "stage": stage}, {"contact": crowd.kim, "account": Account.objects.first()}):
        with pytest.raises(IntegrityError, match="note_of_one_thing"), transaction.atomic():
            Note.objects.create(text="x", by=team.rob, at=now, **on)


def test_notes_follow_a_merge_and_come_back(crowd, team, note, now):
    merged = merge(crowd.park.pk, crowd.kim.pk, by=team.mina, now=now)
    note.refresh_from_db()
    assert note.contact_id == crowd.park.pk
    unmerge(merged, now=now)
    note.refresh_from_db()
    assert note.contact_id == crowd.kim.pk


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Ann", ["Ann"]),
        ("@Anna and @ann.", ["Ann", "Anna"]),
        ("@Annabel", []),
        ("ann@example.com", []),
        ("@김철수님과 @김철", ["김철", "김철수"]),
        ("@A.*", []),
    ],
)
def test_names_are_found_whole(text, names):
    users = [User(name=name) for name in ("Ann", "Anna", "김철", "김철수")]
    assert sorted(user.name for user in named_in(text, users)) == names


def test_spans_are_the_whole_text():
    cut = spans("Ask @Ann, not @Bob", ["Ann"])
    assert [(span.text, span.named) for span in cut] == [("Ask ", False), ("@Ann", True), (", not @Bob", False)]
    assert "".join(span.text for span in spans("@", [])) == "@"
