"""Who gets a campaign, and why others of its audience do not. One SQL for the preview and for the freeze."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from campaigns.campaign.models import PEOPLE, Campaign
from campaigns.sending.models import FrequencyCap, LeftOut
from campaigns.templating.models import MailKind, MailTemplate
from contacts.consent.minors import UNGUARDED, turned_at
from contacts.people.address import TWIN_DOMAINS
from contacts.people.models import Contact
from crm.kit import recipients
from crm.team.models import User

_LISTS = "SELECT contact_id FROM contacts_listmember WHERE fixed_list_id = ANY(%({name})s){within}"
_TAGS = "SELECT contact_id FROM contacts_contacttag WHERE tag_id = ANY(%({name})s){within}"
_SEGMENTS = "SELECT contact_id FROM contacts_membership WHERE left_at IS NULL AND segment_id = ANY(%({name})s){within}"
_SOURCES = {"lists": _LISTS, "tags": _TAGS, "segments": _SEGMENTS}
_NEXT = "SELECT min(contact_id) FROM ({sources}) AS chosen WHERE contact_id > %(after)s"
_FIRST = 1_000  # contact ids looked at first for anybody who gets a mail
_WITHIN = " AND contact_id BETWEEN %(low)s AND %(high)s"
# Only Daum keeps one mailbox under two names, so only those few rows are compared. Of twins the older contact gets it.
_JUDGED = """
members AS ({members}),
judged AS (
    SELECT c.id, c.email, split_part(c.email, '@', 2) = ANY(%(twins)s) AS may_have_twin,
        CASE WHEN c.email IS NULL THEN 'no_address'
             WHEN {unlisted} THEN 'not_listed'
             WHEN s.id IS NOT NULL THEN 'suppressed'
             WHEN %(consent)s AND k.decision = 'withdrawn' THEN 'withdrawn'
             WHEN %(consent)s AND k.decision IS DISTINCT FROM 'granted' THEN 'no_consent'
             WHEN %(consent)s AND {unguarded} THEN 'no_guardian'
             {refused}
             {capped}
             ELSE '' END AS reason
    FROM members JOIN contacts_contact c ON c.id = members.contact_id AND c.merged_into_id IS NULL{of_c}
    LEFT JOIN contacts_suppression s ON s.email_key = c.email_key
    LEFT JOIN contacts_consentstate k ON k.contact_id = c.id AND k.purpose = 'marketing' AND k.channel = 'email'{of_k}
    {topics}
    {send_state}
),
twins AS (
    SELECT j.id, row_number() OVER (PARTITION BY c.email_key ORDER BY j.id) > 1 {earlier} AS second
    FROM judged j JOIN contacts_contact c ON c.id = j.id WHERE j.reason = '' AND j.may_have_twin
),
people AS (
    SELECT j.id, j.email,
           CASE WHEN t.second THEN 'same_mailbox' ELSE j.reason END AS reason
    FROM judged j LEFT JOIN twins t ON t.id = j.id
)
"""
# Most rows have fewer sends than the cap at all: those need not be counted one by one.
_CAPPED = """
             WHEN cardinality(st.times) >= %(sends)s
                  AND (SELECT count(*) FROM unnest(st.times) AS t WHERE t > %(since)s) >= %(sends)s THEN 'capped'"""
# A campaign without a topic asks for none.
_REFUSED = "WHEN x.contact_id IS NOT NULL THEN 'topic'"
_TOPICS = """LEFT JOIN contacts_topicstate x
        ON x.contact_id = c.id AND x.topic_id = %(topic)s AND NOT x.wanted{of_x}"""
_SEND_STATE = "LEFT JOIN contact_send_state st ON st.contact_id = c.id{of_st}"
# Said of each table, since PostgreSQL would else read all of them for every range.
_RANGED = {
    name: f" AND {column} BETWEEN %(low)s AND %(high)s"
    for name, column in (
        ("of_c", "c.id"),
        ("of_k", "k.contact_id"),
        ("of_st", "st.contact_id"),
        ("of_x", "x.contact_id"),
    )
}
_EARLIER = """OR EXISTS (
        SELECT FROM contacts_contact o JOIN campaigns_message m ON m.contact_id = o.id AND m.dispatch_id = %(dispatch)s
        WHERE o.email_key = c.email_key AND o.id <> c.id AND m.left_out = '')"""


def judged(members: str, *, capped: bool, topic: bool, ranged: bool = False, earlier: bool = False) -> str:
    """Return the WITH clause over SQL of contact ids; its `people` has id, email, reason ("" for who gets it).

    Its parameters are those of `judging`, with `ranged` also low and high. `topic`: who refused that of `judging` is
    left out. `earlier`: a mailbox that got a message of the dispatch (a parameter) gets no second one.
    """
    within = _RANGED if ranged else dict.fromkeys(_RANGED, "")
    return "WITH " + _JUDGED.format(
        unguarded=UNGUARDED,
        unlisted=recipients.condition("c.email"),
        members=members,
        capped=_CAPPED if capped else "",
        send_state=_SEND_STATE.format(**within) if capped else "",
        refused=_REFUSED if topic else "",
        topics=_TOPICS.format(**within) if topic else "",
        earlier=_EARLIER if earlier else "",
        **within,
    )


def judging(
    cap: FrequencyCap | None, now: datetime, *, advertising: bool, topic_id: int | None = None
) -> dict[str, Any]:
    """Return the parameters of `judged`."""
    limits = {"since": now - timedelta(days=cap.days), "sends": cap.sends} if cap else {}
    asked = {"consent": advertising, "topic": topic_id, "fourteen": turned_at(now), "twins": sorted(TWIN_DOMAINS)}
    return {**asked, **recipients.parameters(), **limits}


@dataclass(frozen=True)
class Audience:
    """A campaign's audience as SQL, from ids of lists, tags and segments.

    `with_people()` is a WITH clause whose `people` has id, email, reason.
    """

    chosen: Mapping[str, list[int]]
    without: Mapping[str, list[int]]
    advertising: bool
    cap: FrequencyCap | None
    now: datetime
    topic_id: int | None = None

    @property
    def is_chosen(self) -> bool:
        """Tell whether any list, tag or segment was chosen at all."""
        return any(self.chosen.values())

    def sources(self) -> list[str]:
        """Return the SELECTs whose union is the audience before anybody is taken out."""
        return self._selects(self.chosen, "")

    @staticmethod
    def _selects(ids: Mapping[str, list[int]], prefix: str, within: str = "") -> list[str]:
        return [select.format(name=prefix + name, within=within) for name, select in _SOURCES.items() if ids.get(name)]

    def _members(self, within: str) -> str:
        chosen = self._selects(self.chosen, "", within)
        out = self._selects(self.without, "without_", within)
        distinct = "DISTINCT contact_id" if sum(len(ids) for ids in self.chosen.values()) > 1 else "contact_id"
        members = f"SELECT {distinct} FROM ({' UNION ALL '.join(chosen)}) AS chosen"  # noqa: S608 - constants
        return f"{members} EXCEPT ({' UNION ALL '.join(out)})" if out else members

    def next_contact(self, after: int) -> int | None:
        """Return the first contact of a higher id of the chosen segments, lists and tags; None after the last."""
        if not self.is_chosen:
            return None
        with connection.cursor() as cursor:
            cursor.execute(_NEXT.format(sources=" UNION ALL ".join(self.sources())), self.params(after=after))
            low: int | None = cursor.fetchone()[0]
        return low

    def with_people(self, *, ranged: bool = False) -> str:
        """Return the WITH clause; `ranged` takes low, high and dispatch as further parameters."""
        members = self._members(_WITHIN if ranged else "")
        asked_topic = self.topic_id is not None
        return judged(members, capped=self._capped, topic=asked_topic, ranged=ranged, earlier=ranged)

    @property
    def _capped(self) -> bool:
        return self.advertising and self.cap is not None

    def params(self, **further: Any) -> dict[str, Any]:
        """Return the parameters of the WITH clause, with `further` ones."""
        return {
            **{name: self.chosen.get(name, []) for name in _SOURCES},
            **{f"without_{name}": self.without.get(name, []) for name in _SOURCES},
            **judging(self.cap, self.now, advertising=self.advertising, topic_id=self.topic_id),
            **further,
        }


def audience_of(campaign: Campaign, now: datetime) -> Audience:
    """Return the audience of a campaign as it would be at `now`."""
    chosen = {name: list(getattr(campaign, name).order_by("pk").values_list("pk", flat=True)) for name in PEOPLE}
    return audience_from(chosen, campaign.template, now, topic_id=campaign.topic_id)


def audience_from(
    chosen: Mapping[str, list[int]], template: MailTemplate | None, now: datetime, *, topic_id: int | None = None
) -> Audience:
    """Return the audience of chosen ids, by the names of the campaign's fields, saved or not."""
    version = template.versions.order_by("-number").first() if template else None
    kind = version.kind if version else MailKind.ADVERTISING
    return Audience(
        {name: chosen[f"include_{name}"] for name in _SOURCES},
        {name: chosen[f"exclude_{name}"] for name in _SOURCES},
        advertising=kind == MailKind.ADVERTISING,
        cap=FrequencyCap.objects.first(),
        now=now,
        topic_id=topic_id,
    )


def anybody(campaign: Campaign, now: datetime) -> bool:
    """Tell whether anybody would get the mail: mostly one of the first does, and nobody else need be judged."""
    audience = audience_of(campaign, now)
    if not audience.is_chosen:
        return False
    first = audience.next_contact(0)
    return first is not None and (_anybody(audience, (first, first + _FIRST)) or _anybody(audience))


def _anybody(audience: Audience, within: tuple[int, int] | None = None) -> bool:
    """Judge all, or the contacts from one id to another. Twins need no look: one of them gets the mail."""
    low, high = within or (0, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{audience.with_people(ranged=within is not None)} SELECT EXISTS (SELECT FROM judged WHERE reason = '')",  # noqa: S608
            audience.params(low=low, high=high, dispatch=0),
        )
        return bool(cursor.fetchone()[0])


def preview(campaign: Campaign, now: datetime) -> Mapping[str, int]:
    """Return how many would get the mail (key "") and how many not, by key of LeftOut; all keys are there."""
    return counted(audience_of(campaign, now))


def counted(audience: Audience) -> Mapping[str, int]:
    """Return how many of an audience would get the mail (key "") and how many not, by key of LeftOut."""
    counts = dict.fromkeys(["", *LeftOut.values], 0)
    if audience.is_chosen:
        with connection.cursor() as cursor:
            cursor.execute(
                f"{audience.with_people()} SELECT reason, count(*) FROM people GROUP BY reason",  # noqa: S608
                audience.params(),
            )
            counts |= dict(cursor.fetchall())
    return counts


def people(campaign: Campaign, reason: str, user: User, now: datetime) -> QuerySet[Contact]:
    """Return the people whom `user` may see and who would get the mail (reason "") or be left out for a reason."""
    return Contact.objects.visible_to(user).filter(pk__in=ids_of(campaign, reason, now))


def ids_of(campaign: Campaign, reason: str, now: datetime) -> RawSQL | list[int]:
    """Return the ids of those who would get the mail (reason "") or be left out, as a sub-query for `pk__in`.

    It is materialised: where statistics are missing, PostgreSQL would else judge the audience once for each row.
    """
    audience = audience_of(campaign, now)
    if not audience.is_chosen:
        return []
    judged = "SELECT id FROM people WHERE reason = %(reason)s"
    sql, params = _positional(
        f"{audience.with_people()}, found AS MATERIALIZED ({judged}) SELECT id FROM found",  # noqa: S608 - constants
        audience.params(reason=reason),
    )
    return RawSQL(sql, params)  # noqa: S611 - constants and parameters


def _positional(sql: str, params: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Return SQL with %s and its parameters in order: what Django's RawSQL takes."""
    values: list[Any] = []
    parts = sql.split("%(")
    out = [parts[0]]
    for part in parts[1:]:
        name, _, rest = part.partition(")s")
        values.append(params[name])
        out.append("%s" + rest)
    return "".join(out), values
