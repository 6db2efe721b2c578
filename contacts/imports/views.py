"""The import pages: upload, choose, look at the dry run, start, watch, result."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.files import File
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.attributes import definition
from contacts.attributes.models import Target
from contacts.errors import Invalid
from contacts.imports import jobs, queries, reversal, tasks, undo
from contacts.imports.errors import ImportProblem
from contacts.imports.forms import ChoicesForm, ReadingForm, UploadForm
from contacts.imports.models import ImportJob, Kind, Step
from contacts.imports.presets import PRESETS
from contacts.lists.models import FixedList
from crm.kit import clock
from crm.kit.paging import keyset_page
from crm.kit.work import WorkState
from crm.team.models import User
from crm.team.permissions import Action, allowed, reader


@require_safe
@allowed(Action.CONTACT_IMPORT)
def import_list(request: HttpRequest) -> HttpResponse:
    """Show all imports, the newest first; with `only` those of the reader that ask something of her."""
    found, only = queries.imports(), request.GET.get("only", "")
    if only in queries.ONLY:
        found = found.filter(pk__in=queries.ONLY[only](reader(request), clock.now()).values("pk"))
    page = keyset_page(found, ["-created_at", "-id"], cursor=request.GET.get("cursor", ""), size=30)
    context = {"page": page, "only": only, "is_empty": not ImportJob.objects.exists()}
    return render(request, "contacts/import_list.html", context)


@allowed(Action.CONTACT_IMPORT)
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file; a file that cannot be read is told what is wrong with it, and not kept."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and isinstance(request.user, User):
        file = form.cleaned_data["file"]
        try:
            job = jobs.upload(
                request.user,
                File(file.file),
                file.name or "people.csv",
                now=clock.now(),
                kind=form.cleaned_data["kind"],
            )
        except ImportProblem as error:
            form.add_error("file", str(error))
        else:
            return redirect("contacts:import", job.pk)
    return render(request, "contacts/import_upload.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@allowed(Action.CONTACT_IMPORT)
def show(request: HttpRequest, import_id: int) -> HttpResponse:
    """Show where an import is: its choices, its dry run, its progress or its result."""
    job = get_object_or_404(ImportJob, pk=import_id)
    return _page(request, job)


def _page(request: HttpRequest, job: ImportJob) -> HttpResponse:
    if job.is_working or job.state == WorkState.FAILED:
        return render(request, "contacts/import_running.html", {"job": job})
    if job.state == WorkState.CANCELLED or job.step in (Step.FINISHED, Step.UNDONE):
        return render(request, "contacts/import_result.html", _result(job))
    if job.step == Step.CHECKED:
        return render(request, "contacts/import_preview.html", _preview(job))
    return _choices(request, job, ChoicesForm(job))


def _preview(job: ImportJob) -> dict[str, Any]:
    return {
        "job": job,
        "refused": queries.refusal_counts(job),
        "reasons": queries.refusals_by_reason(job),
        "consents": queries.preview_consents(job),
        "changes": queries.preview_changes(job),
        "is_excluded": job.kind == Kind.EXCLUDED,
        "new_rows": [
            {"line": line, "email": email, "name": name, "company": company}
            for line, email, name, company, _phone in job.preview.get("new_sample", [])[:10]
        ],
    }


def _result(job: ImportJob) -> dict[str, Any]:
    return {
        "job": job,
        "refused": queries.refusal_counts(job),
        "reasons": queries.refusals_by_reason(job),
        "first": queries.first_refusals(job),
        "cancelled": job.state == WorkState.CANCELLED,
        "may_undo": reversal.may_be_undone(job, clock.now()),
        "undone": queries.undone_numbers(job) if job.step == Step.UNDONE else [],
        "undo_days": undo.DAYS,
        "is_excluded": job.kind == Kind.EXCLUDED,
    }


def _choices(
    request: HttpRequest, job: ImportJob, form: ChoicesForm, reading: ReadingForm | None = None
) -> HttpResponse:
    reading = reading or ReadingForm(job)
    status = 422 if form.errors or reading.errors else 200
    context = {
        "job": job, "form": form, "reading": reading, "preset": PRESETS.get(job.preset),
        "is_excluded": job.kind == Kind.EXCLUDED,
    }  # fmt: skip
    return render(request, "contacts/import_choices.html", context, status=status)


@require_POST
@allowed(Action.CONTACT_IMPORT)
def read_again(request: HttpRequest, import_id: int) -> HttpResponse:
    """Read the file in another encoding, with another separator, with or without column names."""
    job = get_object_or_404(ImportJob, pk=import_id)
    reading = ReadingForm(job, request.POST)
    if reading.is_valid():
        try:
            jobs.look_again(job, **reading.cleaned_data)
        except ImportProblem as error:
            reading.add_error(None, str(error))
        else:
            return redirect("contacts:import", job.pk)
    if job.step != Step.UPLOADED:
        return _page(request, job)
    return _choices(request, job, ChoicesForm(job), reading)


@require_POST
@allowed(Action.CONTACT_IMPORT)
def choose(request: HttpRequest, import_id: int) -> HttpResponse:
    """Take the choices and start the dry run."""
    job = get_object_or_404(ImportJob, pk=import_id)
    form = ChoicesForm(job, request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():  # a list is made only together with the check
                made = _new_attributes(form)
                jobs.check(job, form.plan(_chosen_list(form, request.user), made), now=clock.now())
        except ImportProblem as error:
            form.add_error(None, str(error))
        except Invalid as error:
            form.add_error(None, " ".join(error.errors.values()))
        else:
            tasks.wake()
            return redirect("contacts:import", job.pk)
    return _choices(request, job, form)


def _new_attributes(form: ChoicesForm) -> dict[int, str]:
    """Make the attributes that columns are to become, and return their keys by the column's place. Raises Invalid."""
    return {
        place: definition.define(Target.CONTACT, form.job.header[place], type_).key
        for place, type_ in form.new_attributes().items()
    }


def _chosen_list(form: ChoicesForm, user: Any) -> int | None:
    """Return the list to fill: the new one by name (made when there is none of that name), else the one chosen."""
    name = " ".join(form.cleaned_data.get("new_list", "").split())
    if name:
        found = FixedList.objects.filter(name__iexact=name).first()
        return (found or FixedList.objects.create(name=name, created_by=user)).pk
    chosen = form.cleaned_data.get("fixed_list")
    return chosen.pk if chosen else None


@require_POST
@allowed(Action.CONTACT_IMPORT)
def act(request: HttpRequest, import_id: int, verb: str) -> HttpResponse:
    """Start, cancel or retry an import, or go back to its choices. A second press of a button changes nothing."""
    job, now = get_object_or_404(ImportJob, pk=import_id), clock.now()
    try:
        if verb == "start":
            jobs.start(job, now=now)
        elif verb == "undo":
            reversal.start_undo(job, now=now)
        elif verb == "back":
            jobs.back_to_choices(job, now=now)
        elif not jobs.cancel(job, now=now):
            messages.info(request, _("There is nothing left to cancel: this import is over."))
    except ImportProblem as error:
        messages.error(request, str(error))
    else:
        if job.is_working:
            tasks.wake()
    return redirect("contacts:import", job.pk)


@require_safe
@allowed(Action.CONTACT_IMPORT)
def progress(request: HttpRequest, import_id: int) -> HttpResponse:
    """Answer the poll of a running import with its bar, and with a reload of the page once it is through."""
    job = get_object_or_404(ImportJob, pk=import_id)
    if not job.is_working:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "contacts/import_progress.html", {"job": job})


@require_safe
@allowed(Action.CONTACT_IMPORT)
def refused(request: HttpRequest, import_id: int) -> HttpResponseBase:  # noqa: ARG001 - a view's signature
    """Download the refused rows with line and reason."""
    job = get_object_or_404(ImportJob, pk=import_id)
    stem = job.file_name.rsplit(".", 1)[0]
    name = quote(_("%(file)s - not imported.csv") % {"file": stem})
    return StreamingHttpResponse(
        queries.refused_csv(job),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )
