"""Files of people and accounts: what is taken, who may open them, and how they are handed out."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.errors import Invalid
from contacts.files import keeping
from contacts.files.kinds import BadFile, clean_name
from contacts.models import KeptFile

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.fixture(autouse=True)
def place(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def upload(name="계약서.pdf", content=b"%PDF-1.7 x"):
    return SimpleUploadedFile(name, content)


def stored(place):
    return sorted(found for found in place.rglob("*") if found.is_file())


def test_file_is_kept_once_told_and_handed_out_as_a_download(crowd, team, as_, place):
    client, url, token = as_(team.rob), f"/people/{crowd.kim.pk}/file/", str(uuid4())
    for _twice in range(2):
        assert client.post(url, {"file": upload(), "token": token}).status_code == 302
    row = KeptFile.objects.get()
    assert (row.name, row.type, row.size, row.by) == ("계약서.pdf", "application/pdf", 10, team.rob)
    assert [found.suffix for found in stored(place)] == [".pdf"]
    assert "계약서" not in str(stored(place)[0])
    answer = client.get(f"/files/{row.pk}/?show=1")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 x"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "A file was kept" in client.get(f"/people/{crowd.kim.pk}/timeline/").content.decode()
    assert "계약서.pdf" in client.get(f"/people/{crowd.kim.pk}/files/").content.decode()


def test_pictures_alone_are_shown_in_the_page(crowd, team, as_):
    client = as_(team.rob)
    client.post(f"/people/{crowd.kim.pk}/file/", {"file": upload("card.PNG", PNG)})
    row = KeptFile.objects.get()
    for query, how in (("?show=1", "inline;"), ("", "attachment;")):
        answer = client.get(f"/files/{row.pk}/{query}")
        assert b"".join(answer.streaming_content) == PNG
        assert answer["Content-Disposition"].startswith(how)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.exe", b"MZ"),
        ("invoice.pdf.js", b"x"),
        ("page.svg", b"<svg/>"),
        ("card.png", b"<html>"),
        ("notes.txt", b"a\0b"),
        ("no-end", b"x"),
        ("empty.txt", b""),
        ("contract\u202efdp.txt", b"x"),
        ("a" * 170 + ".txt", b"x"),
    ],
)
def test_refused_file_leaves_nothing(crowd, team, as_, place, name, content):
    given = upload("x.txt", content)
    given._name = name  # as another door may hand it on
    with pytest.raises(Invalid):
        keeping.keep(given, contact_id=crowd.kim.pk, by=team.rob, now=crowd.kim.created_at, token=uuid4())
    if name.isprintable():  # Django takes unprintable marks out of the names of uploads
        answer = as_(team.rob).post(f"/people/{crowd.kim.pk}/file/", {"file": upload(name, content)})
        assert answer.status_code == 400
    assert KeptFile.objects.count() == 0
    assert stored(place) == []


def test_too_large_and_too_many_are_refused(crowd, team, as_, place, monkeypatch):
    monkeypatch.setattr(keeping, "LARGEST", 5)
    answer = as_(team.rob).post(f"/people/{crowd.kim.pk}/file/", {"file": upload("a.txt", b"123456")})
    assert answer.status_code == 400
    monkeypatch.setattr(keeping, "MOST", 1)
    for status in (302, 400):
        given = {"file": upload("a.txt", b"1")}
        assert as_(team.rob).post(f"/people/{crowd.kim.pk}/file/", given).status_code == status
    assert KeptFile.objects.count() == 1
    assert len(stored(place)) == 1


def test_files_of_others_people_are_not_there(crowd, team, as_, place):
    as_(team.rob).post(f"/people/{crowd.kim.pk}/file/", {"file": upload()})
    row = KeptFile.objects.get()
    rita = as_(team.rita)
    for method, url in (
        ("get", f"/files/{row.pk}/"),
        ("post", f"/files/{row.pk}/delete/"),
        ("get", f"/people/{crowd.kim.pk}/files/"),
        ("post", f"/people/{crowd.kim.pk}/file/"),
    ):
        assert getattr(rita, method)(url).status_code == 404
    assert as_(team.ana).post(f"/files/{row.pk}/delete/").status_code == 403
    assert len(stored(place)) == 1


def test_deleted_file_is_gone_from_the_disk(crowd, team, as_, place, django_capture_on_commit_callbacks):
    client = as_(team.rob)
    client.post(f"/accounts/{crowd.kim.account_id}/file/", {"file": upload()})
    row = KeptFile.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/files/{row.pk}/delete/").status_code == 302
    assert (KeptFile.objects.count(), stored(place)) == (0, [])
    assert client.get(f"/files/{row.pk}/").status_code == 404


def test_forgetting_a_person_takes_her_files_alone(crowd, team, as_, place, django_capture_on_commit_callbacks):
    client = as_(team.mina)
    for who in (crowd.kim, crowd.lee):
        client.post(f"/people/{who.pk}/file/", {"file": upload()})
    with django_capture_on_commit_callbacks(execute=True):
        assert keeping.forget([crowd.kim.pk]) == 1
    assert KeptFile.objects.get().contact == crowd.lee
    assert len(stored(place)) == 1


def test_name_is_cut_of_folders_and_kept_in_one_form():
    assert clean_name("C:\\Users\\kim\\한글.pdf") == "한글.pdf"  # decomposed, as Macs send it
    assert clean_name("../../etc/passwd.txt") == "passwd.txt"
    for bad in ("", "..", "a\x07.txt"):
        with pytest.raises(BadFile):
            clean_name(bad)
