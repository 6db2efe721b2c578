"""People under 14: no marketing goes to them before a guardian's consent is recorded (Korea's privacy law).

The birthday decides where it is known, else the flag of the profile. Asked by audiences, the claim and segment rules.
"""

from datetime import date, datetime

from django.utils import timezone

from contacts.consent.models import Channel, Decision, Purpose

AGE = 14
# Over a contact `c`; `fourteen` is the day of turned_on(). Never null.
UNDER_14 = "coalesce(c.birthday > %(fourteen)s, c.under_14)"
# A scalar sub-query, which only those of that age reach: an EXISTS here is hashed over the whole table at times.
UNGUARDED = f"""({UNDER_14} AND (
    SELECT g.decision FROM contacts_consentstate g
    WHERE g.contact_id = c.id AND g.purpose = '{Purpose.GUARDIAN}' AND g.channel = '{Channel.EMAIL}'
) IS DISTINCT FROM '{Decision.GRANTED}')"""  # noqa: S608 - constants


def turned_on(today: date) -> date:
    """Return the birthday of those who turn 14 on this day; who was born later is younger."""
    try:
        return today.replace(year=today.year - AGE)
    except ValueError:  # 29 February: who was born on 1 March turns 14 tomorrow
        return today.replace(year=today.year - AGE, day=28)


def turned_at(now: datetime) -> date:
    """Return the same of the day that it is in the company's time zone."""
    return turned_on(timezone.localdate(now, timezone.get_default_timezone()))


def is_under_14(birthday: date | None, flagged: bool, now: datetime) -> bool:
    """Tell whether a person with this birthday, or else this flag, is under 14."""
    return birthday > turned_at(now) if birthday else flagged
