"""Why a row was refused, or a cell of it left out: one code, one sentence. Stored by code, read in any language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# {column} is the column's name, {value} a bounded piece of the cell or a number.
REASONS: dict[str, str | Promise] = {
    "no_address": _("There is no e-mail address in this row."),
    "bad_address": _("“{value}” is no e-mail address."),
    "duplicate": _("Line {value} has the same address; the first one is taken."),
    "erased": _("This person asked to be erased and cannot be imported again."),
    "header_again": _("The column names stand here a second time."),
    "too_few_cells": _("The row has {value} cells, fewer than there are columns."),
    "too_many_cells": _("The row has {value} cells, more than there are columns."),
    "cell_too_long": _("A cell is longer than {value} characters."),
    "control_character": _("There is a line break or control character in “{column}”."),
    "not_decodable": _("This line cannot be read in the chosen encoding."),
    "bad_quotes": _("The quotation marks of this row do not match."),
    "bad_phone": _("“{column}”: “{value}” is no phone number. It was left out."),
    "bad_date": _("“{column}”: “{value}” is no date. Write 2026-11-21. It was left out."),
    "future_date": _("“{column}”: {value} lies in the future. It was left out."),
    "bad_consent": _("“{column}”: “{value}” is neither yes nor no. It counts as unknown."),
    "bad_yes_or_no": _("“{column}”: “{value}” is neither yes nor no. It was left out."),
    "bad_status": _("“{column}”: “{value}” is no state that is known. It counts as unknown."),
    "undated_consent": _("The row agrees, but tells no date. It counts as unknown."),
    "bad_business_number": _("“{column}”: “{value}” is no business registration number. It was left out."),
    "unknown_country": _("“{column}”: “{value}” is no country that is known. It was left out."),
    "unknown_language": _("“{column}”: “{value}” is no language that is known. It was left out."),
    "unknown_role": _("“{column}”: “{value}” is none of your roles in accounts. It was left out."),
    "bad_attribute": _("“{column}”: “{value}” does not fit this attribute. It was left out."),
    "too_long": _("“{column}” is longer than {value} characters. It was cut."),
    "resident_number": _("“{column}” looks like a resident registration number. It was left out."),
    "cell_missing": _("“{column}” is empty in this row."),
    "bad_amount": _("“{column}”: “{value}” is no amount."),
    "bad_currency": _("“{column}”: “{value}” is no currency. Write KRW or USD."),
    "bad_url": _("“{column}”: “{value}” is no web address."),
    "bad_order_state": _("“{column}”: “{value}” is no state of an order that is known."),
    "bad_event_kind": _("“{column}”: “{value}” is no activity that can be imported."),
    "same_company": _("Line {value} is about the same company; the first one is taken."),
    "unknown_owner": _("“{column}”: none of your colleagues is called “{value}”. It was left out."),
    "unknown_person": _("Nobody has the address {value}."),
    "not_accepted": _("Not accepted: {value}"),
    "typo": _("The address looks mistyped: was {value} meant? It was imported as it stands."),
}


def sentence(code: str, column: str, value: str) -> str:
    """Return the reason in the reader's language."""
    return str(REASONS[code]).format(column=column, value=value)
