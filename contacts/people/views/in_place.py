"""One field of a person or an account, changed where it stands: its value, its form, and saving it.

Two people who change different fields never meet. Who changes a field that another has changed since is shown both,
and saving again is a choice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from contacts.errors import Invalid, StaleEdit
from contacts.people import account_queries, accounts, facts, profile
from contacts.people.forms import AccountForm, ContactForm, WithAttributes
from contacts.people.models import Account, Contact
from contacts.people.profile import Profile
from contacts.people.views.door import to_change
from crm.kit import clock, locking
from crm.team.permissions import allowed, reader

IN_THE_HEAD = {"name", "email", "phone", "title", "company"}  # a change shows in several places of the page


@dataclass(frozen=True)
class InPlace:
    """What is edited: the stored row's form, how to save a bound one, and where it stands."""

    row: Contact | Account
    stored: WithAttributes
    bind: Callable[[QueryDict], WithAttributes]
    save: Callable[[WithAttributes, int], Any]
    noun: str  # of the addresses: "person" or "account"

    @property
    def home(self) -> str:
        """The name of the address of the whole page."""
        return f"contacts:{self.noun}"


@allowed("contact.edit")
@require_http_methods(["GET", "POST"])
def of_person(request: HttpRequest, contact_id: int, name: str) -> HttpResponse:
    """Edit one field of a person; ?show=1 answers with its value alone."""
    row = to_change(request, contact_id)

    def bind(data: QueryDict) -> ContactForm:
        form = ContactForm(data)
        form.keep_choice("country", row.country)
        form.keep_choice("language", row.language)
        return form

    def save(form: WithAttributes, version: int) -> None:
        assert isinstance(form, ContactForm)
        typed = form.profile(Profile.of(row))
        profile.update(row.pk, typed, version=version, by=reader(request), now=clock.now())

    return _answer(request, InPlace(row, ContactForm.of(row), bind, save, "person"), name)


@allowed("contact.edit")
@require_http_methods(["GET", "POST"])
def of_account(request: HttpRequest, account_id: int, name: str) -> HttpResponse:
    """Edit one field of an account; ?show=1 answers with its value alone."""
    row = get_object_or_404(Account.objects.select_related("owner", "parent"), pk=account_id)

    def save(form: WithAttributes, version: int) -> None:
        assert isinstance(form, AccountForm)
        accounts.update(row.pk, form.profile(), version=version, now=clock.now())

    return _answer(request, InPlace(row, AccountForm.of(row), AccountForm, save, "account"), name)


def _answer(request: HttpRequest, place: InPlace, name: str) -> HttpResponse:
    if name not in place.stored.fields or place.stored[name].is_hidden:
        raise Http404
    if request.method == "GET":
        return _value(request, place, name) if request.GET.get("show") else _form(request, place, place.stored, name)
    return _post(request, place, name)


def _post(request: HttpRequest, place: InPlace, name: str) -> HttpResponse:
    typed = locking.as_posted(place.stored[name])
    seen = locking.read_seen(request.POST.get(locking.SEEN, "")).get(name)
    form = place.bind(_whole(request.POST, place.stored, name))
    raw = request.POST.get(locking.VERSION, "")
    knows = raw == str(place.row.version) or seen == typed
    if not knows and locking.as_posted(form[name]) != typed:
        return _form(
            request, place, form, name, status=409, is_clash=True, theirs=locking.shown(place.stored[name], typed)
        )
    try:
        if form.is_valid():
            place.save(form, place.row.version)
    except StaleEdit as stale:  # saved by another in this very moment
        return _form(request, place, form, name, status=409, problem=str(stale))
    except Invalid as error:
        form.refuse(error)
    if form.errors:
        return _form(request, place, form, name, status=400)
    return _saved(request, place, name)


def _saved(request: HttpRequest, place: InPlace, name: str) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return redirect(place.home, place.row.pk)
    if name in IN_THE_HEAD:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    place.row.refresh_from_db()
    return _value(request, place, name)


def _value(request: HttpRequest, place: InPlace, name: str) -> HttpResponse:
    shown = {fact.name: fact for fact in facts.of(place.row)}
    if name not in shown:
        raise Http404
    context = {"fact": shown[name], "row": place.row, "field_url": f"{place.home}-field", "can_edit": True}
    return render(request, "contacts/fact.html", context)


def _whole(posted: QueryDict, stored: WithAttributes, name: str) -> QueryDict:
    """Return the stored form's data with what was typed for one field."""
    data = posted.copy()
    for each in stored:
        if each.name not in (name, "token", "email_sure"):
            data.setlist(each.html_name, locking.as_posted(each))
    return data


def _form(
    request: HttpRequest, place: InPlace, form: WithAttributes, name: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    seen = request.POST.get(locking.SEEN) if request.method == "POST" and status == 400 else None
    context = {
        "row": place.row,
        "noun": place.noun,
        "name": name,
        "field": form[name],
        "field_url": f"{place.home}-field",
        "version": place.row.version,
        "seen": seen or locking.seen_of(place.stored),
        "sure": form["email_sure"] if "email_sure" in form.fields else "",
        "part": bool(request.headers.get("HX-Request")),
        "names": account_queries.some_names() if name == "parent" else [],
        **more,
    }
    return render(request, "contacts/fact_form.html", context, status=status)
