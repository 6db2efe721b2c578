"""Changing stage models and their stages: what may not be done, and what follows. Called by the admin's forms."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.errors import ContactsError
from contacts.people.models import Contact
from contacts.stages.models import Stage, StageModel, StageRule
from contacts.stages.rules import SIDES, drop
from crm.kit import figures


class CannotGo(ContactsError):
    """A stage or a model is needed; the text says by whom and what to do. Nothing was changed."""


def check_key(stage: Stage, key: str) -> None:
    """Refuse another key for a stage that exists: rules of other programs and presets name it. Raises CannotGo."""
    kept = Stage.objects.filter(pk=stage.pk).values_list("key", flat=True).first()
    if kept is not None and kept != key:
        raise CannotGo(_("The key of a stage stays as it is: “%(key)s”. Change its name instead.") % {"key": kept})


def check_removal(stages: Collection[Stage]) -> None:
    """Refuse to remove stages where somebody stands. Raises CannotGo."""
    for stage in stages:
        people = Contact.objects.filter(stage=stage).count()
        if people:
            said = ngettext(
                "%(n)s person stands at “%(stage)s”. Move that person to another stage first.",
                "%(n)s people stand at “%(stage)s”. Move them to another stage first.",
                people,
            )
            raise CannotGo(said % {"n": figures.count(people), "stage": stage.label})


def check_model(model: StageModel) -> None:
    """Refuse to remove a model that is in use, or where somebody stands. Raises CannotGo."""
    if model.in_use:
        raise CannotGo(_("This stage model is in use. Put another one in use first."))
    check_removal(model.stages.all())


@transaction.atomic
def remove(stage: Stage) -> None:
    """Remove a stage with its rule and the segments behind that. Raises CannotGo."""
    check_removal([stage])
    for rule in StageRule.objects.filter(stage=stage):
        drop(rule, *SIDES)
    stage.delete()


@transaction.atomic
def remove_model(model: StageModel) -> None:
    """Remove a model with its stages. Raises CannotGo."""
    check_model(model)
    for stage in model.stages.all():
        remove(stage)
    model.delete()


def changed(model: StageModel) -> None:
    """Have everybody looked at anew where stages came, went or changed their order. A repeat is harmless."""
    StageModel.objects.filter(pk=model.pk, in_use=True).update(swept_at=None)
