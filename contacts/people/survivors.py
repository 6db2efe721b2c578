"""Who people are by now, held fast against merging while something is written about them. Called by what keeps words.

A merge locks both records FOR UPDATE and moves what was said; a word kept at the loser after that would be lost.
"""

from contacts.people.models import Contact

# For a WITH whose `claim` has a contact_id: `alive` maps each (`claimed`) to the record that lives on (`id`). The row
# is read anew where a merge was waited for, so `merged_into_id` is of now even when the snapshot is older. Looked up
# one by one: a join with a set of unknown size was planned as a scan of all people. Who was erased has no row.
ALIVE = """
alive AS MATERIALIZED (
    SELECT known.claimed, coalesce(c.merged_into_id, c.id) AS id
    FROM (SELECT DISTINCT contact_id AS claimed FROM claim ORDER BY contact_id) AS said
    CROSS JOIN LATERAL (
        SELECT said.claimed, CASE WHEN p.merged_into_id IS NULL THEN p.id ELSE contact_root(p.id) END AS root
        FROM contacts_contact p WHERE p.id = said.claimed LIMIT 1
    ) AS known
    CROSS JOIN LATERAL (
        SELECT id, merged_into_id FROM contacts_contact WHERE id = known.root LIMIT 1 FOR KEY SHARE
    ) AS c
)
"""


def locked_survivor(contact_id: int) -> int | None:
    """Return the contact that lives on, locked until the transaction ends; None when the person was erased.

    Two who change the same person follow each other, and no merge comes between.
    """
    rows = Contact.objects.select_for_update(no_key=True).order_by("pk")
    here = contact_id
    while True:
        row = rows.filter(pk=here).values_list("pk", "merged_into").first()
        if row is None or row[1] is None:
            return row[0] if row else None
        here = row[1]
