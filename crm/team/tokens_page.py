"""The page of API tokens: each colleague's own, to an admin everybody's; a new one is shown once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from crm.kit import clock
from crm.team import api_tokens
from crm.team.api_tokens import TokenScope, WrongToken
from crm.team.permissions import reader

SHOWN = 200
_DAYS = [("90", gettext_lazy("90 days")), ("365", gettext_lazy("a year")), ("", gettext_lazy("without an end"))]


class TokenForm(forms.Form):
    """What a token is called, what it may do, and for how long."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("The program that uses it: shop, website, ERP."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("May"),
        choices=TokenScope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("It never does more than your own role."),
    )
    days = forms.ChoiceField(label=gettext_lazy("Works for"), choices=_DAYS, required=False, initial="365")


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show the tokens; a POST makes one and shows its secret, now and never again."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        days = int(said["days"]) if said["days"] else None
        try:
            made = api_tokens.create(reader(request), said["name"], said["scopes"], days=days, now=clock.now())
        except WrongToken as error:
            for name, text in error.errors.items():
                form.add_error(name, text)
        else:
            return _page(request, TokenForm(), made=made, status=201)
    return _page(request, form, status=422 if form.is_bound else 200)


def _page(request: HttpRequest, form: TokenForm, *, status: int, **more: Any) -> HttpResponse:
    user, now = reader(request), clock.now()
    tokens = list(api_tokens.shown_to(user)[:SHOWN])
    context = {"form": form, "tokens": tokens, "now": now, "others": any(t.user_id != user.pk for t in tokens), **more}
    response = render(request, "team/tokens.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token at once."""
    token = get_object_or_404(api_tokens.shown_to(reader(request)), pk=token_id)
    api_tokens.revoke(token, now=clock.now())
    messages.success(request, _("“%(name)s” does not work any more.") % {"name": token.name})
    return redirect("team:tokens")
