"""Rows of the demo that are worth a picture, made where the demo has none. Called by docs/tour.py in a running install.

Django is set up when this is imported.
"""

from django.core.files.base import ContentFile

from campaigns.campaign import edit
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.senders.models import Sender
from campaigns.sending.models import Message
from campaigns.templating.models import MailTemplate
from contacts.duplicates import search
from contacts.duplicates.models import DuplicatePair
from contacts.imports import jobs, worker
from contacts.imports.fields import attributes_of_people, guess
from contacts.imports.models import ImportJob, Step
from contacts.imports.plan import Plan
from contacts.lists.models import FixedList
from contacts.people.models import Account, Contact
from contacts.scoring.models import Score, ScoreRule
from contacts.segments import saving
from contacts.segments.models import Segment
from contacts.segments.starters import STARTERS
from contacts.stages.models import Stage
from crm.kit import clock
from crm.runtime.mailbox import store
from crm.team import roster
from crm.team.models import User
from docs import tour_journeys
from docs.tour_desk import desk
from journeys.journey.models import Journey
from tests.people_csv import csv_bytes, people

_MONTH = {"last": {"n": 30, "unit": "days"}}
NESTED = {
    "all": [
        {"field": "known", "operator": "yes"},
        {
            "any": [
                {"field": "orders", "operator": "at_least", "value": 2},
                {
                    "all": [
                        {"did": "page.viewed", "times": {"operator": "at_least", "n": 3}, "window": _MONTH},
                        {"did": "mail.clicked", "window": _MONTH},
                    ]
                },
            ]
        },
    ]
}


def examples() -> dict[str, object]:
    """Return ids of rows worth a picture, by the name that stands for them in a path; a mail is sent for this."""
    rep = User.objects.get(email="rep@wayfare.example")
    roster.mail_link(rep)
    hottest = Score.objects.order_by("-total").values_list("contact_id", flat=True).first()
    contact = hottest or Contact.objects.values_list("pk", flat=True).first()
    finished = Campaign.objects.filter(state=CampaignState.FINISHED)
    return {
        "contact": contact,
        "lead": Score.objects.filter(contact__owner=rep)
        .order_by("-total")
        .values_list("contact_id", flat=True)
        .first(),
        "account": Account.objects.exclude(parent=None).values_list("parent", flat=True).first(),
        **_twins(),
        "template": MailTemplate.objects.filter(starter="offer").values_list("pk", flat=True).first(),
        "campaign": finished.values_list("pk", flat=True).last(),
        "segment": _segment("at-risk"),
        "other_segment": _segment("customers"),
        "third_segment": _segment("active"),
        "nested": _nested(),
        "stage": Stage.objects.filter(model__in_use=True, key="convert").values_list("pk", flat=True).first(),
        "draft": _draft(),
        "import": _import(),
        "message": _mail_of(rep),
        "rule": ScoreRule.objects.values_list("pk", flat=True).first(),
        "mail": store.names()[0],
        "journey": _journey("running"),
        "journey_draft": _journey("draft"),
        **tour_journeys.examples(),
        "list": FixedList.objects.values_list("pk", flat=True).first(),
        "sender": Sender.objects.values_list("pk", flat=True).first(),
        **desk(),
    }


def _mail_of(rep: User) -> int:
    """Return the last mail to a person whom the rep may see."""
    people = Contact.objects.visible_to(rep).order_by().values("pk")
    return Message.objects.filter(contact_id__in=people, left_out="").order_by("-pk").values_list("pk", flat=True)[0]


def _twins() -> dict[str, int]:
    """Return two people who may be one, searched for when nobody did yet."""
    while search.run_due(clock.now):
        pass
    twin, other = DuplicatePair.objects.order_by("-score", "pk").values_list("first", "second")[0]
    return {"twin": twin, "other": other}


def _draft() -> int:
    """Return a campaign that is ready to be sent, made once."""
    found = Campaign.objects.filter(state=CampaignState.DRAFT).values_list("pk", flat=True).first()
    if found:
        return found
    sender, template, audience = (model.objects.earliest("pk").pk for model in (Sender, MailTemplate, FixedList))
    fields = edit.CampaignFields("Winter offer", sender, template, include_lists=(audience,))
    return edit.create(fields, by=None).pk


def _segment(key: str) -> int:
    """Return a segment made from a template, made once; it is counted by the install's worker."""
    starter = STARTERS[key]
    found = Segment.objects.filter(name=str(starter.name)).first()
    draft = saving.Draft(str(starter.name), str(starter.description), starter.definition)
    return (found or saving.create(draft, by=None, now=clock.now())).pk


def _nested() -> int:
    """Return a segment with a group in a group, made once."""
    found = Segment.objects.filter(name="Ready for a call").first()
    draft = saving.Draft("Ready for a call", "Buyers and the keen, reached lately.", {"version": 1, "rule": NESTED})
    return (found or saving.create(draft, by=None, now=clock.now())).pk


def _import() -> int:
    """Return an import whose file was checked, made once."""
    job = ImportJob.objects.filter(step=Step.CHECKED).first()
    if job is None:
        by = User.objects.get(email="marketer@wayfare.example")
        content = ContentFile(csv_bytes(person.row for person in people(40)))
        job = jobs.upload(by, content, "people.csv", now=clock.now())
        columns = tuple(guess(job.header, job.sample, attributes_of_people()))
        jobs.check(job, Plan(columns, basis="sign-up form", wording="I agree to news."), now=clock.now())
        while worker.run_due(clock.now):
            pass
    return job.pk


def _journey(state: str) -> int | None:
    """Return the demo's first journey in this state."""
    return Journey.objects.filter(state=state).order_by("pk").values_list("pk", flat=True).first()
