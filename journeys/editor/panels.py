"""The side panel: the form of a step, a trigger or the journey's rules, drawn from settings or read from typing."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string

from contacts.segments.rules.rule import Rule
from journeys.editor import drawn
from journeys.editor.forms import RulesForm
from journeys.graph.filled import fill_step, fill_trigger
from journeys.graph.graph import Step, Trigger
from journeys.steps.kind import STEP_KINDS, StepForm
from journeys.triggers.kind import TRIGGER_KINDS

TEMPLATE = "journeys/editor/panel.html"


def answer(request: HttpRequest, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return `html` of the form, `settings` to keep, `ok`, and what the card shows; None for what does not exist.

    `asked` has what ("step", "trigger", "rules"), kind, and either settings (as stored) or typed (a form's query text).
    `fresh`: it was put on the canvas just now, so only fields that are `touched` (names of inputs) may be called wrong.
    """
    what, kind = asked.get("what"), str(asked.get("kind", ""))
    form_class = _form_class(what, kind)
    if form_class is None:
        return None
    typed = asked.get("typed")
    stored = asked.get("settings")
    data = QueryDict(typed[:500_000]) if isinstance(typed, str) else dict(stored) if isinstance(stored, dict) else {}
    form = form_class(data)
    ok = form.is_valid()
    settings = form.stored() if ok else _as_typed(form)
    if asked.get("fresh") is True:
        _hush(form, asked.get("touched"))
    return {
        "ok": ok,
        "settings": settings,
        "html": render_to_string(TEMPLATE, {"form": form}, request),
        "sentences": dict(_sentences(form)),
        **_card(what, kind, settings),
    }


def _hush(form: StepForm, touched: Any) -> None:
    """Take back what is wrong with fields that nobody has come to yet."""
    names = [name for name in touched if isinstance(name, str)] if isinstance(touched, list) else []
    for field in form.fields:
        if not any(name == field or name.startswith(f"{field}-") for name in names):
            form.errors.pop(field, None)


def _form_class(what: Any, kind: str) -> type[StepForm] | None:
    if what == "rules":
        return RulesForm
    if what == "step" and kind in STEP_KINDS:
        return STEP_KINDS[kind].form
    if what == "trigger" and kind in TRIGGER_KINDS:
        return TRIGGER_KINDS[kind].form
    return None


def _card(what: Any, kind: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    if what == "step":
        return {"card": drawn.of_step(fill_step(Step("new", kind, settings)))}
    if what == "trigger":
        return {"card": drawn.trigger(fill_trigger(Trigger("new", kind, settings)))}
    return {}


def _as_typed(form: StepForm) -> dict[str, Any]:
    """Return what was typed, for a form that cannot be read as a whole: what can be read as it is stored."""
    found = {}
    for name, field in form.fields.items():
        if name in form.cleaned_data:
            found[name] = form.json_of(name, form.cleaned_data[name])
        else:
            found[name] = _plain(field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name)))
    return found


def _plain(value: Any) -> Any:
    """Return a value of a widget as JSON."""
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _sentences(form: forms.Form) -> Iterator[tuple[str, str]]:
    """Yield each rule of the form in words, by the name of its control; those in rows too."""
    for name, value in form.cleaned_data.items():
        if isinstance(value, list):
            for place, row in enumerate(value):
                for key, inner in row.items() if isinstance(row, dict) else ():
                    yield from _sentence(f"{name}-{place}-{key}", inner)
        else:
            yield from _sentence(name, value)


def _sentence(name: str, value: Any) -> Iterator[tuple[str, str]]:
    rule = getattr(value, "rule", value)  # what must happen is a rule in a narrower sense
    if isinstance(rule, Rule):
        yield name, rule.sentence()
