"""Forms of the import pages: the file, how to read it, and what its columns are."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.imports.cells import tags
from contacts.imports.fields import ATTRIBUTE, BY_KEY, CONSENTS, FIELDS, attributes_of_people, guess
from contacts.imports.models import ImportJob
from contacts.imports.plan import Plan, Policy
from contacts.imports.sniff import ENCODINGS
from contacts.lists.models import FixedList

_DELIMITERS = [(",", _("Comma ,")), (";", _("Semicolon ;")), ("\t", _("Tab")), ("|", _("Bar |"))]


class UploadForm(forms.Form):
    """A file of any size: CSV, an Excel workbook, vCards."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("CSV or Excel (.xlsx) with one row for each, or contacts of a phone (.vcf). Any encoding."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xlsm,.vcf,text/csv,text/vcard"}),
    )


class ReadingForm(forms.Form):
    """How the file is to be read, when the guess was wrong."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()))
    delimiter = forms.ChoiceField(label=_("Cells are separated by"), choices=_DELIMITERS)
    sheet = forms.ChoiceField(label=_("Sheet"))
    has_header = forms.BooleanField(label=_("The file has column names"), required=False)

    def __init__(self, job: ImportJob, *args: Any, **kwargs: Any) -> None:
        read_as = {name: getattr(job, name) for name in ("encoding", "delimiter", "has_header", "sheet")}
        super().__init__(*args, **{"initial": read_as, **kwargs})
        self.fields["sheet"].choices = [(name, name) for name in job.sheets]  # type: ignore[attr-defined]
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
        self._targets = _targets()
        super().__init__(*args, **kwargs)
        self.fields["fixed_list"].queryset = _lists()  # type: ignore[attr-defined]
        keys = job.plan.get("columns") or guess(job.header, job.sample, attributes_of_people())
        self.guessed = [bool(key) for key in keys]
        for place, name in enumerate(job.header):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=name,
                choices=self._targets,
                required=False,
                initial=keys[place],
                disabled=place in job.refused_columns,
                widget=forms.Select(attrs={"aria-label": name}),
            )
        for name in ("basis", "wording"):
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

    def plan(self, list_id: int | None) -> Plan:
        """Return the plan of a valid form; `list_id` is the list chosen or just made."""
        data = self.cleaned_data
        return Plan(
            columns=tuple(data[f"column_{place}"] or "" for place in range(len(self.job.header))),
            policy=Policy(data["policy"]),
            basis=" ".join(data["basis"].split()),
            wording=data["wording"].strip(),
            agreed_on=data["agreed_on"],
            list_id=list_id,
            tags=tuple(tags(data["tags"])),
        )


def _lists() -> QuerySet[FixedList]:
    return FixedList.objects.order_by("name")


def _targets() -> list[tuple[Any, Any]]:
    """Return the choices of a column: leave out, the person's fields, consent, the company's own attributes."""
    usual = [field for field in FIELDS if not field.key.startswith("consent") and field.key != "refused_at"]
    consent = [field for field in FIELDS if field not in usual]
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
