"""The proof: a person is put wherever the product keeps anything, erased, and looked for in every table and file."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from campaigns.deliverability.models import SoftBounces
from campaigns.notices.models import ConsentNotice
from campaigns.senders.models import Sender
from campaigns.sending.models import ContactSendState, Dispatch, Message, Retry
from campaigns.templating.models import MailTemplate, TemplateVersion
from campaigns.webhooks.models import WebhookReceipt
from contacts.commerce.models import Order, OrderLine, OrderRefund, Product
from contacts.commerce.orders import Line, place, refund
from contacts.consent.exclusion import exclude
from contacts.consent.record import Proof, record
from contacts.files import keeping
from contacts.identity.merge import merge
from contacts.imports.models import ImportJob, ImportRefusal, Step
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.lists import fixed, membership
from contacts.notes import writing as notes
from contacts.opt_in.models import OptIn
from contacts.people.models import Contact, PeopleExport
from contacts.people.profile import Profile, update
from contacts.privacy import erasure, running
from contacts.privacy.models import Erasure
from contacts.segments.models import ByHand, Membership, Segment
from crm.team.models import Notice
from crm.team.trail.record import record as record_trail
from journeys.calls.models import Call
from journeys.engine.models import Enrolment, StartRequest, Trace
from journeys.journey.models import Journey, JourneyStep, JourneyVersion

pytestmark = pytest.mark.django_db

# What can be told apart from everything else there is; also as URLs and forms write it.
MARK = "qzxmarker"
VALUES = (MARK, "큐즈엑", "55557777", "5555-7777", "203.0.113.0", "%ED%81%90%EC%A6%88")
EMAIL, OTHER = f"{MARK}.one@{MARK}.example.com", f"{MARK}+two@example.com"


@pytest.fixture
def files(settings, tmp_path):
    """Directories of their own for uploads and journals."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.JOURNAL_DIR = tmp_path / "journal"
    (tmp_path / "journal").mkdir()
    return tmp_path


@pytest.fixture
def known(person, team, now, files):
    """A person of whom everything is known, in two records that were merged."""
    kim = person(
        team.rob, name=f"큐즈엑 {MARK}", email=EMAIL, phone="010-5555-7777", company="Tea Ltd",
        title=f"{MARK} boss", street=f"{MARK} street 1", attributes={"hobby": MARK},
    )  # fmt: skip
    twin = person(name=f"{MARK} twin", email=OTHER, phone="010-5555-7778", city=MARK)
    _said(kim, team, now)
    _bought(kim, now)
    _mailed(kim, now)
    _imported(team, now)
    _travelled(kim, now)
    _noted(kim, team, now)
    merge(kim.pk, twin.pk, by=team.alice, now=now)
    catch_up(now)
    return kim


def _said(kim, team, now):
    proof = Proof(source=f"{MARK} call", wording=f"Yes, says {MARK}", ip_prefix="203.0.113.0", basis=MARK)
    record(kim.pk, "marketing", "email", "granted", at=now, proof=proof, now=now)
    exclude(kim, f"{MARK} does not want it", by=team.alice, now=now)
    notes.add(kim.pk, f"{MARK} likes tea", by=team.rob, now=now, token=uuid4())
    picture = ContentFile(f"%PDF-1.4 {MARK}".encode(), name=f"{MARK}.pdf")
    keeping.keep(picture, contact_id=kim.pk, by=team.rob, now=now, token=uuid4())
    membership.tag(membership.tag_named("tea"), [kim.pk], by=team.rob, now=now)
    membership.add(fixed.create("Tea", "", by=team.alice, now=now), [kim.pk], by=team.alice, now=now)
    OptIn.objects.create(
        contact=kim, email_key=kim.email_key, day=now.date(), purposes=["marketing"], wording=MARK, source=MARK,
        asked_at=now, due_at=now, state="done", last_error=f"550 <{EMAIL}> unknown",
    )  # fmt: skip
    segment = Segment.objects.create(name="Tea drinkers", definition={}, state="ready", members=1)
    Membership.objects.create(segment=segment, contact_id=kim.pk, entered_at=now)
    ByHand.objects.create(segment=segment, contact_id=kim.pk, included=True, at=now, by=team.alice)


def _bought(kim, now):
    product = Product.objects.create(key="tea", name="Tea")
    order = place(f"{MARK}-1001", kim.pk, [Line(product, 2, 5000)], placed_at=now, now=now)
    refund(order.pk, order.total / 2, seen=order.refunded, now=now)
    OrderRefund.objects.create(order=order, amount=1, reason=f"{MARK} broke it", at=now)


def _mailed(kim, now):
    sender = Sender.objects.create(email="n@example.com", name="N", organisation="S", postal_address="S", phone="0")
    version = TemplateVersion.objects.create(template=MailTemplate.objects.create(name="Sale"), number=1)
    refused = f"550 5.1.1 <{EMAIL}> unknown user"
    dispatch = Dispatch.objects.create(sender=sender, template_version=version, state_reason=refused, created_at=now)
    mail = Message.objects.create(dispatch=dispatch, contact_id=kim.pk, ordinal=1, email=EMAIL)
    Retry.objects.create(dispatch=dispatch, message=mail, due_at=now, last_error=refused)
    ContactSendState.objects.create(contact_id=kim.pk, message_ids=[mail.pk], times=[now])
    SoftBounces.objects.create(contact_id=kim.pk, in_row=2)
    ConsentNotice.objects.create(kind="result", contact_id=kim.pk, entry_id=1, due_at=now, state="done")
    body = f"recipient={EMAIL.replace('@', '%40')}&event=bounced&to={EMAIL}".encode()
    WebhookReceipt.objects.create(
        provider="mailgun", digest="d" * 64, content_type="x", body=body, received_at=now, due_at=now, state="done"
    )
    seen = {"message": mail.pk, "agent": f"{MARK}/1.0", "ip": "203.0.113.0"}
    subject = ("dispatch", str(dispatch.pk))
    hits = [NewEvent(kim.pk, kind, now, subject=subject, properties=seen) for kind in ("hit.opened", "mail.opened")]
    visit = NewEvent(
        kim.pk, "page.viewed", now, subject=("page", "/"), properties={"utm_source": MARK, "ip": "203.0.113.0"}
    )
    append([*hits, visit], source="test", now=now)


def _imported(team, now):
    waiting = {"created_by": team.alice, "encoding": "utf-8", "delimiter": ",", "due_at": now, "state": "done"}
    job = ImportJob(step=Step.UPLOADED, file_name="people.csv", sample=[[EMAIL, MARK]], **waiting)
    job.file.save("people.csv", ContentFile(f"email,name\n{EMAIL.upper()},{MARK}\n".encode()), save=True)
    done = ImportJob.objects.create(
        step=Step.FINISHED, file_name="old.csv", finished_at=now, preview={"new_sample": [{"email": EMAIL}]}, **waiting
    )
    ImportRefusal.objects.create(job=done, line=2, code="bad_phone", column="Phone", value=MARK, row=f"{EMAIL},x")


def _travelled(kim, now):
    journey = Journey.objects.create(name="Tea time", draft={})
    version = JourneyVersion.objects.create(journey=journey, number=1, graph={}, published_at=now)
    step = JourneyStep.objects.create(version=version, key="mail", kind="send_email")
    way = Enrolment.objects.create(
        journey=journey, contact_id=kim.pk, key=f"{MARK}-1001", step=step, entered_at=now, arrived_at=now,
        facts={"order": f"{MARK}-1001"}, problem=f"cannot do it for {MARK}",
    )  # fmt: skip
    Trace.objects.create(
        enrolment=way, visit=1, contact_id=kim.pk, step=step, outlet="next", arrived_at=now, left_at=now,
        facts={"to": EMAIL},
    )  # fmt: skip
    StartRequest.objects.create(journey=journey, contact_id=kim.pk, key=MARK, at=now, facts={"name": MARK})
    Call.objects.create(
        enrolment_id=way.pk, visit=1, contact_id=kim.pk, url=f"https://x.example/?q={MARK}", body={"mail": EMAIL},
        made_at=now, due_at=now, state="done",
    )  # fmt: skip


def _noted(kim, team, now):
    record_trail("contact", kim.pk, "changed", now=now, by=team.rob, label=MARK, after={"street": MARK})
    record_trail("export", None, "added", now=now, by=team.rob, after={"query": f"q={MARK}.one@{MARK}.example.com"})
    Notice.objects.create(user=team.rob, text=f"큐즈엑 {MARK} is hot", url=f"/people/{kim.pk}/", at=now, due_at=now)
    Notice.objects.create(user=team.rob, text="A hot lead", url=f"/people/{kim.pk}/", at=now, due_at=now)
    PeopleExport.objects.create(
        by=team.mina, at=now, reason="look", query="q=%ED%81%90%EC%A6%88%EC%97%91+qzxmarker", people=1
    )
    update(kim.pk, Profile(name=f"큐즈엑 {MARK}", email=EMAIL, city=MARK), version=1, by=team.rob, now=now)


def dump():
    """Return every row of every table as PostgreSQL writes it, by table."""
    told = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' "
            "WHERE c.relkind = 'r'"
        )
        for (table,) in cursor.fetchall():
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                told[table] = b"".join(bytes(piece) for piece in copy).decode()
    return told


def found_in(told):
    """Return the tables in which one of the values stands, also in bytes that COPY writes as hex."""
    wanted = [value.casefold() for value in VALUES] + [MARK.encode().hex()]
    return sorted(table for table, text in told.items() if any(value in text.casefold() for value in wanted))


def found_in_files(folder: Path):
    every = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in every if MARK.encode() in path.read_bytes().lower()]


def _erased(now):
    for _pass in range(3):  # what journeys tell of her end is read first
        catch_up(now)
        running.run_due(lambda: now + timedelta(seconds=2))


def test_nothing_of_an_erased_person_is_left(known, team, now, files, django_capture_on_commit_callbacks):
    before = found_in(dump())
    assert len(before) >= 20, before
    assert len(found_in_files(files)) == 2  # an import that waits, and a file kept with her
    erasure.request([known.pk], by=team.alice, reason="request", proof="letter 17", now=now)
    with django_capture_on_commit_callbacks() as after_commit:
        _erased(now)
    for call in after_commit:  # files go after the commit; what others would do then is theirs
        if call.__module__ == keeping.__name__:
            call()
    job = Erasure.objects.get()
    assert (job.state, job.records) == ("done", 2)
    assert found_in(dump()) == []
    assert found_in_files(files) == []
    assert set(job.counts) >= {
        "profile",
        "consent",
        "events",
        "mails",
        "journeys",
        "orders",
        "imports",
        "notices",
        "receipts",
    }


def test_what_stays_is_of_nobody(known, team, now):
    erasure.request([known.pk], by=team.alice, reason="request", now=now)
    _erased(now)
    order = Order.objects.get()
    assert (order.contact_id, order.key, order.total, order.refunded) == (None, f"erased-{order.pk}", 10000, 5000)
    assert OrderLine.objects.get().quantity == 2
    assert list(Enrolment.objects.values_list("end", "key", "facts", "problem")) == [("erased", "", None, "")]
    assert list(Message.objects.values_list("ordinal", "email")) == [(1, "")]
    assert Segment.objects.get(name="Tea drinkers").members == 0
    assert not Contact.objects.filter(name__contains=MARK).exists()
