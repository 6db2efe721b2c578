"""Forms of the import pages: the file, how to read it, and what its columns are."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.attributes.models import AttributeType
from contacts.attributes.values import likely_type
from contacts.consent.models import SuppressionReason
from contacts.imports.cells import tags
from contacts.imports.fields import ATTRIBUTE, BY_KEY, CONSENTS, EXCLUSIONS, FIELDS, attributes_of_people, guess
from contacts.imports.models import ImportJob, Kind
from contacts.imports.plan import Plan, Policy
from contacts.imports.presets import PRESETS, offered
from contacts.imports.records import fields as records
from contacts.imports.sniff import ENCODINGS
from contacts.lists.models import FixedList

NEW = "new:"  # followed by the type of an attribute to be made
_NEW_TYPES = [
    AttributeType.TEXT, AttributeType.NUMBER, AttributeType.MONEY, AttributeType.DATE, AttributeType.DATETIME,
    AttributeType.BOOLEAN, AttributeType.LIST,
]  # fmt: skip
_OF_EXCLUDED = ["email", "mail_status", "opted_out", "bounced", "complained", "refused_at", "name", "phone", "company"]
_ONLY_EXCLUDED = ["exclude_all", "makes_people"]
_ONLY_PEOPLE = ["policy", "basis", "wording", "agreed_on", "fixed_list", "new_list", "tags"]
_DELIMITERS = [(",", _("Comma ,")), (";", _("Semicolon ;")), ("\t", _("Tab")), ("|", _("Bar |"))]


class UploadForm(forms.Form):
    """A file of any size: CSV, an Excel workbook, vCards."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("CSV or Excel (.xlsx) with one row for each, or contacts of a phone (.vcf). Any encoding."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xlsm,.vcf,text/csv,text/vcard"}),
    )
    kind = forms.ChoiceField(
        label=_("What is in the file?"),
        choices=Kind.choices,
        initial=Kind.PEOPLE,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("From another tool, bring opt-outs and bounces first: nobody of them is mailed in between."),
    )

    def clean_kind(self) -> str:
        """Return what was chosen, people when nothing was."""
        return self.cleaned_data["kind"] or Kind.PEOPLE


class ReadingForm(forms.Form):
    """How the file is to be read, when the guess was wrong."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()))
    delimiter = forms.ChoiceField(label=_("Cells are separated by"), choices=_DELIMITERS)
    sheet = forms.ChoiceField(label=_("Sheet"))
    has_header = forms.BooleanField(label=_("The file has column names"), required=False)
    preset = forms.ChoiceField(
        label=_("Export of"), required=False, help_text=_("Recognised by its column names; choose it when it was not.")
    )

    def __init__(self, job: ImportJob, *args: Any, **kwargs: Any) -> None:
        read_as = {name: getattr(job, name) for name in ("encoding", "delimiter", "has_header", "sheet", "preset")}
        super().__init__(*args, **{"initial": read_as, **kwargs})
        self.fields["sheet"].choices = [(name, name) for name in job.sheets]  # type: ignore[attr-defined]
        self.fields["preset"].choices = [  # type: ignore[attr-defined]
            ("", _("another tool, or made by hand")),
            *((preset.key, preset.label) for preset in offered(job.kind)),
        ]
        for name in ("encoding", "delimiter") if job.sheets else ("sheet",):
            del self.fields[name]


class ChoicesForm(forms.Form):
    """What each column is, on what ground consent rests, what happens to people who are known already."""

    policy = forms.ChoiceField(
        label=_("People who are in Wayfare already"),
        choices=Policy.choices,
        initial=Policy.OVERWRITE,
        widget=forms.RadioSelect,
        help_text=_("People are recognised by their address. An empty cell never empties a field."),
    )
    exclude_all = forms.ChoiceField(
        label=_("Why are these addresses not to be mailed?"),
        choices=[
            ("", _("as the column says; other rows are passed over")),
            (SuppressionReason.IMPORTED, _("they unsubscribed")),
            (SuppressionReason.HARD_BOUNCE, _("they bounced: the addresses do not exist")),
            (SuppressionReason.COMPLAINT, _("they reported a mail as spam")),
        ],
        required=False,
        help_text=_("For every row, unless a column says otherwise."),
    )
    makes_people = forms.BooleanField(
        label=_("Keep them as contacts too"),
        required=False,
        help_text=_("Otherwise only a code of each address is kept, by which it is recognised."),
    )
    basis = forms.CharField(
        label=_("On what ground did these people agree?"),
        max_length=200,
        required=False,
        help_text=_("For example: sign-up form of our shop, paper form at the Seoul fair 2026."),
    )
    wording = forms.CharField(
        label=_("The words they agreed to"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[MaxLengthValidator(5_000)],
        help_text=_("Copy the sentence beside the tick box. It is kept with every consent as proof."),
    )
    agreed_on = forms.DateField(
        label=_("The day they had agreed by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("For rows without a date of their own. It never lifts a refusal that is known already."),
    )
    fixed_list = forms.ModelChoiceField(
        label=_("Put everybody on a list"), queryset=FixedList.objects.none(), required=False, empty_label=_("No list")
    )
    new_list = forms.CharField(label=_("or on a new list"), max_length=120, required=False)
    tags = forms.CharField(
        label=_("Tag everybody"), max_length=300, required=False, help_text=_("Separate tags with commas.")
    )

    def __init__(self, job: ImportJob, *args: Any, **kwargs: Any) -> None:
        self.job = job
        self._targets = _targets(job)
        super().__init__(*args, **kwargs)
        self.fields["fixed_list"].queryset = _lists()  # type: ignore[attr-defined]
        keys = job.plan.get("columns") or guessed_keys(job)
        policies = job.plan.get("policies", {})
        for name in _ONLY_EXCLUDED if job.kind == Kind.PEOPLE else _ONLY_PEOPLE:
            if name != "policy" or job.kind != Kind.ACCOUNTS:
                del self.fields[name]
        if job.has_records:
            del self.fields["exclude_all"]
            del self.fields["makes_people"]
        if job.kind == Kind.ACCOUNTS:
            self.fields["policy"].label = _("Companies that are in Wayfare already")
            self.fields["policy"].help_text = _(
                "Recognised by registration number, by web domain, else by name. An empty cell never empties a field."
            )
        elif job.has_records:
            self.fields["makes_people"] = forms.BooleanField(
                label=_("Make contacts of addresses that nobody has"),
                required=False,
                initial=True,
                help_text=_("Without consent: they may not be mailed advertising. Otherwise their rows are refused."),
            )
        known = _("%(column)s: of known people") if job.kind == Kind.PEOPLE else _("%(column)s: of known companies")
        self.guessed = [bool(key) for key in keys]
        for place, name in enumerate(job.header):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=name,
                choices=[*self._targets, *_new_attribute(job, place)],
                required=False,
                initial=keys[place],
                disabled=place in job.refused_columns,
                widget=forms.Select(attrs={"aria-label": name}),
            )
            if job.kind in (Kind.PEOPLE, Kind.ACCOUNTS):
                self.fields[f"policy_{place}"] = forms.ChoiceField(
                    label=known % {"column": name},
                    choices=[("", _("as chosen below")), *Policy.choices],
                    required=False,
                    initial=policies.get(keys[place], ""),
                    widget=forms.Select(attrs={"aria-label": known % {"column": name}}),
                )
        for name in ("basis", "wording") if job.kind == Kind.PEOPLE else ():
            self.fields[name].required = self.has_consent
            self.fields[name].error_messages["required"] = _(
                "Say on what ground these people agreed, and with which words: that is the proof."
            )

    @property
    def columns(self) -> list[dict[str, Any]]:
        """Return for each column its field, the first cells, and whether it must stay out."""
        return [
            {
                "field": self[f"column_{place}"],
                "policy": self[f"policy_{place}"] if f"policy_{place}" in self.fields else None,
                "name": name,
                "cells": [row[place] for row in self.job.sample[:3] if place < len(row) and row[place].strip()],
                "refused": place in self.job.refused_columns,
            }
            for place, name in enumerate(self.job.header)
        ]

    @property
    def has_consent(self) -> bool:
        """Tell whether a column tells of consent, as far as chosen now."""
        keys = {field.key for field in CONSENTS}
        return any(self[f"column_{place}"].value() in keys for place in range(len(self.job.header)))

    def new_attributes(self) -> dict[int, str]:
        """Return the type of each attribute that is to be made, by the column's place."""
        chosen = {place: self.cleaned_data[f"column_{place}"] for place in range(len(self.job.header))}
        return {place: key.removeprefix(NEW) for place, key in chosen.items() if key.startswith(NEW)}

    def plan(self, list_id: int | None, made: Mapping[int, str]) -> Plan:
        """Return the plan of a valid form; `list_id` is the list chosen or just made, `made` keys of new attributes."""
        data = self.cleaned_data
        columns = tuple(
            ATTRIBUTE + made[place] if place in made else data[f"column_{place}"] or ""
            for place in range(len(self.job.header))
        )
        policies = {key: data.get(f"policy_{place}", "") for place, key in enumerate(columns) if key}
        return Plan(
            columns=columns,
            policy=Policy(data.get("policy") or Policy.FILL),
            policies=tuple((key, Policy(policy)) for key, policy in policies.items() if policy),
            exclude_all=data.get("exclude_all", ""),
            makes_people=data.get("makes_people", True),
            basis=" ".join(data.get("basis", "").split()),
            wording=data.get("wording", "").strip(),
            agreed_on=data.get("agreed_on"),
            list_id=list_id,
            tags=tuple(tags(data.get("tags", ""))),
        )


def _lists() -> QuerySet[FixedList]:
    return FixedList.objects.order_by("name")


def guessed_keys(job: ImportJob) -> list[str]:
    """Return what each column most likely is, by the tool the file comes from and by its names."""
    if job.has_records:
        tool = PRESETS.get(job.preset) if job.kind == Kind.ACCOUNTS else None
        return records.guess(job.kind, job.header, tool.keys(job.header) if tool else None)
    preset = PRESETS.get(job.preset)
    keys = guess(job.header, job.sample, attributes_of_people(), preset.keys(job.header) if preset else None)
    if job.kind == Kind.EXCLUDED:
        return [key if key in _OF_EXCLUDED else "" for key in keys]
    return keys


def _new_attribute(job: ImportJob, place: int) -> list[tuple[Any, Any]]:
    """Return the choices of making an attribute of this column, the type it looks like first."""
    if job.kind != Kind.PEOPLE:
        return []
    likely = likely_type([row[place] for row in job.sample if place < len(row)])
    types = sorted(_NEW_TYPES, key=lambda type_: type_ != likely)
    return [(_("A new attribute"), [(NEW + type_, AttributeType(type_).label) for type_ in types])]


def _targets(job: ImportJob) -> list[tuple[Any, Any]]:
    """Return the choices of a column: leave out, the person's fields, consent, the company's own attributes."""
    if job.has_records:
        return [("", _("– leave out –")), *[(each.key, each.label) for each in records.fields_of(job.kind)]]
    apart = {"refused_at", "mail_status", *(field.key for field in EXCLUSIONS)}
    usual = [field for field in FIELDS if not field.key.startswith("consent") and field.key not in apart]
    consent = [field for field in FIELDS if field not in usual]
    if job.kind == Kind.EXCLUDED:
        return [("", _("– leave out –")), *[(key, BY_KEY[key].label) for key in _OF_EXCLUDED]]
    own = [(ATTRIBUTE + each.key, each.label) for each in attributes_of_people()]
    return [
        ("", _("– leave out –")),
        (_("Person"), [(field.key, field.label) for field in usual]),
        (_("Consent"), [(field.key, field.label) for field in consent]),
        *([(_("Your attributes"), own)] if own else []),
    ]


def label_of(key: str) -> Any:
    """Return the name of a field, for a page."""
    return BY_KEY[key].label if key in BY_KEY else key.removeprefix(ATTRIBUTE)
