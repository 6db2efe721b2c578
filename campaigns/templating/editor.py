"""The pages of the template editor, each a thin door; mounted in the admin by admin.py, which guards them."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.templating import fields, versions
from campaigns.templating.blocks import BLOCKS, INSIDE_COLUMNS, Footer
from campaigns.templating.changes import compare
from campaigns.templating.errors import TemplateError
from campaigns.templating.forms import NewTemplateForm, TemplateForm, blank
from campaigns.templating.models import MailKind, MailTemplate
from campaigns.templating.pieces import PiecesForm, as_posted, pieces
from campaigns.templating.starters import ARTWORK, STARTERS, starter_content
from crm.kit import locking
from crm.kit.clock import now
from crm.kit.locking import Thing
from crm.team.permissions import reader

Context = dict[str, Any]


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, context: Context) -> HttpResponse:
    """Ask for a name and what to begin from; make the template and open it."""
    form = NewTemplateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        start = form.cleaned_data["start"]
        at = now()
        content = blank(get_language() or settings.LANGUAGE_CODE) if start == "blank" else starter_content(start, at)
        template = versions.create(
            form.cleaned_data["name"], MailKind(form.cleaned_data["kind"]), content, by=reader(request), now=at
        )
        return redirect("admin:campaigns_mailtemplate_change", template.pk)
    return TemplateResponse(request, "campaigns/template_new.html", context | {"form": form, "title": _("New mail")})


@require_safe
def artwork(request: HttpRequest, key: str, context: Context) -> HttpResponse:  # noqa: ARG001 - a picture
    """Serve the picture of a ready-made mail for the page where one is chosen."""
    if key not in STARTERS:
        raise Http404
    return HttpResponse((ARTWORK / f"{key}.png").read_bytes(), content_type="image/png")


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, number: int, context: Context) -> HttpResponse:
    """Show the editor; on POST save the draft, and make a version of it when that was asked for.

    A stale edit leads to the choice between the pieces of the two mails.
    """
    template = get_object_or_404(MailTemplate, pk=number)
    if request.method == "GET":
        return _editor(request, template, context, template.draft)
    if "merge" in request.POST:
        return _chosen(request, template, context)
    form = TemplateForm(request.POST)
    if not form.is_valid():
        problems = [str(error) for errors in form.errors.values() for error in errors]
        content = form.cleaned_data.get("content", template.draft)
        return _editor(request, template, context, content, problems=problems, status=400)
    return _save(request, template, form.cleaned_data, context)


def _chosen(request: HttpRequest, template: MailTemplate, context: Context) -> HttpResponse:
    """Save what was chosen between two edits, or go on with it in the editor."""
    form = PiecesForm(locking.chosen(request.POST))
    if not form.is_valid():
        return _editor(
            request,
            template,
            context,
            template.draft,
            problems=[_("The mail did not arrive whole. Try again.")],
            status=400,
        )
    said = form.cleaned_data
    asked = {"name": said["name"], "kind": said["kind"], "version": form.at_version(), "content": form.content()}
    if "further" in request.POST:
        return _editor(request, template, context, asked["content"], typed=asked)
    return _save(request, template, asked, context)


def _save(request: HttpRequest, template: MailTemplate, asked: Mapping[str, Any], context: Context) -> HttpResponse:
    begun = MailTemplate(pk=template.pk, version=asked["version"])
    kind, content, user, at = MailKind(asked["kind"]), asked["content"], reader(request), now()
    typed = {"name": asked["name"], "kind": kind, "version": asked["version"]}
    try:
        saved = versions.save_draft(begun, name=asked["name"], kind=kind, content=content, by=user, now=at)
        if "make_version" in request.POST:
            made = versions.make_version(saved, by=user, now=at)
            messages.success(request, _("Version %(number)d is ready to be sent.") % {"number": made.number})
        else:
            messages.success(request, _("The draft is saved."))
    except TemplateError as error:
        stands = MailTemplate.objects.get(pk=template.pk)
        typed["version"] = stands.version if stands.version == asked["version"] + 1 else asked["version"]
        return _editor(request, template, context, content, fault=error, typed=typed, status=400)
    except versions.StaleTemplate as stale:
        return _stale(request, stale.current, asked)
    return redirect("admin:campaigns_mailtemplate_change", template.pk)


def _stale(request: HttpRequest, current: MailTemplate, asked: Mapping[str, Any]) -> HttpResponse:
    """Show the pieces in which the two mails differ, to choose."""
    kept = {"make_version": "1"} if "make_version" in request.POST else {}
    values = pieces(asked["name"], asked["kind"], asked["content"])
    posted = as_posted(values, seen=request.POST.get(locking.SEEN, ""), **kept)
    place = reverse("admin:campaigns_mailtemplate_change", args=[current.pk])
    stored = PiecesForm.of(current.name, current.kind, current.draft, current.version)
    return locking.merge_page(
        request, PiecesForm(posted), stored, Thing(current.name, current.version, place, place), posted
    )


def _editor(
    request: HttpRequest,
    template: MailTemplate,
    context: Context,
    content: Mapping[str, Any],
    *,
    typed: Mapping[str, Any] | None = None,
    status: int = 200,
    **shown: Any,
) -> HttpResponse:
    shown |= {
        "template": template,
        "typed": typed or {"name": template.name, "kind": template.kind, "version": template.version},
        "seen": request.POST.get(locking.SEEN)
        or PiecesForm.of(template.name, template.kind, template.draft, template.version).initial[locking.SEEN],
        "content": content,
        "kinds": MailKind.choices,
        "languages": [(code, gettext(str(label))) for code, label in settings.LANGUAGES],
        "blocks": [(block.kind, block.label) for block in BLOCKS.values() if block is not Footer],
        "inside": [(block.kind, block.label) for block in INSIDE_COLUMNS.values()],
        "sides": ("left", "right"),
        "groups": _field_groups(),
        "latest": versions.current_version(template),
        "title": template.name,
    }
    return TemplateResponse(request, "campaigns/template_editor.html", context | shown, status=status)


def _field_groups() -> list[tuple[Any, list[fields.Field]]]:
    known = [field for field in fields.catalogue().values() if not field.is_retired]
    return [(label, [field for field in known if field.group == group]) for group, label in fields.GROUPS.items()]


@require_http_methods(["GET", "POST"])
def history(request: HttpRequest, number: int, context: Context) -> HttpResponse:
    """List the versions with what each changed; POST makes an old one the draft again."""
    template = get_object_or_404(MailTemplate, pk=number)
    if request.method == "POST":
        return _restore(request, template)
    made = list(template.versions.select_related("created_by").order_by("-number")[:50])
    older: list[Mapping[str, Any]] = [*[one.content for one in made[1:]], {}]
    rows = [(one, compare(before, one.content) if before else []) for one, before in zip(made, older, strict=True)]
    draft = compare(made[0].content, template.draft) if made else []
    shown = {"template": template, "rows": rows, "draft": draft, "title": template.name}
    return TemplateResponse(request, "campaigns/template_versions.html", context | shown)


def _restore(request: HttpRequest, template: MailTemplate) -> HttpResponse:
    wanted, version = request.POST.get("number", ""), request.POST.get("version", "")
    if not (wanted.isascii() and wanted.isdigit() and version.isascii() and version.isdigit()):
        raise Http404
    if not template.versions.filter(number=int(wanted[:9])).exists():
        raise Http404
    template.version = int(version[:9])
    try:
        versions.restore(template, int(wanted[:9]), by=reader(request), now=now())
    except versions.StaleTemplate:
        messages.error(request, _("Somebody saved this mail just now; nothing was changed. Look at it first."))
    else:
        messages.success(request, _("Version %(number)s is the draft again.") % {"number": wanted})
    return redirect("admin:campaigns_mailtemplate_change", template.pk)
