"""Accounts and contacts. A contact without an address is an anonymous visitor."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Now, NullIf
from django.utils.translation import gettext_lazy as _

from contacts.account_roles.models import LONGEST_KEY
from contacts.people.generated import Bigrams, Initials, SortKey, StoredGenerated, joined
from contacts.people.industry import industry_name
from crm.team.models import User
from crm.team.permissions import Action, Scope, scope


class Account(models.Model):
    """A company: has many people, an owner, and attributes of its own."""

    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(max_length=200, help_text=_("Name without legal forms, for matching."))
    domain = models.CharField(_("web domain"), max_length=253, blank=True)
    business_number = models.CharField(_("business registration number"), max_length=10, blank=True)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    employees = models.IntegerField(_("employees"), null=True, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name=_("owner"),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent company"),
    )
    contract_end = models.DateField(_("contract ends"), null=True, blank=True)
    renewal_probability = models.SmallIntegerField(_("chance of renewal (percent)"), null=True, blank=True)
    renewal_value = models.DecimalField(
        _("value of the renewal"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    attributes = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    version = models.IntegerField(default=1)
    sort_key = StoredGenerated(expression=SortKey(F("name_key")), output_field=models.TextField(), db_persist=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["business_number"], condition=~Q(business_number=""), name="account_business_number_unique"
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="account_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(renewal_probability=None) | Q(renewal_probability__range=(0, 100)),
                name="account_renewal_is_percent",
            ),
        ]
        indexes = [
            models.Index(fields=["name_key"], name="account_name_key"),
            models.Index(fields=["sort_key", "id"], name="account_by_name"),
            models.Index(fields=["domain"], condition=~Q(domain=""), name="account_domain"),
            models.Index(fields=["contract_end", "id"], condition=~Q(contract_end=None), name="account_contract_end"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def industry_label(self) -> str:
        """The industry in the reader's language."""
        return industry_name(self.industry)


class ContactQuerySet(models.QuerySet["Contact"]):
    """Reusable conditions on people. Every read for a user starts with visible_to."""

    def visible_to(self, user: User) -> Self:
        """Keep whom `user` may see: all, or (scope own) her own people and those without an owner, or nobody."""
        reach = scope(user, Action.CONTACT_VIEW)
        if reach is Scope.NONE:
            return self.none()
        return self.live().filter(Q(owner=user) | Q(owner=None)) if reach is Scope.OWN else self.live()

    def live(self) -> Self:
        """Leave out contacts that were merged into another."""
        return self.filter(merged_into=None)

    def identified(self) -> Self:
        """Keep people whose address is known."""
        return self.exclude(email=None)


class Contact(models.Model):
    """A person, known by address or still anonymous."""

    email = models.CharField(_("e-mail"), max_length=320, null=True, blank=True)  # noqa: DJ001 - unique, null for anonymous
    email_key = models.CharField(max_length=32, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    title = models.CharField(_("title"), max_length=120, blank=True)
    company = models.CharField(_("company"), max_length=200, blank=True)
    account = models.ForeignKey(
        Account,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="contacts",
        verbose_name=_("account"),
    )
    account_roles = ArrayField(
        models.CharField(max_length=LONGEST_KEY),
        verbose_name=_("roles in the account"),
        default=list,
        db_default=[],
        blank=True,
        help_text=_("Keys of contacts.account_roles."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="contacts",
        verbose_name=_("owner"),
    )
    stage = models.ForeignKey(
        "contacts.Stage",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="contacts",
        verbose_name=_("stage"),
    )
    stage_since = models.DateTimeField(null=True, blank=True)
    stage_by_hand = models.BooleanField(db_default=False, default=False)
    language = models.CharField(_("language"), max_length=5, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    street = models.CharField(_("street address"), max_length=200, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    under_14 = models.BooleanField(
        _("under 14"), default=False, db_default=False, help_text=_("Counts where no birthday is known.")
    )
    source = models.CharField(_("source"), max_length=80, blank=True, help_text=_("How we got to know this person."))
    attributes = models.JSONField(default=dict, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="merged"
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), db_default=Now())
    version = models.IntegerField(default=1)
    sort_key = StoredGenerated(
        expression=SortKey(Coalesce(NullIf(F("name"), Value("")), F("email"))),
        output_field=models.TextField(),
        db_persist=True,
    )
    search_text = StoredGenerated(
        expression=joined("name", "email", "company", "phone"), output_field=models.TextField(), db_persist=True
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(fields=["email"], condition=Q(merged_into=None), name="contact_email_unique"),
            models.CheckConstraint(
                condition=Q(email=None, email_key="") | (~Q(email="") & ~Q(email_key="")), name="contact_email_has_key"
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="contact_not_merged_into_itself"),
        ]
        indexes = [
            models.Index(fields=["email_key"], condition=~Q(email_key=""), name="contact_email_key"),
            models.Index(fields=["-created_at", "-id"], name="contact_newest"),
            models.Index(fields=["sort_key", "id"], name="contact_by_name"),
            # Of those who live on, so that it says by itself whose people are whose.
            models.Index(fields=["owner", "-created_at", "-id"], condition=Q(merged_into=None), name="contact_owned"),
            models.Index(fields=["account"], condition=~Q(account=None), name="contact_of_account"),
            models.Index(fields=["stage", "-created_at", "-id"], name="contact_at_stage"),
            models.Index(fields=["city", "-created_at", "-id"], condition=~Q(city=""), name="contact_in_city"),
            models.Index(fields=["stage_since"], condition=~Q(stage_since=None), name="contact_stage_since"),
            models.Index(fields=["merged_into"], condition=~Q(merged_into=None), name="contact_merged"),
            # Who is visible to whom, without a look at the rows: counts of every filter join with it. Stage and city
            # cost no update more, since both are in an index already; they are what is asked beside a tag or a list.
            models.Index(
                fields=["id"], include=["owner", "stage", "city"], condition=Q(merged_into=None), name="contact_visible"
            ),
            GinIndex(Bigrams(F("search_text")), name="contact_search"),
            GinIndex(Bigrams(Initials(F("name"))), name="contact_initials"),
            # People without a role cost nothing here: `account_roles <> '{}'` must stand beside the question.
            GinIndex(fields=["account_roles"], condition=~Q(account_roles=[]), name="contact_account_roles"),
            GinIndex(fields=["attributes"], opclasses=["jsonb_path_ops"], name="contact_attributes"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """Return what to call this person on a page: name, else address, else a number."""
        return self.name or self.email or _("Visitor %(number)d") % {"number": self.pk}

    @property
    def seen_at(self) -> datetime | None:
        """Return when this person last did something herself, None for never."""
        seen = getattr(self, "seen", None)
        return seen.last_seen_at if seen else None

    @property
    def is_anonymous_visitor(self) -> bool:
        """Tell whether no address is known."""
        return self.email is None


class PostedForm(models.Model):
    """A form that has made something; a second post of it is answered with the first result (posted.py)."""

    token = models.UUIDField(primary_key=True)
    result = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("posted form")
        verbose_name_plural = _("posted forms")

    def __str__(self) -> str:
        return str(self.token)


class PeopleExport(models.Model):
    """People left the house as a file: who took them, when, how many and what for."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("time"))
    reason = models.CharField(_("reason"), max_length=300)
    query = models.TextField(_("filter"), blank=True, help_text=_("The query string of the list that was exported."))
    people = models.IntegerField(_("people"))

    class Meta:
        verbose_name = _("export of people")
        verbose_name_plural = _("exports of people")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.reason}"
