"""Log-ins: each device on which somebody is, or was, logged in, and each try that failed."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class How(models.TextChoices):
    """How a log-in ended."""

    PASSWORD = "password", _("password")
    CODE = "code", _("password and code")
    RECOVERY = "recovery", _("password and recovery code")
    REMEMBERED = "remembered", _("password, on a remembered device")
    WRONG_PASSWORD = "wrong_password", _("wrong password")
    WRONG_CODE = "wrong_code", _("wrong code")


FAILED = (How.WRONG_PASSWORD, How.WRONG_CODE)


class SignIn(models.Model):
    """One log-in, or one try. Address and browser are kept coarsely; the device's cookie as a hash alone."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="sign_ins"
    )
    at = models.DateTimeField()
    how = models.CharField(max_length=20, choices=How)
    network = models.CharField(max_length=50)
    device = models.CharField(max_length=80)  # such as "Chrome, Windows"
    device_digest = models.CharField(max_length=64, blank=True)
    session_key = models.CharField(max_length=40, blank=True)
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    remembered_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "team_sign_in"
        verbose_name = _("log-in")
        verbose_name_plural = _("log-ins")
        indexes = [models.Index(fields=["user", "-at"], name="sign_in_of_user")]

    def __str__(self) -> str:
        return f"{self.device}, {self.network}"
