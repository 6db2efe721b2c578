"""What a rehearsal found, in the reader's words: sentences, numbers for each card, the ways of people she may see."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from campaigns.sending.models import LeftOut
from contacts.people.models import Contact
from crm.kit.figures import count, day_and_time
from crm.kit.work import WorkState
from crm.team.models import User
from journeys.engine.models import End, Refused
from journeys.graph.graph import Graph, Step
from journeys.graph.parsing import parse
from journeys.rehearsal.models import Rehearsal
from journeys.steps.kind import STEP_KINDS, Outlet
from journeys.steps.row_choice import remembered

type Outlets = Mapping[str, Sequence[Outlet]]


def told(rehearsal: Rehearsal, user: User) -> dict[str, Any]:
    """Return the rehearsal as JSON in the active language; people whom `user` may not see are left out of the ways."""
    state = {WorkState.READY: "waiting", WorkState.LEASED: "running"}.get(WorkState(rehearsal.state), rehearsal.state)
    shown = {"state": state, "share": rehearsal.share, "days": rehearsal.days}
    shown["asked"] = _("Asked on %(time)s") % {"time": day_and_time(rehearsal.asked_at)}
    if rehearsal.state == WorkState.FAILED:
        shown["error"] = _("The rehearsal could not be done. Try it again, or over fewer days.")
    if rehearsal.result is None:
        return shown
    graph, found = parse(rehearsal.graph), rehearsal.result
    return shown | {
        "sentences": _sentences(found),
        "steps": {key: _step(step) for key, step in found["steps"].items()},
        "ways": _ways(graph, found["ways"], user),
    }


def _sentences(found: Mapping[str, Any]) -> list[str]:
    """Return what happened in sentences, the most telling first."""
    entered, mails = found["entered"], found["mails"]
    if not entered:
        return [_("In the last %(days)s days nobody would have come in.") % {"days": found["days"]}, *_refused(found)]
    pattern = ngettext(
        "In the last %(days)s days %(people)s person would have come in, and %(mails)s mails would have been sent.",
        "In the last %(days)s days %(people)s people would have come in, and %(mails)s mails would have been sent.",
        entered,
    )
    first = pattern % {"days": found["days"], "people": count(entered), "mails": count(mails)}
    return [first, *_refused(found), *_ended(found)]


def _refused(found: Mapping[str, Any]) -> list[str]:
    reasons = [_of_people(Refused(reason).label, n) for reason, n in found["refused"].items() if n]
    return [_("Not let in: %(reasons)s.") % {"reasons": ", ".join(reasons)}] if reasons else []


def _ended(found: Mapping[str, Any]) -> list[str]:
    reasons = [_of_people(End(reason).label, n) for reason, n in found["ended"].items() if n]
    inside = sum(step["waiting"] for step in found["steps"].values())
    if inside:
        reasons.append(_("still inside: %(n)s") % {"n": count(inside)})
    return [_("What became of them: %(reasons)s.") % {"reasons": ", ".join(reasons)}] if reasons else []


def _of_people(label: str | Promise, n: int) -> str:
    return pgettext("people", "%(label)s: %(n)s") % {"label": label, "n": count(n)}


def _step(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of one card; `left` by outlet, `mails` with who is left out by reason."""
    mails = found["mails"]
    out = [f"{LeftOut(reason).label}: {count(n)}" for reason, n in mails.items() if reason and n]
    badges = [_("%(n)s come here") % {"n": count(found["arrived"])}]
    badges += [_("%(n)s mails") % {"n": count(mails.get("", 0))}] if mails else []
    badges += [_("%(n)s wait at the end") % {"n": count(found["waiting"])}] if found["waiting"] else []
    left = {outlet: count(n) for outlet, n in found["left"].items()}
    return {"badges": badges, "left": left, "out": out, "arrived": found["arrived"]}


def _ways(graph: Graph, ways: list[dict[str, Any]], user: User) -> list[dict[str, Any]]:
    people = {way["stops"][0][0] for way in ways if way["stops"]}
    seen = Contact.objects.visible_to(user).filter(pk__in=people).in_bulk()
    outlets = outlets_of(graph)
    return [
        {
            "name": str(seen[contact]),
            "url": reverse("contacts:person", args=[contact]),
            "stops": [_stop(graph, outlets, stop) for stop in way["stops"]],
        }
        for way in ways
        if way["stops"] and (contact := way["stops"][0][0]) in seen
    ]


def _stop(graph: Graph, outlets: Outlets, stop: list[Any]) -> dict[str, str]:
    _contact, key, outlet, arrived, left = stop
    return {"key": key, "step": name_of(graph.by_key[key]), "outlet": _outlet(outlets[key], outlet)} | {
        "arrived": _time(arrived),
        "left": _time(left),
    }


def _time(text: str) -> str:
    at = parse_datetime(text)
    return day_and_time(at) if at else ""


def name_of(step: Step) -> str:
    """Return the author's name of a step, or its kind's."""
    return step.name or str(STEP_KINDS[step.kind].label)


def outlets_of(graph: Graph) -> Outlets:
    """Return the ways out of every step by its key, read once."""
    with remembered((STEP_KINDS[step.kind].form, step.settings) for step in graph.steps):
        return {step.key: _outlets(step) for step in graph.steps}


def _outlets(step: Step) -> Sequence[Outlet]:
    kind = STEP_KINDS[step.kind]
    form = kind.read(step.settings)
    return kind.outlets(form.cleaned_data if form.is_valid() else {})


def _outlet(outlets: Sequence[Outlet], key: str) -> str:
    """Return by which way she left, "" where there was only one."""
    if len(outlets) == 1:
        return ""
    return next((str(one.label) for one in outlets if one.key == key), key)
