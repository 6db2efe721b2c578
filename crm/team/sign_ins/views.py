"""Pages of log-ins: one's own devices, and anybody's for an admin; logging them out."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm.kit import clock
from crm.kit.paging import keyset_page
from crm.team.models import User
from crm.team.permissions import Action, may, reader
from crm.team.second_factor import factor
from crm.team.sign_ins import entry
from crm.team.sign_ins.models import FAILED, SignIn


def _whose(request: HttpRequest, user_id: int | None) -> User:
    """Return whose log-ins are asked for: one's own, or anybody's for who may edit users. Raises Http404."""
    user = reader(request)
    if user_id in (None, user.pk):
        return user
    if not may(user, Action.USER_EDIT):
        raise Http404
    return get_object_or_404(User, pk=user_id)


def _back(request: HttpRequest, whose: User) -> HttpResponse:
    own = whose.pk == reader(request).pk
    return redirect("team:sign-ins") if own else redirect("team:sign-ins-of", whose.pk)


@require_GET
def show(request: HttpRequest, user_id: int | None = None) -> HttpResponse:
    """Show on which devices somebody is logged in, and her tries of late."""
    whose = _whose(request, user_id)
    now = clock.now()
    page = keyset_page(SignIn.objects.filter(user=whose), ("-at", "-id"), cursor=request.GET.get("cursor", ""), size=30)
    context = {
        "whose": whose,
        "own": whose.pk == reader(request).pk,
        "open": list(entry.open_ones(whose)[:100]),
        "remembered": SignIn.objects.filter(user=whose, remembered_until__gt=now).exclude(ended_at=None),
        "here": request.session.get(entry.ROW),
        "page": page,
        "failed": FAILED,
        "required": factor.is_required(whose),
    }
    return render(request, "team/sign_ins.html", context)


@require_POST
def end_one(request: HttpRequest, sign_in_id: int) -> HttpResponse:
    """Log one device out; another's for admins alone."""
    row = get_object_or_404(SignIn.objects.select_related("user").exclude(how__in=FAILED), pk=sign_in_id)
    whose = _whose(request, row.user_id)
    if row.pk == request.session.get(entry.ROW):
        messages.info(request, _("This is the device you are using. Log out from your menu."))
        return _back(request, whose)
    entry.end_one(row, by=reader(request), now=clock.now())
    messages.success(request, _("“%(device)s” was logged out.") % {"device": row.device})
    return _back(request, whose)


@require_POST
def end_all(request: HttpRequest, user_id: int | None = None) -> HttpResponse:
    """Log somebody out everywhere; one's own session here stays."""
    whose = _whose(request, user_id)
    own = whose.pk == reader(request).pk
    entry.end_all(whose, by=reader(request), now=clock.now(), but=request if own else None)
    messages.success(request, _("All other devices were logged out.") if own else _("Logged out on all devices."))
    return _back(request, whose)


@require_POST
def reset_second_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take a colleague's second factor away, log her out and tell her; one's own is taken away on its own page."""
    user = reader(request)
    whose = _whose(request, user_id)
    if whose.pk == user.pk or not may(user, Action.USER_EDIT):
        raise Http404
    now = clock.now()
    if factor.take_away(whose, by=user, now=now):
        entry.end_all(whose, by=user, now=now)
        messages.success(request, _("The second factor was reset. Its owner was told, and is logged out everywhere."))
    else:
        messages.info(request, _("There was no second factor."))
    return _back(request, whose)
