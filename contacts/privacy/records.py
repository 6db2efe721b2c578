"""What contacts holds of a person beside her activity: profile, consent, labels, orders, segments, merges."""

from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from contacts.privacy.handlers import PersonalData, deleting, reading, rows, run, running
from contacts.privacy.people import People
from contacts.segments.touching import touch

_PROFILE = """
SELECT c.id AS number, c.email, c.name, c.phone, c.title, c.company, a.name AS account, c.account_roles AS roles,
       s.name AS stage, c.stage_since, u.name AS owner, c.language, c.time_zone, c.country, c.region, c.city,
       c.postcode, c.street, c.birthday, c.under_14, c.source, c.attributes, c.created_at, c.updated_at,
       c.merged_into_id AS merged_into
FROM contacts_contact c LEFT JOIN contacts_account a ON a.id = c.account_id
LEFT JOIN contacts_stage s ON s.id = c.stage_id LEFT JOIN team_user u ON u.id = c.owner_id
WHERE c.id = ANY(%s) ORDER BY c.merged_into_id NULLS FIRST, c.id
"""
_CONSENT = """
SELECT e.at, e.purpose, e.channel, e.decision, e.source, e.basis, e.wording, e.wording_version, e.ip_prefix,
       e.double_opt_in_at, e.recorded_at, u.name AS recorded_by
FROM contacts_consententry e LEFT JOIN team_user u ON u.id = e.recorded_by_id
WHERE e.contact_id = ANY(%s) ORDER BY e.at, e.id
"""
_TOPICS = """
SELECT e.at, t.name AS topic, e.wanted, e.source, e.basis, e.wording, e.ip_prefix, e.recorded_at,
       u.name AS recorded_by
FROM contacts_topicentry e JOIN contacts_topic t ON t.id = e.topic_id LEFT JOIN team_user u ON u.id = e.recorded_by_id
WHERE e.contact_id = ANY(%s) ORDER BY e.at, e.id
"""
_OPT_INS = """
SELECT asked_at, purposes, wording, wording_version, source, confirmed_at FROM contacts_optin
WHERE contact_id = ANY(%s) ORDER BY asked_at
"""
_EXCLUDED = """
SELECT reason, at, detail FROM contacts_suppression
WHERE email_key IN (SELECT email_key FROM contacts_contact WHERE id = ANY(%s) AND email_key <> '')
"""
_TAGS = (
    "SELECT t.name, l.at FROM contacts_contacttag l JOIN contacts_tag t ON t.id = l.tag_id WHERE l.contact_id = ANY(%s)"
)
_LISTS = """
SELECT f.name, m.at FROM contacts_listmember m JOIN contacts_fixedlist f ON f.id = m.fixed_list_id
WHERE m.contact_id = ANY(%s) ORDER BY m.at
"""
_SEGMENTS = """
SELECT s.name, m.entered_at, m.left_at FROM contacts_membership m JOIN contacts_segment s ON s.id = m.segment_id
WHERE m.contact_id = ANY(%s) ORDER BY m.entered_at
"""
_BY_HAND = """
SELECT s.name, b.included, b.at FROM contacts_byhand b JOIN contacts_segment s ON s.id = b.segment_id
WHERE b.contact_id = ANY(%s) ORDER BY b.at
"""
_ACTS = (
    "SELECT r.at, a.verb, r.before FROM contacts_bulkactrow r JOIN contacts_bulkact a ON a.id = r.act_id "
    "WHERE r.contact_id = ANY(%s) ORDER BY r.at"
)
_ORDERS = """
SELECT o.key AS number, o.placed_at AS at, o.status, o.total, o.refunded, o.currency,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('product', p.name, 'quantity', l.quantity, 'price', l.unit_price)
        ORDER BY l.id), '[]') FROM contacts_orderline l JOIN contacts_product p ON p.id = l.product_id
        WHERE l.order_id = o.id) AS lines
FROM contacts_order o WHERE o.contact_id = ANY(%s) ORDER BY o.placed_at
"""
_OUTCOMES = "SELECT outcome, at, due_on FROM contacts_followup WHERE contact_id = ANY(%s)"
_MERGES = "SELECT at, loser_id AS number, undone_at, moved FROM contacts_merge WHERE winner_id = ANY(%s) ORDER BY at"
# The order's own number leads back to her through the shop; what is kept is a sale of nobody.
_KEYS = "SELECT source, key FROM contacts_contactkey WHERE contact_id = ANY(%s) ORDER BY id"
_NAMELESS = """
WITH these AS (
    SELECT id, key FROM contacts_order WHERE contact_id = ANY(%(ids)s) ORDER BY id LIMIT %(limit)s FOR UPDATE
),
keys AS (
    DELETE FROM event_key k USING these o WHERE k.source IN ('order.placed', 'order.refunded', 'order.cancelled')
    AND k.key >= o.key AND k.key < o.key || ';' AND (k.key = o.key OR k.key LIKE o.key || ':%%')
),
nameless AS (UPDATE contacts_orderrefund r SET reason = '' FROM these o WHERE r.order_id = o.id AND r.reason <> '')
UPDATE contacts_order o SET contact_id = NULL, key = 'erased-' || o.id FROM these WHERE o.id = these.id
"""
_LOCK = """
SELECT s.id FROM contacts_segment s
WHERE s.id IN (SELECT m.segment_id FROM contacts_membership m WHERE m.left_at IS NULL AND m.contact_id = ANY(%(ids)s))
ORDER BY s.id FOR NO KEY UPDATE
"""
_LEAVE = """
WITH gone AS (
    DELETE FROM contacts_membership WHERE contact_id = ANY(%(ids)s)
    AND id = ANY(ARRAY(SELECT id FROM contacts_membership WHERE contact_id = ANY(%(ids)s) LIMIT %(limit)s))
    RETURNING segment_id, left_at
),
fewer AS (SELECT segment_id, count(*) AS n FROM gone WHERE left_at IS NULL GROUP BY 1),
counted AS (UPDATE contacts_segment s SET members = s.members - f.n FROM fewer f WHERE s.id = f.segment_id)
SELECT count(*) FROM gone
"""
_MERGED = """
DELETE FROM contacts_merge WHERE id = ANY(ARRAY(
    SELECT id FROM contacts_merge WHERE winner_id = ANY(%(ids)s) OR loser_id = ANY(%(ids)s) LIMIT %(limit)s))
"""
_PAIRS = """
DELETE FROM contacts_duplicatepair WHERE id = ANY(ARRAY(
    SELECT id FROM contacts_duplicatepair WHERE first_id = ANY(%(ids)s) OR second_id = ANY(%(ids)s) LIMIT %(limit)s))
"""
_COLLEAGUES = """
SELECT c.id FROM contacts_contact c
WHERE c.account_id IN (SELECT account_id FROM contacts_contact WHERE id = ANY(%s)) AND c.id <> ALL(%s)
"""


def _leave(people: People, limit: int) -> int:
    """Take them out of all segments, whose numbers of people go down by them."""
    params: dict[str, Any] = {"ids": people.array, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, params)
        cursor.execute(_LEAVE, params)
        return int(cursor.fetchone()[0])


def _record(people: People, _limit: int) -> int:
    """Delete the records themselves, all of a person at once; colleagues are judged anew without her."""
    touch("contact.updated", _COLLEAGUES, [people.array, people.array])
    return run("DELETE FROM contacts_contact WHERE id = ANY(%(ids)s)", {"ids": people.array})


PROFILE = PersonalData(
    "profile",
    _("Profile"),
    ("contacts_contact.id", "contacts_contact.merged_into_id"),
    _record,
    reading(_PROFILE),
    stays=_(
        "A keyed fingerprint of the address stays in the list of excluded addresses, so that no import brings the "
        "person back. Nobody can read the address from it."
    ),
)
CONSENT = PersonalData(
    "consent",
    _("Consent"),
    ("contacts_consententry.contact_id", "contacts_consentstate.contact_id"),
    lambda people, limit: sum(
        deleting(table)(people, limit) for table in ("contacts_consentstate", "contacts_consententry")
    ),
    reading(_CONSENT),
)
TOPICS = PersonalData(
    "topics",
    _("Topics"),
    ("contacts_topicentry.contact_id", "contacts_topicstate.contact_id"),
    lambda people, limit: sum(
        deleting(table)(people, limit) for table in ("contacts_topicstate", "contacts_topicentry")
    ),
    reading(_TOPICS),
)
ORDERS = PersonalData(
    "orders",
    _("Orders"),
    ("contacts_order.contact_id",),
    running(_NAMELESS),
    reading(_ORDERS),
    stays=_(
        "Orders stay without the person and under another number: day, products and sums, for the books and for "
        "revenue. The record that the law asks of a seller is kept by the shop."
    ),
)
SEGMENTS = PersonalData("segments", _("Segments"), ("contacts_membership.contact_id",), _leave, reading(_SEGMENTS))
QUEUES = PersonalData(
    "segment_queues",
    _("Notes of what is to be counted anew"),
    ("contacts_segmenttouch.contact_id", "contacts_segmentwaiting.contact_id"),
    lambda people, limit: sum(
        deleting(table)(people, limit) for table in ("contacts_segmenttouch", "contacts_segmentwaiting")
    ),
)
MERGES = PersonalData(
    "merges",
    _("Merged records"),
    ("contacts_merge.winner_id", "contacts_merge.loser_id"),
    running(_MERGED),
    reading(_MERGES),
)
PAIRS = PersonalData(
    "duplicates",
    _("Possible duplicates"),
    ("contacts_duplicatepair.first_id", "contacts_duplicatepair.second_id", "contacts_duplicatekey.contact_id"),
    lambda people, limit: running(_PAIRS)(people, limit) + deleting("contacts_duplicatekey")(people, limit),
)
EXCLUSION = PersonalData("exclusion", _("Exclusion from sending"), (), lambda _people, _limit: 0, reading(_EXCLUDED))

# The last is erased first.
RECORDS = [
    PROFILE,
    EXCLUSION,
    CONSENT,
    TOPICS,
    rows("opt_ins", _("Requests to confirm"), "contacts_optin", select=_OPT_INS),
    rows("tags", _("Tags"), "contacts_contacttag", select=_TAGS),
    rows("keys", _("Keys of other systems"), "contacts_contactkey", select=_KEYS),
    rows("lists", _("Lists"), "contacts_listmember", select=_LISTS),
    SEGMENTS,
    rows("acts", _("Changes of many people"), "contacts_bulkactrow", select=_ACTS),
    rows("by_hand", _("Put into segments by hand"), "contacts_byhand", select=_BY_HAND),
    QUEUES,
    ORDERS,
    rows("outcomes", _("Outcomes of calls"), "contacts_followup", select=_OUTCOMES),
    MERGES,
    PAIRS,
]
