"""Duplicates: pairs to decide, made one or kept apart; merges, and their undoing."""

from typing import Any

from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.duplicates import comparing, decisions, queries, search, tasks
from contacts.duplicates.models import DuplicatePair, PairState, SearchStep
from contacts.duplicates.rules import REASONS, Likelihood
from contacts.identity.merge import merge, unmerge
from contacts.identity.models import Merge
from contacts.people.models import Contact
from crm.api.contacts import ContactShown, one
from crm.api.fields import Body, Id, Text, Whole, several
from crm.api.problems import Refusal, invalid
from crm.api.route import Asked, Door, Listing, Param
from crm.kit.paging import keyset_page
from crm.kit.work import WorkState
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action, may

DOOR = Door("Duplicates", TokenScope.CONTACTS_READ, TokenScope.CONTACTS_WRITE)
ONE = "duplicates/<row:pair_id>"


class PairShown(Body):
    """Two records that may be one person."""

    id = serializers.IntegerField()
    first_id = serializers.IntegerField()
    second_id = serializers.IntegerField()
    score = serializers.IntegerField()
    likelihood = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField(), help_text=_("In words."))
    stays_id = serializers.IntegerField(help_text=_("Whose record should stay."))
    state = serializers.ChoiceField(PairState.values)


def _shown(row: DuplicatePair) -> dict[str, Any]:
    card = queries.card(row)
    own = {name: getattr(row, name) for name in ("first_id", "second_id", "score", "state")}
    said = [str(one) for one in card.said]
    return {"id": row.pk, **own, "likelihood": card.likelihood.value, "reasons": said, "stays_id": card.stays.pk}


@DOOR.get(
    "duplicates", Action.CONTACT_MERGE, _("List pairs that may be one person"), gives=PairShown, pages=True,
    query=(
        Param("state", _("Those to decide, unless given; or those kept apart."), choices=tuple(PairState.values)),
        Param("reason", _("Only those found by this.")),
        Param("likelihood", _("At least so likely."), choices=tuple(word.value for word in Likelihood)),
    ),
)  # fmt: skip
def list_pairs(asked: Asked) -> Listing:
    """Return pairs of which you may see both, the likeliest first."""
    state, reason = asked.text("state") or PairState.OPEN.value, asked.text("reason")
    if reason and reason not in REASONS:
        raise invalid("reason", str(_("There is no such reason.")))
    rows = queries.open_pairs(asked.user) if state == PairState.OPEN else queries.kept_apart(asked.user)
    query = QueryDict(mutable=True)
    query.update({"reason": reason, "likelihood": asked.text("likelihood")})
    rows = queries.with_people(rows.filter(queries.Choice.read(query).condition))
    return Listing.of(keyset_page(rows, ("-score", "-id"), cursor=asked.cursor, size=asked.size), _shown)


class SearchShown(Body):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(WorkState.values)
    step = serializers.ChoiceField(SearchStep.values)
    percent = serializers.IntegerField()


@DOOR.post("duplicates/search", Action.CONTACT_MERGE, _("Search for duplicates"), gives=SearchShown, status=202)
def search_anew(asked: Asked) -> dict[str, Any]:
    """Search everyone anew; a search that is going on goes on."""
    run = search.start(asked.user, now=asked.now)
    tasks.wake()
    return {"id": run.pk, "state": run.state, "step": run.step, "percent": run.percent}


@DOOR.post(f"{ONE}/apart", Action.CONTACT_MERGE, _("Say that two records are two people"), gives=PairShown)
def keep_apart(asked: Asked, pair_id: int) -> dict[str, Any]:
    """Remember it: they are not offered again."""
    row = _pair(asked, pair_id)
    decisions.keep_apart(row, by=asked.user, now=asked.now)
    return _shown(_pair(asked, pair_id))


@DOOR.post(f"{ONE}/reopen", Action.CONTACT_MERGE, _("Take back that two records are two people"), gives=PairShown)
def reopen(asked: Asked, pair_id: int) -> dict[str, Any]:
    """Have the pair decided again."""
    decisions.reopen(_pair(asked, pair_id))
    return _shown(_pair(asked, pair_id))


def _pair(asked: Asked, pair_id: int) -> DuplicatePair:
    for rows in (queries.open_pairs(asked.user), queries.kept_apart(asked.user)):
        if (row := queries.with_people(rows).filter(pk=pair_id).first()) is not None:
            return row
    raise Http404


class MergeIn(Body):
    """Which record goes up in the one of the address; both as they were read."""

    other_id = Id(help_text=_("The record that goes up in this one."))
    version = Whole(help_text=_("Of the record that stays."))
    other_version = Whole(help_text=_("Of the record that goes."))
    take = several(Text(max_length=80), 100, required=False, help_text=_("What is the other's: email, phone, city, …"))


@DOOR.post(
    "contacts/<row:contact_id>/merge", Action.CONTACT_MERGE, _("Make two records one"), takes=MergeIn,
    gives=ContactShown, example={"other_id": 15, "version": 3, "other_version": 1, "take": ["phone"]},
    text=_("Blanks are filled, rows and events follow, the old number keeps working. It can be undone."),
)  # fmt: skip
def merge_contacts(asked: Asked, contact_id: int) -> dict[str, Any]:
    """Merge the other record into this one."""
    body, take = asked.body, set(asked.body.get("take", ()))
    both = Contact.objects.visible_to(asked.user).select_related("stage", "owner", "account", "seen")
    stays, goes = get_object_or_404(both, pk=contact_id), both.filter(pk=body["other_id"]).first()
    if goes is None:
        raise invalid("other_id", str(_("There is nobody of this number whom you may see.")))
    if (stays.version, goes.version) != (body["version"], body["other_version"]):
        raise Refusal("stale", str(_("One of the two was changed in the meantime. Look at both again.")))
    may_assign = may(asked.user, Action.CONTACT_ASSIGN)
    offered = {line.key for line in comparing.lines(stays, goes, may_assign=may_assign) if line.open}
    if unknown := sorted(take - offered):
        raise invalid("take", str(_("“%(name)s” is nothing in which they differ.")) % {"name": unknown[0]})
    merge(stays.pk, goes.pk, by=asked.user, now=asked.now, taken=take, strict=True)
    return one(asked.user, stays.pk)


class MergeShown(Body):
    """Two records that became one."""

    id = serializers.IntegerField()
    winner_id = serializers.IntegerField()
    loser_id = serializers.IntegerField()
    at = serializers.DateTimeField()
    by_id = serializers.IntegerField(allow_null=True)


def _merge(row: Merge) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in ("winner_id", "loser_id", "at", "by_id")}}


@DOOR.get("merges", Action.CONTACT_MERGE, _("List merges"), gives=MergeShown, pages=True)
def list_merges(asked: Asked) -> Listing:
    """Return merges that hold, the latest first."""
    rows = queries.merges(asked.user)
    return Listing.of(keyset_page(rows, ("-at", "-id"), cursor=asked.cursor, size=asked.size), _merge)


@DOOR.post("merges/<row:merge_id>/undo", Action.CONTACT_MERGE, _("Separate two merged records"), gives=ContactShown)
def undo_merge(asked: Asked, merge_id: int) -> dict[str, Any]:
    """Give each record back what was its own, and return the one that had stayed."""
    row = get_object_or_404(queries.merges(asked.user), pk=merge_id)
    unmerge(row, now=asked.now)
    return one(asked.user, row.winner_id)
