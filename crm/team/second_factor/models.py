"""What proves a person beside her password: one authenticator, and recovery codes that work once."""

from django.conf import settings
from django.db import models


class SecondFactor(models.Model):
    """The shared key of one person's authenticator (RFC 6238, 30 seconds, 6 digits, SHA-1 as all apps know it)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="second_factor"
    )
    key = models.CharField(max_length=40, help_text="Base32.")
    since = models.DateTimeField()
    last_step = models.BigIntegerField(help_text="The period of the last code that was used; no code is taken twice.")

    class Meta:
        db_table = "team_second_factor"


class RecoveryCode(models.Model):
    """One code for the day the phone is lost, as a keyed hash. It is deleted when used."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "team_recovery_code"
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_unique")]
