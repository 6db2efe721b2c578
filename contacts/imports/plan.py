"""What a person chose for an import: which column is what, what happens to known people, on what ground consent rests.

Stored as JSON on the job; parsed here alone, by one parser with one error.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.imports.errors import BadPlan
from contacts.imports.fields import ATTRIBUTE, BY_KEY, CONSENTS, EXCLUSIONS, Field


class Policy(models.TextChoices):
    """What happens to the profile of a person who is known already. An empty cell never empties a field."""

    OVERWRITE = "overwrite", gettext_lazy("Take the file’s values")
    FILL = "fill", gettext_lazy("Fill in only what is empty")
    NEWEST = "newest", gettext_lazy("Take the file’s values where the row is newer")
    KEEP = "keep", gettext_lazy("Leave their profile as it is")


@dataclass(frozen=True)
class Plan:
    """The choices. `columns` has one field key for each column of the file, "" for a column that is left out."""

    columns: tuple[str, ...]
    policy: Policy = Policy.OVERWRITE
    basis: str = ""
    wording: str = ""
    agreed_on: date | None = None
    list_id: int | None = None
    tags: tuple[str, ...] = ()
    policies: tuple[tuple[str, Policy], ...] = ()  # by field key, where a column differs from `policy`
    exclude_all: str = ""  # why every address of the file is left out of all sending, where its row says nothing else
    makes_people: bool = True

    @property
    def consents(self) -> list[Field]:
        """Return the consent fields in use, in the order in which staged rows keep them."""
        return [field for field in CONSENTS if field.key in self.columns]

    @property
    def exclusions(self) -> list[Field]:
        """Return the fields in use that say why a mailbox is to be left out."""
        return [field for field in EXCLUSIONS if field.key in self.columns]

    @property
    def excludes(self) -> bool:
        """Tell whether rows may leave mailboxes out of all sending."""
        return bool(self.exclusions or self.exclude_all or "mail_status" in self.columns)

    def policy_of(self, column: str) -> Policy:
        """Return what happens to a contact's column of people who are known."""
        chosen = dict(self.policies)
        keys = [key for key in self.columns if key in BY_KEY and BY_KEY[key].stored == column]
        if column == "attributes":
            keys = [key for key in self.columns if key.startswith(ATTRIBUTE)]
        return next((chosen[key] for key in keys if key in chosen), self.policy)

    @property
    def changing(self) -> list[str]:
        """Return the contact's columns that may change of people who are known."""
        return [column for column in self.stored if self.policy_of(column) != Policy.KEEP]

    @property
    def stored(self) -> list[str]:
        """Return the contact's columns that the file may change; the address is never changed."""
        named = {BY_KEY[key].stored for key in self.columns if key in BY_KEY} - {"", "email"}
        return sorted(named) + (["attributes"] if any(key.startswith(ATTRIBUTE) for key in self.columns) else [])

    @property
    def has_accounts(self) -> bool:
        """Tell whether companies are matched: by name or by registration number."""
        return "company" in self.columns or "business_number" in self.columns

    @property
    def has_tags(self) -> bool:
        """Tell whether rows may carry tags."""
        return bool(self.tags) or "tags" in self.columns

    def to_json(self) -> dict[str, Any]:
        """Return what from_json reads."""
        chosen = {key: str(policy) for key, policy in self.policies}
        return {
            **asdict(self), "agreed_on": self.agreed_on.isoformat() if self.agreed_on else None, "policies": chosen
        }  # fmt: skip

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Plan":
        """Return the stored plan. Raises BadPlan that names what cannot be read."""
        try:
            return cls(
                columns=tuple(str(key) for key in raw["columns"]),
                policy=Policy(raw["policy"]),
                policies=tuple((str(key), Policy(policy)) for key, policy in raw.get("policies", {}).items()),
                exclude_all=str(raw.get("exclude_all", "")),
                makes_people=bool(raw.get("makes_people", True)),
                basis=str(raw["basis"]),
                wording=str(raw["wording"]),
                agreed_on=date.fromisoformat(raw["agreed_on"]) if raw["agreed_on"] else None,
                list_id=int(raw["list_id"]) if raw["list_id"] is not None else None,
                tags=tuple(str(tag) for tag in raw["tags"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadPlan(_("The stored choices cannot be read: %(error)s") % {"error": error}) from error

    def checked_records(self, header: Sequence[str], required: Collection[str], known: Collection[str]) -> "Plan":
        """Return the plan of a file that is not about people, if it fits. Raises BadPlan."""
        used = [key for key in self.columns if key]
        if len(self.columns) != len(header) or not set(used) <= set(known):
            raise BadPlan(_("The choices belong to another file. Choose the columns again."))
        if len(set(used)) != len(used):
            raise BadPlan(_("Two columns are chosen for the same field."))
        if Policy.NEWEST in (self.policy, *dict(self.policies).values()) and "changed_at" not in used:
            raise BadPlan(_("Choose the column that tells when a row was last changed, or another rule."))
        if missing := [key for key in required if key not in used]:
            raise BadPlan(_("These columns are needed: %(fields)s.") % {"fields": ", ".join(missing)})
        return self

    def checked(
        self, header: Sequence[str], refused: Collection[int], attributes: Collection[str], today: date
    ) -> "Plan":
        """Return the plan if it fits the file; `refused` are places of columns that must stay out. Raises BadPlan."""
        self._check_columns(header, refused, attributes)
        if not self.makes_people and not self.excludes:
            raise BadPlan(_("Say why these addresses are not to be mailed, or choose the column that tells."))
        if Policy.NEWEST in (self.policy, *dict(self.policies).values()) and "changed_at" not in self.columns:
            raise BadPlan(_("Choose the column that tells when a row was last changed, or another rule."))
        if not self.consents or not self.makes_people:
            return self
        if not self.basis.strip() or not self.wording.strip():
            raise BadPlan(_("Say on what ground these people agreed, and with which words: that is the proof."))
        if "consent_at" not in self.columns and self.agreed_on is None:
            raise BadPlan(_("Say when these people agreed: choose a date column, or give one day for all."))
        if self.agreed_on is not None and self.agreed_on > today:
            raise BadPlan(_("The day of consent lies in the future."))
        return self

    def _check_columns(self, header: Sequence[str], refused: Collection[int], attributes: Collection[str]) -> None:
        if len(self.columns) != len(header):
            raise BadPlan(_("The choices belong to another file. Choose the columns again."))
        used = [key for key in self.columns if key]
        if "email" not in used:
            raise BadPlan(_("Choose the column that holds the e-mail address."))
        for place, key in enumerate(self.columns):
            if key and place in refused:
                raise BadPlan(
                    _("“%(column)s” looks like resident registration numbers, which may not be kept.")
                    % {"column": header[place]}
                )
            if key and key not in BY_KEY and key.removeprefix(ATTRIBUTE) not in attributes:
                raise BadPlan(_("“%(column)s”: this attribute no longer exists.") % {"column": header[place]})
            if used.count(key) > 1:
                label = BY_KEY[key].label if key in BY_KEY else key.removeprefix(ATTRIBUTE)
                raise BadPlan(_("Two columns are chosen for “%(field)s”.") % {"field": label})
        if "name" in used and ("family_name" in used or "given_name" in used):
            raise BadPlan(_("Choose either a column with the whole name, or family name and given name."))
