"""The explicit list of what contacts holds of a person; entered by ContactsConfig.ready, before the apps above."""

from contacts.hooks.records import HOOK_DATA
from contacts.privacy.handlers import PERSONAL_DATA
from contacts.privacy.kept import KEPT
from contacts.privacy.ledger import LEDGER_DATA
from contacts.privacy.mentions import MENTIONS
from contacts.privacy.records import RECORDS


def register() -> None:
    """Enter them; harmless to repeat. What is entered last is erased first."""
    PERSONAL_DATA.register(*RECORDS, *KEPT, *LEDGER_DATA, *MENTIONS, HOOK_DATA)
