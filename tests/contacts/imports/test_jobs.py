"""Imports from file to contacts: what arrives, what is refused, what the ledger is told."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection

from contacts.consent.models import ConsentEntry, ConsentState, Suppression
from contacts.consent.record import Proof, record
from contacts.imports import jobs
from contacts.imports.errors import BadFile, BadPlan
from contacts.imports.models import ImportJob, ImportRefusal, Step
from contacts.imports.plan import Plan, Policy
from contacts.ledger.models import Event
from contacts.lists.models import ContactTag, FixedList, ListMember, Tag
from contacts.people.address import email_key
from contacts.people.models import Account, Contact
from contacts.segments import saving
from contacts.segments.models import SegmentTouch
from contacts.segments.saving import Draft
from tests.contacts.imports.running import NOW, imported, plan_for, run, upload
from tests.people_csv import csv_bytes, people

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def known(email: str, **fields) -> Contact:
    return Contact.objects.create(email=email, email_key=email_key(email), **fields)


def told(kind: str, job: ImportJob | None = None):
    about = {"subject__type": "import", "subject__key": str(job.pk)} if job else {}
    return Event.objects.filter(kind__key=kind, **about)


def test_cp949_file_of_500_arrives_whole(alice):
    crowd = people(500)
    job = imported(alice, csv_bytes(person.row for person in crowd))
    assert (job.encoding, job.delimiter, job.has_header) == ("cp949", ",", True)
    assert (job.rows_new, job.rows_changed, job.rows_unchanged, job.refusals.count()) == (500, 0, 0, 0)
    assert dict(Contact.objects.values_list("email", "name")) == {person.email: person.name for person in crowd}
    first = Contact.objects.get(email=crowd[0].email)
    assert first.phone == "+8210" + crowd[0].phone[4:].replace("-", "")
    assert (first.company, first.title, first.city) == (crowd[0].company, crowd[0].title, crowd[0].city)
    assert (first.source, first.email_key) == ("import", email_key(first.email))
    said = ConsentState.objects.values_list("contact__email", "decision")
    assert dict(said) == {p.email: {"Y": "granted", "N": "withdrawn"}[p.said] for p in crowd if p.said}
    assert (told("contact.created", job).count(), told("contact.imported", job).count()) == (500, 500)
    assert told("consent.granted").count() == 350
    assert told("consent.withdrawn").count() == 50


def test_nothing_of_a_finished_import_lies_about(alice):
    job = imported(alice, csv_bytes(person.row for person in people(5)))
    assert (job.file.name, job.sample) == ("", [])
    assert list(Path(job.file.storage.location).rglob("*.csv")) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"import_stage_{job.pk}"])
        assert cursor.fetchone() == (None,)


def test_dry_run_changes_nothing_and_says_what_would_happen(alice):
    known("person000000@example.com", name="Old", title="CEO")
    known("person000001@example.com", name="이미 있음")
    crowd = people(4)
    rows = [person.row for person in crowd]
    job = upload(alice, csv_bytes([*rows, rows[0], ["no address", *rows[1][1:]]]))
    before = list(Contact.objects.order_by("pk").values())
    jobs.check(job, plan_for(job), now=NOW)
    run(job)
    assert list(Contact.objects.order_by("pk").values()) == before
    assert not Account.objects.exists()
    assert not ConsentEntry.objects.exists()
    assert not Event.objects.exists()
    assert (job.preview["new"], job.preview["changed"], job.preview["unchanged"], job.rows_kept) == (2, 2, 0, 4)
    changed = job.preview["changed_sample"][0]
    assert (changed["line"], changed["name"]) == (2, "Old")
    assert ["name", "Old", crowd[0].name] in changed["fields"]
    assert ["title", "CEO", crowd[0].title] in changed["fields"]
    assert job.preview["consents"] == {"consent.marketing.email": [4, 0, 0]}
    refused = job.refusals.order_by("line").values_list("line", "code", "value")
    assert list(refused) == [(6, "duplicate", "2"), (7, "bad_address", "no address")]


@pytest.mark.parametrize(
    ("policy", "name", "title", "company", "vip", "counts"),
    [
        (Policy.OVERWRITE, "New", "CEO", "Acme", "Gold", (0, 1, 0)),
        (Policy.FILL, "Old", "CEO", "Acme", "Silver", (0, 1, 0)),
        (Policy.KEEP, "Old", "CEO", "", "Silver", (0, 0, 1)),
    ],
)
def test_policy_for_known_people(alice, attribute, policy, name, title, company, vip, counts):
    known("a@example.com", name="Old", title="CEO", attributes={"vip": "Silver"})
    data = b"email,name,title,company,vip\nA@Example.com,New,,Acme,gold\n"
    job = imported(alice, data, policy=policy)
    person = Contact.objects.get()
    assert (person.name, person.title, person.company, person.attributes) == (name, title, company, {"vip": vip})
    assert (job.rows_new, job.rows_changed, job.rows_unchanged) == counts
    assert (person.account is None) == (policy == Policy.KEEP)
    assert person.version == 1 + counts[1]
    assert told("contact.created").count() == 0
    if counts[1]:
        fields = {"name", "company", "attributes"} if policy == Policy.OVERWRITE else {"company"}
        assert set(told("contact.updated", job).get().properties["fields"].split(", ")) == fields


def test_same_file_again_changes_nothing(alice):
    data = csv_bytes(person.row for person in people(30))
    imported(alice, data)
    before = (list(Contact.objects.order_by("pk").values()), ConsentEntry.objects.count(), Account.objects.count())
    job = imported(alice, data)
    assert (job.rows_new, job.rows_changed, job.rows_unchanged) == (0, 0, 30)
    after = (list(Contact.objects.order_by("pk").values()), ConsentEntry.objects.count(), Account.objects.count())
    assert after == before


def test_mailbox_under_another_name_and_merged_people_are_recognised(alice):
    hanmail = known("kim@hanmail.net", name="Kim")
    survivor = known("new@example.com", name="Lee")
    known("old@example.com", name="Lee", merged_into=survivor)
    job = imported(alice, b"email,title\nkim@daum.net,CEO\nold@example.com,CTO\n")
    assert (job.rows_new, job.rows_changed) == (0, 2)
    hanmail.refresh_from_db()
    survivor.refresh_from_db()
    assert (hanmail.email, hanmail.title, survivor.title) == ("kim@hanmail.net", "CEO", "CTO")


def consent_of(email: str) -> list[tuple[str, str]]:
    return sorted(ConsentState.objects.filter(contact__email=email).values_list("purpose", "decision"))


def test_consent_is_recorded_with_its_proof(alice):
    data = "email,수신여부,추적 동의,동의일\na@example.com,Y,N,2026-05-01\nb@example.com,,,\n".encode()
    imported(alice, data, basis="paper form", wording="I agree.")
    entry = ConsentEntry.objects.get(purpose="marketing")
    assert (entry.source, entry.basis, entry.wording, entry.recorded_by) == ("import", "paper form", "I agree.", alice)
    assert entry.at.isoformat() == "2026-04-30T15:00:00+00:00"
    assert consent_of("a@example.com") == [("marketing", "granted"), ("tracking", "withdrawn")]
    assert consent_of("b@example.com") == []


def test_no_consent_column_means_unknown(alice):
    imported(alice, b"email,name\na@example.com,Alice\n", basis="", wording="")
    assert Contact.objects.count() == 1
    assert not ConsentState.objects.exists()


@pytest.mark.parametrize(
    ("held", "row", "decision"),
    [
        (("withdrawn", 30), "Y,", "withdrawn"),  # a yes without a date lifts no refusal
        (("withdrawn", 30), "Y,2026-11-01", "granted"),  # a later dated one does
        (("withdrawn", 5), "Y,2026-11-01", "withdrawn"),
        (("granted", 5), "N,", "withdrawn"),
        (("granted", 5), ",", "granted"),
    ],
)
def test_file_and_known_decision_meet(alice, held, row, decision):
    person = known("a@example.com")
    proof = Proof(source="form")
    record(person.pk, "marketing", "email", held[0], at=NOW - held[1] * DAY, proof=proof, now=NOW)
    imported(alice, f"email,수신여부,동의일\na@example.com,{row}\n".encode(), agreed_on=date(2026, 11, 20))
    assert consent_of("a@example.com") == [("marketing", decision)]


def test_suppressed_stay_suppressed_and_erased_stay_away(alice):
    for name, reason in [("complained", "complaint"), ("erased", "erased")]:
        Suppression.objects.create(email_key=email_key(f"{name}@example.com"), reason=reason, at=NOW)
    data = "email,수신여부,sms 수신여부,동의일\n" + "".join(
        f"{name}@example.com,Y,Y,2026-05-01\n" for name in ("complained", "erased", "fine")
    )
    job = imported(alice, data.encode())
    assert set(Contact.objects.values_list("email", flat=True)) == {"complained@example.com", "fine@example.com"}
    channels = ConsentState.objects.filter(contact__email="complained@example.com").values_list("channel", "decision")
    assert list(channels) == [("sms", "granted")]
    assert consent_of("fine@example.com") == [("marketing", "granted")] * 2
    assert list(job.refusals.values_list("line", "code", "whole_row")) == [(3, "erased", True)]
    assert Suppression.objects.count() == 2


def test_companies_are_matched_by_number_then_name_and_made_once(alice):
    hanbit = Account.objects.create(name="한빛소프트", name_key="한빛소프트")
    nuri = Account.objects.create(name="누리", name_key="누리", business_number="1248100998")
    rows = [
        ["a@example.com", "㈜한빛 소프트", ""],
        ["b@example.com", "누리식품", "124-81-00998"],
        ["c@example.com", "새벽유통(주)", ""],
        ["d@example.com", "주식회사 새벽유통", ""],
        ["e@example.com", "한빛소프트", "220-81-62517"],
        ["f@example.com", "", ""],
    ]
    imported(alice, csv_bytes(rows, header=["이메일", "회사명", "사업자등록번호"]))
    found = dict(Contact.objects.values_list("email", "account__name"))
    assert found == {
        "a@example.com": "한빛소프트",
        "b@example.com": "누리",
        "c@example.com": "새벽유통(주)",
        "d@example.com": "새벽유통(주)",
        "e@example.com": "한빛소프트",
        "f@example.com": None,
    }
    hanbit.refresh_from_db()
    nuri.refresh_from_db()
    assert (hanbit.business_number, nuri.business_number, Account.objects.count()) == ("2208162517", "1248100998", 3)


def test_list_and_tags_are_joined_once_and_told(alice):
    fixed = FixedList.objects.create(name="Newsletter")
    vip = Tag.objects.create(name="VIP")
    member = known("a@example.com")
    ListMember.objects.create(fixed_list=fixed, contact=member)
    ContactTag.objects.create(tag=vip, contact=member)
    data = b'email,tags\na@example.com,vip\nb@example.com,"vip, Seminar"\nc@example.com,\n'
    imported(alice, data, list_id=fixed.pk, tags=("2026",))
    assert fixed.members.count() == 3
    worn = ContactTag.objects.values_list("contact__email", "tag__name")
    assert set(worn) == {
        ("a@example.com", "VIP"),
        ("a@example.com", "2026"),
        ("b@example.com", "VIP"),
        ("b@example.com", "Seminar"),
        ("b@example.com", "2026"),
        ("c@example.com", "2026"),
    }
    joined = told("list.joined").filter(subject__type="list", subject__key=str(fixed.pk))
    assert set(joined.values_list("contact__email", flat=True)) == {"b@example.com", "c@example.com"}
    assert told("tag.added").filter(subject__type="tag").count() == 5


def test_bad_file_leaves_nothing(alice, settings):
    with pytest.raises(BadFile):
        upload(alice, b"PK\x03\x04" + bytes(100))
    assert not ImportJob.objects.exists()
    assert list(Path(settings.MEDIA_ROOT).rglob("*")) == []


HEADER = (
    b"email,name,phone,subscribed,\xec\xa3\xbc\xeb\xaf\xbc\xeb\xb2\x88\xed\x98\xb8\na@example.com,A,,Y,900307-1234567\n"
)


@pytest.mark.parametrize(
    ("columns", "choices", "message"),
    [
        (("", "name", "", "", ""), {}, "Choose the column that holds the e-mail address"),
        (("email", "email", "", "", ""), {}, "Two columns are chosen"),
        (("email", "attribute:gone", "", "", ""), {}, "this attribute no longer exists"),
        (("email", "name", "", "", "title"), {}, "resident registration numbers"),
        (("email", "name", "given_name", "", ""), {}, "either a column with the whole name"),
        (("email",), {}, "belong to another file"),
        (("email", "", "", "consent.marketing.email", ""), {"basis": ""}, "on what ground"),
        (("email", "", "", "consent.marketing.email", ""), {"wording": " "}, "on what ground"),
        (("email", "", "", "consent.marketing.email", ""), {}, "when these people agreed"),
        (
            ("email", "", "", "consent.marketing.email", ""),
            {"agreed_on": date(2027, 1, 1)},
            "lies in the future",
        ),
        (("email", "", "", "", ""), {"list_id": 404}, "The chosen list was deleted"),
    ],
)
def test_plan_that_does_not_fit_is_refused(alice, columns, choices, message):
    job = upload(alice, HEADER)
    plan = Plan(columns, **{"basis": "form", "wording": "yes", **choices})
    with pytest.raises(BadPlan, match=message):
        jobs.check(job, plan, now=NOW)
    job.refresh_from_db()
    assert (job.step, job.state, job.plan) == (Step.UPLOADED, "done", {})


def test_plan_survives_its_json():
    plan = Plan(("email", ""), Policy.FILL, "form", "yes", date(2026, 1, 2), 3, ("a", "b"))
    assert Plan.from_json(plan.to_json()) == plan
    with pytest.raises(BadPlan):
        Plan.from_json({**plan.to_json(), "policy": "destroy"})


def test_all_rows_refused_is_a_result_too(alice):
    job = upload(alice, b"email,name\nnobody,A\n,B\n")
    jobs.check(job, plan_for(job), now=NOW)
    run(job)
    assert (job.step, job.rows_kept, job.rows_read) == (Step.CHECKED, 0, 2)
    assert list(ImportRefusal.objects.values_list("line", "code")) == [(2, "bad_address"), (3, "no_address")]


def test_who_goes_to_another_account_is_noted_with_the_colleagues_she_leaves(alice):
    nuri, hanbit = (Account.objects.create(name=name, name_key=name) for name in ("nuri", "hanbit"))
    lee = known("lee@example.com", name="Lee", company="hanbit", account=hanbit)
    kim = known("kim@example.com", name="Kim", company="hanbit", account=hanbit)
    known("park@example.com", name="Park", company="nuri", account=nuri)
    colleague = {"people_of_account": "any", "rule": {"all": [{"field": "title", "operator": "given"}]}}
    saving.create(Draft("Colleagues", "", {"version": 1, "rule": {"all": [colleague]}}), by=alice, now=NOW)
    SegmentTouch.objects.all().delete()
    rows = "이메일,회사\nlee@example.com,nuri\nkim@example.com,hanbit\n".encode()
    imported(alice, rows, policy=Policy.FILL)
    assert not SegmentTouch.objects.exists()  # she stays where she is
    imported(alice, rows, policy=Policy.OVERWRITE)
    lee.refresh_from_db()
    assert lee.account_id == nuri.pk
    assert list(SegmentTouch.objects.values_list("contact_id", flat=True)) == [kim.pk]
