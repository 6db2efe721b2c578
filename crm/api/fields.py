"""Fields of bodies and answers: as strict as JSON is, an unknown one is refused. They draw the API document too."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

LARGEST = 2**53 - 1  # what every client's JSON can hold


class Body(serializers.Serializer):
    """An object; what is not among its fields is refused with its name."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values. Raises ValidationError."""
        if isinstance(data, Mapping) and (unknown := sorted(set(map(str, data)) - set(self.fields))):
            raise serializers.ValidationError({name[:60]: [_("There is no such field.")] for name in unknown[:20]})
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A text; no number passes for one. May be empty unless it says otherwise."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("allow_blank", True)
        options.setdefault("max_length", 1000)
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the text."""
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Whole(serializers.IntegerField):
    """A whole number; neither text nor a yes passes for one."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_value", LARGEST)
        options.setdefault("min_value", 0)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        """Return the number."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class Id(Whole):
    """The number of a row."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, **options)


class Number(serializers.FloatField):
    """A number of any sort."""

    def to_internal_value(self, data: Any) -> float:
        """Return the number."""
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return float(super().to_internal_value(data))


class Yes(serializers.BooleanField):
    """True or false, in no other words."""

    def to_internal_value(self, data: Any) -> bool:
        """Return it."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return bool(data)


class Moment(serializers.DateTimeField):
    """A time with its zone, as RFC 3339 writes it."""

    default_error_messages = {"zone": _("Write the time zone too: 2026-11-21T09:00:00+09:00.")}

    def to_internal_value(self, value: Any) -> Any:
        """Return the time, aware."""
        if not isinstance(value, str):
            self.fail("invalid", format="RFC 3339")
        return super().to_internal_value(value)

    def enforce_timezone(self, value: Any) -> Any:
        """Refuse a time without a zone: nobody knows when that is."""
        if value.utcoffset() is None:
            self.fail("zone")
        return super().enforce_timezone(value)


class Day(serializers.DateField):
    """A date, as 2026-11-21."""

    def to_internal_value(self, value: Any) -> Any:
        """Return the date."""
        if not isinstance(value, str):
            self.fail("invalid", format="2026-11-21")
        return super().to_internal_value(value)


class Amount(serializers.DecimalField):
    """Money: a number, or a text with two decimals at most; a text in answers, which rounds nothing."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", Decimal(0))
        super().__init__(max_digits=14, decimal_places=2, **options)

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the amount."""
        if isinstance(data, bool) or not isinstance(data, int | float | str):
            self.fail("invalid")
        return Decimal(super().to_internal_value(data))


class Choice(serializers.ChoiceField):
    """One of a closed list of words."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the word."""
        if not isinstance(data, str):
            self.fail("invalid_choice", input=str(data)[:40])
        return super().to_internal_value(data)


class Free(serializers.JSONField):
    """Any JSON object, whose own parser checks it."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the object."""
        if not isinstance(data, dict):
            raise serializers.ValidationError(_("This must be an object."))
        return data


def several(field: serializers.Field, most: int, **options: Any) -> serializers.ListField:
    """Return a field for a list of at most `most`."""
    return serializers.ListField(child=field, max_length=most, **options)
