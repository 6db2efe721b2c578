"""A database that was restored, copied or moved sends nothing until a person says so.

Its home is marked: cluster, timeline, database, the marking table itself, and INSTALL_NAME. Where the mark does not
fit, everything that would leave by itself stays: asked in the claim of the send queue and by each other sender.
"""

from typing import Any

from django.conf import settings
from django.db import connection

# As a sub-query, so that a statement asks once and not for each row.
SENDING_IS_FREE = "(SELECT NOT sending_held(%(install)s))"


def parameters() -> dict[str, Any]:
    """Return the parameters of SENDING_IS_FREE."""
    return {"install": settings.INSTALL_NAME}


def is_held() -> bool:
    """Tell whether this database was restored, and nobody has said yet that it may send."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sending_held(%s)", [settings.INSTALL_NAME])
        return bool(cursor.fetchone()[0])


def release() -> bool:
    """Let this database send from here; return whether it was held. A repeat is harmless."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE install_home SET mark = install_mark() || ' ' || %(install)s WHERE sending_held(%(install)s)",
            parameters(),
        )
        return bool(cursor.rowcount)
