"""The people who use Wayfare."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from crm.kit.work import WorkRow
from crm.team.second_factor.models import RecoveryCode, SecondFactor
from crm.team.sign_ins.models import SignIn
from crm.team.trail.models import Door, TrailEntry

__all__ = [
    "ApiToken",
    "Company",
    "Door",
    "Notice",
    "RecoveryCode",
    "Role",
    "SecondFactor",
    "SignIn",
    "Theme",
    "Throttle",
    "TrailEntry",
    "User",
    "UserManager",
]


class Role(models.TextChoices):
    """What a person does here; the permission matrix speaks of these only."""

    ADMIN = "admin", _("Admin")
    MARKETER = "marketer", _("Marketer")
    SALES_REP = "sales_rep", _("Sales rep")
    CUSTOMER_SUCCESS = "customer_success", _("Customer success")
    ANALYST = "analyst", _("Analyst")


class Theme(models.TextChoices):
    """The look a reader chose."""

    AUTO = "auto", _("Like the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class UserManager(BaseUserManager["User"]):
    """Makes users with a normalised address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create and return a user; the address is kept in lower case."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create and return an admin."""
        return self.create_user(email, password, role=Role.ADMIN, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a user by address, whatever its case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in by e-mail; one role decides what she may see and do."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.ANALYST)
    title = models.CharField(_("title"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Seoul")
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    is_active = models.BooleanField(_("may log in"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    second_factor_at = models.DateTimeField(null=True, blank=True, editable=False)
    session_round = models.IntegerField(default=0, editable=False)  # one more ends every session

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_lower_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session must know to stay: it changes with the password and with each round."""
        value = f"{self.password}:{self.session_round}"
        return salted_hmac("crm.team.session", value, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_staff(self) -> bool:
        """May open the admin; the permission matrix decides what is shown there."""
        return self.is_active and self.role in (Role.ADMIN, Role.MARKETER)


class Company(models.Model):
    """The company whose install this is. One row at most."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.CharField(_("name of the company"), max_length=160)
    postal_address = models.CharField(_("postal address"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="company_single")]

    def __str__(self) -> str:
        return self.name


class Throttle(models.Model):
    """Tries counted under a keyed hash; written by crm.team.throttle only."""

    key = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField(db_index=True)
    tries = models.PositiveIntegerField()

    class Meta:
        db_table = "team_throttle"


class Notice(WorkRow):
    """Something the product told one colleague; as a work row it is the mail that tells it too."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="notices")
    text = models.CharField(max_length=500)
    url = models.CharField(max_length=300, blank=True)
    icon = models.CharField(max_length=40, default="bell")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_of_user"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notice_unread"),
            models.Index(fields=["due_at", "id"], condition=models.Q(state__in=["ready", "leased"]), name="notice_due"),
        ]

    def __str__(self) -> str:
        return self.text


class ApiToken(models.Model):
    """A key with which a program works as its user: her role and people, narrowed to `scopes` (crm.team.api_tokens)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("begins with"), max_length=16)
    digest = models.CharField(
        max_length=64, unique=True, help_text="SHA-256 of the token; the token itself is not kept."
    )
    scopes = ArrayField(models.CharField(max_length=24), verbose_name=_("may"), help_text="Of TokenScope.")
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def dialog(self) -> str:
        """Return the id of this token's dialog on a page."""
        return f"revoke-{self.pk}"


from crm.team.saved_views.models import DefaultView, SavedView  # noqa: E402, F401 - they name User by its label


class DemoMark(models.Model):
    """Which rows of one table are demo data: those with ids from `first` to `last`. Gone once the demo is removed."""

    table = models.CharField(max_length=63, primary_key=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()

    class Meta:
        verbose_name = _("demo data")
        verbose_name_plural = _("demo data")
        constraints = [models.CheckConstraint(condition=models.Q(first__lte=models.F("last")), name="demo_mark_order")]

    def __str__(self) -> str:
        return f"{self.table} {self.first}-{self.last}"
