"""The trail's triggers are there, on columns that exist."""

import pytest
from django.db import connection

from crm.team.models import Company
from crm.team.trail import watching
from crm.team.trail.kinds import KINDS, tables


@pytest.mark.parametrize(("kind", "table"), tables(), ids=lambda value: getattr(value, "key", ""))
def test_columns_named_by_a_table_exist(kind, table):
    columns = {field.column for field in table.model._meta.concrete_fields}
    named = {table.id, *table.labels, *table.left_out, *table.secret} | ({table.spread} if table.spread else set())
    assert named - columns == set()


@pytest.mark.django_db
def test_triggers_are_there_and_a_repeat_changes_nothing():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'team_trail'")
        found = {name for (name,) in cursor.fetchall()}
    assert found == {table.model._meta.db_table for _kind, table in tables()}
    assert watching.install() == []


@pytest.mark.django_db
def test_trigger_that_was_dropped_or_is_of_old_comes_back():
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER team_trail ON team_company")
        cursor.execute("COMMENT ON TRIGGER team_trail ON contacts_tag IS 'older'")
    assert watching.install() == ["contacts_tag", "team_company"]
    Company.objects.create(name="Harbour")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM team_trail WHERE kind = 'company'")
        assert cursor.fetchone() == (1,)


def test_every_kind_has_a_page_that_exists():
    for kind in KINDS:
        assert kind.url(1) or not kind.url_name
