"""What a step refers to must still be there: a row deleted under a live journey holds its people, and says so."""

from django.db.models import Model
from django.utils.translation import gettext as _

from journeys.errors import StepBroken


def present[M: Model](row: M) -> M:
    """Return the row as it is now. Raises StepBroken where it was deleted since the journey was published."""
    found = type(row)._base_manager.filter(pk=row.pk).first()
    if found is None:
        text = _("“%(name)s” was deleted. Choose another in this step and publish the journey again.")
        raise StepBroken(text % {"name": row})
    return found
