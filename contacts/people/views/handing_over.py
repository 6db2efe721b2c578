"""The page on which an admin hands a colleague's people over and locks her out."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from contacts.acts import tasks
from contacts.people import handover
from crm.kit import clock
from crm.team import roster
from crm.team.models import User
from crm.team.permissions import Action, allowed, reader


class HandOverForm(forms.Form):
    """To whom, and whether she may still log in."""

    to = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("New owner"),
        required=False,
        empty_label=gettext_lazy("Nobody (unowned leads)"),
    )
    lock_out = forms.BooleanField(label=gettext_lazy("Block this user's log-in"), required=False, initial=True)

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)
        to.queryset = User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("name")


@allowed(Action.USER_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, user_id: int) -> HttpResponse:
    """Say what a colleague owns; a POST hands it over. Leads to the job that does it, else to the users."""
    user = get_object_or_404(User, pk=user_id)
    form = HandOverForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            act = handover.hand_over(user, said["to"], lock_out=said["lock_out"], by=reader(request), now=clock.now())
        except roster.LastAdmin:
            form.add_error("lock_out", _("This is the last admin. Make somebody else an admin first."))
        else:
            messages.success(request, _("Handed over."))
            if act is None:
                return redirect("admin:team_user_changelist")
            tasks.wake()
            return redirect("contacts:act", act.pk)
    context = {"form": form, "whose": user, "held": handover.held(user)}
    return render(request, "contacts/hand_over.html", context, status=400 if form.errors else 200)
