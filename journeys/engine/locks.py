"""The advisory locks of journeys: who waits for whom, in one place. See docs/journeys.md, "Locks"."""

from django.db import connection

# Passes and admissions share it; who publishes, pauses or archives has it alone: then nothing of the journey runs.
_JOURNEY = 7_240
_ADMITTING = 7_241  # one admission at a time: two at once could let one person in twice
_FOLLOWING = 7_242  # the follower shares it while it looks triggers up; a journey is published alone
_WAIT = "500ms"  # a pass waits no longer for a lock, so that it, not a person's save, gives way in a deadlock


def share(journey_id: int) -> bool:
    """Take part in running the journey until the transaction ends; False while somebody changes its state."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_WAIT])
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s, %s)", [_JOURNEY, journey_id])
        return bool(cursor.fetchone()[0])


def admit(journey_id: int) -> bool:
    """Be the one who lets people in, until the transaction ends; False while another does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_ADMITTING, journey_id])
        return bool(cursor.fetchone()[0])


def alone(journey_id: int) -> None:
    """Wait until nothing of the journey runs, and keep it so until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_JOURNEY, journey_id])


def following() -> None:
    """The follower: no journey begins or ends until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, 0)", [_FOLLOWING])


def beginning() -> None:
    """Whoever publishes: every pass of the follower comes before or after, and those after know the journey."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_FOLLOWING])
