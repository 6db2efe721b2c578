"""Every table is either followed by the trail or named here with the reason why not; the triggers are there."""

import pytest
from django.apps import apps
from django.db import connection

from crm.team.models import Company
from crm.team.trail import watching
from crm.team.trail.kinds import KINDS, tables

OWN_APPS = {"team", "contacts", "campaigns", "journeys", "home", "runtime", "api"}
MACHINE = "written by machines: events, figures and work rows, which say themselves when and why"
HISTORY = "keeps its own history, with who and when"
SECRET = "holds secrets: what is done with them is recorded by name"
# fmt: off
# ruff: noqa: E501
NOT_WATCHED = {
    MACHINE: {
        "team.Notice", "home.Tally", "home.Alarm", "home.Heartbeat", "api.Answer", "contacts.BulkActRow",
        "contacts.Export", "team.SavedView", "team.DefaultView", "team.DemoMark",
        "contacts.HookDelivery", "contacts.HookEvent",
        "contacts.ContactKey", "contacts.ImportRange", "contacts.NoteMention", "campaigns.SenderTrial",
        "contacts.BuyerCount", "contacts.BuyerRank", "contacts.ConsentState", "contacts.TopicState", "contacts.ContactSeen", "contacts.ContactState",
        "contacts.ContactTouch", "contacts.DuplicateKey", "contacts.DuplicateSearch", "contacts.Event",
        "contacts.FollowerState", "contacts.ImportRefusal", "contacts.LedgerKind", "contacts.LedgerSubject",
        "contacts.Membership", "contacts.OptIn", "contacts.PostedForm", "contacts.Score", "contacts.ScoreEntry",
        "contacts.SegmentBuild", "contacts.SegmentSize", "contacts.SegmentTouch", "contacts.SegmentWaiting",
        "contacts.SubjectCounter", "contacts.SubjectState",
        "campaigns.Chunk", "campaigns.ConsentNotice", "campaigns.ContactSendState", "campaigns.Dispatch",
        "campaigns.DomainPace", "campaigns.Link", "campaigns.MailerState", "campaigns.Message", "campaigns.Retry",
        "campaigns.SoftBounces", "campaigns.WebhookReceipt",
        "journeys.Call", "journeys.ExistingStart", "journeys.JourneyStep", "journeys.RefusalCount", "journeys.Rehearsal",
        "journeys.StartRequest", "journeys.StepCount", "journeys.StepMove", "journeys.Touched",
    },
    HISTORY: {
        "team.TrailEntry", "team.SignIn", "runtime.DemoRemoval", "contacts.Erasure", "contacts.ErasedPerson", "contacts.NoteVersion", "contacts.ConsentEntry", "contacts.TopicEntry", "contacts.Suppression", "contacts.DuplicatePair", "contacts.FollowUp",
        "contacts.OrderLine", "contacts.SegmentVersion", "campaigns.TemplateVersion", "journeys.JourneyVersion",
        "journeys.Enrolment", "journeys.Trace",
    },
    SECRET: {"team.Throttle", "team.SecondFactor", "team.RecoveryCode"},
}
# fmt: on


def test_every_table_is_followed_or_named_with_the_reason():
    ours = {model._meta.label for model in apps.get_models() if model._meta.app_label in OWN_APPS}
    followed = {table.model._meta.label for _kind, table in tables()}
    named = set().union(*NOT_WATCHED.values())
    assert followed & named == set()
    assert ours - followed - named == set(), "follow them (<app>/trail.py) or say here why not"
    assert named - ours == set()


@pytest.mark.parametrize(("kind", "table"), tables(), ids=lambda value: getattr(value, "key", ""))
def test_columns_named_by_a_table_exist(kind, table):
    columns = {field.column for field in table.model._meta.concrete_fields}
    named = {table.id, *table.labels, *table.left_out, *table.secret} | ({table.spread} if table.spread else set())
    assert named - columns == set()


@pytest.mark.django_db
def test_triggers_are_there_and_a_repeat_changes_nothing():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'team_trail'")
        found = {name for (name,) in cursor.fetchall()}
    assert found == {table.model._meta.db_table for _kind, table in tables()}
    assert watching.install() == []


@pytest.mark.django_db
def test_trigger_that_was_dropped_or_is_of_old_comes_back():
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER team_trail ON team_company")
        cursor.execute("COMMENT ON TRIGGER team_trail ON contacts_tag IS 'older'")
    assert watching.install() == ["contacts_tag", "team_company"]
    Company.objects.create(name="Harbour")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM team_trail WHERE kind = 'company'")
        assert cursor.fetchone() == (1,)


def test_every_kind_has_a_page_that_exists():
    for kind in KINDS:
        assert kind.url(1) or not kind.url_name
