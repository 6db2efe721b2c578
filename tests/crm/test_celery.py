"""The timed wake-ups name tasks that exist."""

from crm.celery import WAKE_UPS, app


def test_every_wake_up_names_a_registered_task() -> None:
    app.loader.import_default_modules()
    assert set(WAKE_UPS) <= set(app.tasks)
    assert set(app.conf.beat_schedule) == set(WAKE_UPS)
