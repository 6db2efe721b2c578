"""Keyset pages: where a later page begins."""

import pytest
from django.db import connection

from contacts.models import Contact
from crm.kit.paging import keyset_page

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("order", "bound"),
    [(("sort_key", "id"), "(sort_key >= "), (("-created_at", "-id"), "(created_at <= ")],
)
def test_second_page_begins_in_the_index(order, bound):
    for number in range(5):
        Contact.objects.create(name=f"사람 {number}")
    cursor = keyset_page(Contact.objects.all(), order, size=2).next_cursor
    plans = []

    def explained(execute, sql, params, many, context):
        plans.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        page = keyset_page(Contact.objects.all(), order, cursor=cursor, size=2)
    assert [row.pk for row in page.rows] == list(Contact.objects.order_by(*order).values_list("pk", flat=True)[2:4])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("EXPLAIN " + plans[0][0], plans[0][1])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Cond: " + bound in plan
