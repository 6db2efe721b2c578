"""Settings from the environment: typed, from files, refused by name; the docs' table is what the code reads."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from crm.environment import Environment, table
from crm.runtime.management.commands.settingstable import BEGIN, END, document


def test_values_are_typed() -> None:
    env = Environment({"PORT": "81", "RATE": "0.5", "ON": "yes", "OFF": "0", "HOSTS": "a.example, b.example,"})
    assert env.whole("PORT", 1, what="") == 81
    assert env.number("RATE", 1, what="") == 0.5
    assert (env.flag("ON", False, what=""), env.flag("OFF", True, what="")) == (True, False)
    assert env.several("HOSTS", [], what="") == ["a.example", "b.example"]
    assert env.text("MISSING", "usual", what="") == "usual"


@pytest.mark.parametrize(
    ("method", "value", "words"),
    [
        ("whole", "eight", "X must be a whole number, not 'eight'"),
        ("whole", "-1", "X must be a whole number"),
        ("number", "0", "X must be a number above zero"),
        ("number", "nan", "X must be a number above zero"),
        ("flag", "maybe", "X must be 1 or 0, not 'maybe'"),
    ],
)
def test_wrong_value_is_refused_with_its_name(method: str, value: str, words: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=words):
        getattr(Environment({"X": value}), method)("X", 1, what="")


def test_secret_comes_from_a_file_and_from_one_place_only(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    place = str(tmp_path / "key")
    assert Environment({"KEY_FILE": place}).secret("KEY", what="") == "s3cret"
    assert Environment({"KEY_FILE": place}).has("KEY")
    with pytest.raises(ImproperlyConfigured, match="KEY and KEY_FILE are both set"):
        Environment({"KEY": "a", "KEY_FILE": place}).secret("KEY", what="")
    with pytest.raises(ImproperlyConfigured, match=r"KEY_FILE: .*none cannot be read"):
        Environment({"KEY_FILE": str(tmp_path / "none")}).secret("KEY", what="")


def test_wrong_address_is_refused_without_showing_it() -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must start with one of: postgres://") as refused:
        Environment().url("DATABASE_URL", "mysql://me:hidden@host/x", ("postgres",))
    assert "hidden" not in str(refused.value)


def test_settings_table_of_the_docs_is_what_the_code_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written = document().read_text()
    inside = written.split(BEGIN)[1].split(END)[0].strip()
    assert inside == table(settings.ENVIRONMENT.variables)
    assert all(variable.what for variable in settings.ENVIRONMENT.variables)
    copy = tmp_path / "operations.md"
    copy.write_text(written.replace("Time zone of the company", "old words"))
    monkeypatch.setattr("crm.runtime.management.commands.settingstable.document", lambda: copy)
    call_command("settingstable")
    assert copy.read_text() == written
