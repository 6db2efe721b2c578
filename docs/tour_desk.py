"""Rows of the desk that are worth a picture: jobs, files, webhooks, public pages. Called by docs/tour_examples.py.

Django is set up when this is imported. Everything is made once, by the functions that the pages call.
"""

from collections.abc import Callable
from datetime import timedelta

from django.http import QueryDict

from campaigns.sending.models import Message
from campaigns.tracking.tokens import mail_token
from contacts.acts import jobs as acts
from contacts.acts.models import BulkAct
from contacts.commerce.models import Order, Product
from contacts.consent.record import Proof
from contacts.exports import jobs as exports
from contacts.exports.kind import EXPORTS, Asked
from contacts.exports.models import Export
from contacts.hooks import subscribing
from contacts.hooks.models import Hook
from contacts.imports.models import Every, ImportJob, ImportSource, Step
from contacts.lists.membership import tag_named
from contacts.opt_in.ask import ask
from contacts.opt_in.models import OptIn
from contacts.opt_in.tokens import token_of
from contacts.people.models import Contact
from contacts.people.selection import Selection
from contacts.privacy.erasure import request
from contacts.privacy.models import Erasure, Reason
from crm.kit import clock
from crm.team.models import User


def desk() -> dict[str, object]:
    """Return ids and tokens by the name that stands for them in a path."""
    return {
        "act": _once(BulkAct, _act),
        "export": _once(Export, _export),
        "erasure": _once(Erasure, _erasure),
        "webhook": _once(Hook, _webhook),
        "source": _once(ImportSource, _source),
        "order": Order.objects.order_by("-pk").values_list("pk", flat=True).first(),
        "product": Product.objects.values_list("pk", flat=True).first(),
        "user": _user("rep").pk,
        "mail_token": _mail_token(),
        "agree_token": _agree_token(),
    }


def _once(model: type[BulkAct | Export | Erasure | Hook | ImportSource], make: Callable[[], object]) -> object:
    if not model.objects.exists():
        make()
    return model.objects.order_by("-pk").values_list("pk", flat=True).first()


def _user(who: str) -> User:
    return User.objects.get(email=f"{who}@wayfare.example")


def _act() -> None:
    chosen = Selection(query="q=kim")
    acts.start("tag", chosen, {"tag": tag_named("Fair 2026").pk}, by=_user("marketer"), now=clock.now())


def _export() -> None:
    kind, now = EXPORTS["people"], clock.now()
    columns = list(kind.columns())[:6]
    exports.start(kind, Asked(_user("admin"), QueryDict("q=kim"), ()), columns, "csv", "Print of the fair", now=now)


def _erasure() -> None:
    goes = Contact.objects.filter(owner=None).order_by("-pk").values_list("pk", flat=True)[0]
    request([goes], by=_user("admin"), reason=Reason.values[0], proof="Letter of 3 May", now=clock.now())


def _webhook() -> None:
    kinds = ("contact.created", "mail.clicked")
    wanted = subscribing.Subscription("Data warehouse", "https://hooks.example.com/in", kinds, _user("admin").pk)
    subscribing.send_test(subscribing.create(wanted, now=clock.now()), now=clock.now())


def _source() -> None:
    job = ImportJob.objects.filter(step=Step.FINISHED).last() or ImportJob.objects.all()[0]
    due = clock.now() + timedelta(days=1)
    ImportSource.objects.create(
        url="https://shop.example.com/people.csv", every=Every.DAY, kind=job.kind, plan=job.plan, header=job.header,
        created_by=_user("marketer"), due_at=due,
    )  # fmt: skip


def _mail_token() -> str:
    message = Message.objects.filter(left_out="").order_by("-pk")[0]
    return mail_token(message.dispatch_id, message.pk, message.contact_id)


def _agree_token() -> str:
    if not OptIn.objects.exists():
        people = Contact.objects.exclude(email=None).order_by("-pk")
        proof = Proof("form", wording="이메일로 소식을 받는 데 동의합니다.")
        next(person for person in people[:20] if ask(person, ["marketing"], proof, now=clock.now()))
    return token_of(OptIn.objects.all()[0])
