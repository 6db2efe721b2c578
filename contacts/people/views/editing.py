"""Adding a person and editing a profile."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.errors import AddressTaken, Invalid, StaleEdit
from contacts.people import profile
from contacts.people.forms import ContactForm
from contacts.people.models import Contact
from contacts.people.posted import once
from contacts.people.profile import Profile
from contacts.people.views.door import to_change, token_of
from crm.kit import clock, locking
from crm.team.models import Role
from crm.team.permissions import allowed, reader


@allowed("contact.add")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a person; the same form posted twice adds one."""
    if request.method == "GET":
        start = {key: request.GET[key] for key in ("name", "email", "phone", "company") if key in request.GET}
        return render(request, "contacts/person_form.html", {"form": ContactForm(initial=start)})
    form = ContactForm(request.POST)
    if form.is_valid():
        try:
            made = _create(request, form)
        except Invalid as error:
            _explain(request, form, error)
        else:
            return redirect("contacts:person", made)
    return render(request, "contacts/person_form.html", {"form": form}, status=400)


def _create(request: HttpRequest, form: ContactForm) -> int:
    user, now = reader(request), clock.now()
    owner = user if user.role == Role.SALES_REP else None
    typed = form.profile(Profile())
    token = token_of(form.cleaned_data["token"])
    made, _first = once(token, lambda: profile.create(typed, owner=owner, by=user, now=now).pk)
    return made


def _explain(request: HttpRequest, form: ContactForm, error: Invalid) -> None:
    form.refuse(error)
    if isinstance(error, AddressTaken) and Contact.objects.visible_to(reader(request)).filter(pk=error.contact_id):
        url = reverse("contacts:person", args=[error.contact_id])
        form.add_error("email", format_html('<a href="{}">{}</a>', url, _("Open that contact")))


@allowed("contact.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Edit a profile. A stale edit leads to the choice between what is stored and what was typed."""
    contact = to_change(request, contact_id)
    if request.method == "GET":
        return _form(request, contact, ContactForm.of(contact))
    posted = locking.chosen(request.POST)
    form = ContactForm(posted)
    form.keep_choice("country", contact.country)
    form.keep_choice("language", contact.language)
    if "further" in posted:
        return _form(request, contact, form)
    if contact.pk != contact_id:
        return _stale(request, contact, form)
    if form.is_valid():
        try:
            typed = form.profile(Profile.of(contact))
            profile.update(contact.pk, typed, version=form.at_version(), by=reader(request), now=clock.now())
        except StaleEdit:
            return _stale(request, Contact.objects.get(pk=contact.pk), form)
        except Invalid as error:
            _explain(request, form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:person", contact.pk)
    return _form(request, contact, form, status=400)


def _form(request: HttpRequest, contact: Contact, form: ContactForm, status: int = 200) -> HttpResponse:
    return render(request, "contacts/person_form.html", {"form": form, "contact": contact}, status=status)


def _stale(request: HttpRequest, current: Contact, form: ContactForm) -> HttpResponse:
    """Show field by field what was before, what is stored now and what was typed; she chooses."""
    context = locking.merge_context(form, ContactForm.of(current), locking.chosen(request.POST), current.version)
    context |= {
        "heading": current.display_name,
        "action": reverse("contacts:person-edit", args=[current.pk]),
        "back": reverse("contacts:person", args=[current.pk]),
    }
    return render(request, "merge_edits.html", context, status=409)
