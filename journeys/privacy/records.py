"""The entries of journeys in the list of personal data. Registered by JourneysConfig.ready."""

from django.utils.translation import gettext_lazy as _

from contacts.privacy.handlers import PersonalData, reading, run, running
from contacts.privacy.people import People
from crm.kit import clock
from journeys.engine.leaving import forget

_WAYS = """
SELECT j.name AS journey, e.key, e.entered_at, e.ended_at, e."end", e.goal_at, e.facts FROM journeys_enrolment e
JOIN journeys_journey j ON j.id = e.journey_id WHERE e.contact_id = ANY(%s) ORDER BY e.entered_at, e.id
"""
_STEPS = """
SELECT j.name AS journey, s.key AS step, s.kind, t.outlet, t.arrived_at, t.left_at, t.facts FROM journeys_trace t
JOIN journeys_journeystep s ON s.id = t.step_id JOIN journeys_journeyversion v ON v.id = s.version_id
JOIN journeys_journey j ON j.id = v.journey_id
WHERE t.enrolment_id IN (SELECT id FROM journeys_enrolment WHERE contact_id = ANY(%s)) ORDER BY t.left_at, t.id
"""
# By their enrolments, which have an index of people.
_CALLS = """
SELECT url, body, made_at, status FROM journeys_call
WHERE enrolment_id IN (SELECT id FROM journeys_enrolment WHERE contact_id = ANY(%s)) ORDER BY id
"""
_NO_CALLS = """
DELETE FROM journeys_call WHERE id = ANY(ARRAY(
    SELECT id FROM journeys_call
    WHERE enrolment_id IN (SELECT id FROM journeys_enrolment WHERE contact_id = ANY(%(ids)s)) LIMIT %(limit)s))
"""
_PROBLEMS = "UPDATE journeys_enrolment SET problem = '' WHERE contact_id = ANY(%(ids)s) AND problem <> ''"


def _forget(people: People, _limit: int) -> int:
    """End their ways and empty what those tell; the numbers of the journeys stay."""
    ended = forget(people.ids, now=clock.now())
    return ended + run(_PROBLEMS, {"ids": people.array})


JOURNEY_DATA = [
    PersonalData(
        "journeys",
        _("Journeys"),
        ("journeys_enrolment.contact_id", "journeys_startrequest.contact_id", "journeys_touched.contact_id"),
        _forget,
        reading(_WAYS),
        stays=_("That somebody went through a journey stays, without the person, so that its numbers hold."),
    ),
    PersonalData(
        "steps", _("Steps of journeys"), ("journeys_trace.contact_id",), lambda _people, _limit: 0, reading(_STEPS)
    ),
    PersonalData(
        "calls",
        _("Calls to other systems"),
        ("journeys_call.contact_id",),
        running(_NO_CALLS),
        reading(_CALLS),
    ),
]
