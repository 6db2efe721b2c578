"""From a row of cells to one record for the staging table, or to a reason why not."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from contacts.attributes.models import Attribute, Target
from contacts.commerce.models import OrderStatus
from contacts.imports import cells as read
from contacts.imports.errors import BadCell
from contacts.imports.fields import ATTRIBUTE, looks_like_resident_number, without_resident_numbers
from contacts.imports.models import Kind
from contacts.imports.plan import Plan
from contacts.imports.reader import LONGEST_CELL, Record
from contacts.imports.records.company_cells import COMPANY_CELLS, LEFT_OUT, company_key, own_attribute, owner, owners
from contacts.imports.records.fields import RecordField, fields_of
from contacts.imports.refusal import LONGEST_ROW, Refusal
from contacts.ledger.kinds import KINDS
from contacts.people.address import BadAddress, normalise
from crm.kit.text import ForbiddenCharacter, clean_line

EVENT_KINDS = ("page.viewed", "product.viewed", "cart.updated", "form.submitted")
_LONGEST_KEY = 200
_LONGEST_NUMBER = 80  # of an order or product, or what companies meet by
_MOST = Decimal(10) ** 11
_STATES = {
    OrderStatus.PLACED: "placed pending open authorized 주문접수 입금대기 결제대기 발주대기",
    OrderStatus.PAID: "paid partiallypaid processing partiallyrefunded 결제완료 상품준비중 배송준비중 부분환불",
    OrderStatus.SHIPPED: "shipped fulfilled delivered complete completed 배송중 배송완료 구매확정",
    OrderStatus.CANCELLED: "cancelled canceled voided 취소 취소완료 주문취소",
    OrderStatus.REFUNDED: "refunded returned 환불 환불완료 반품완료",
}
_STATE_OF = {word: str(state) for state, words in _STATES.items() for word in words.split()}


class _RefusedCell(Exception):
    """The row cannot be taken for this cell; `args[0]` is a code of contacts/imports/reasons.py."""

    def __init__(self, code: str, place: int) -> None:
        super().__init__(code)
        self.place = place


class RecordMaker:
    """Makes staging lines after one plan. `refusals` collects what was refused since it was emptied."""

    def __init__(self, kind: str, plan: Plan, header: Sequence[str], zone: tzinfo, now: datetime) -> None:
        self.refusals: list[Refusal] = []
        self._kind, self._header, self._width = kind, list(header), len(header)
        self._zone, self._now = zone, now
        fields = {field.key: field for field in fields_of(kind)}
        self._owners: dict[str, int] | None = None
        self._attributes = {}
        if kind == Kind.ACCOUNTS:
            self._attributes = {ATTRIBUTE + each.key: each for each in Attribute.objects.offered(Target.ACCOUNT)}
        self._used = [(place, fields[key]) for place, key in enumerate(plan.columns) if key]

    def make(self, record: Record) -> str | None:
        """Return one line of COPY text (line, key, data), or None when the row was refused or is empty."""
        if record.error:
            return self._refuse(record, record.error, value=str(LONGEST_CELL))
        if not any(cell.strip() for cell in record.cells):
            return None
        if len(record.cells) != self._width:
            few = len(record.cells) < self._width
            return self._refuse(record, "too_few_cells" if few else "too_many_cells", value=str(len(record.cells)))
        try:
            return self._line(record.line, self._data(record))
        except _RefusedCell as cell:
            return self._refuse(record, str(cell), column=self._header[cell.place], value=record.cells[cell.place])

    def _data(self, record: Record) -> dict[str, Any]:
        """Return the cells that are filled, by field. Raises _RefusedCell."""
        data: dict[str, Any] = {}
        for place, field in self._used:
            try:
                if cell := clean_line(read.restored(record.cells[place].strip())):
                    data[field.key] = self._reader(field)(cell)
            except BadCell as error:
                if str(error) not in LEFT_OUT or self._kind != Kind.ACCOUNTS:
                    raise _RefusedCell(str(error), place) from error
                self._note(record, str(error), column=self._header[place], value=record.cells[place])
            except (BadAddress, ForbiddenCharacter) as error:
                code = "bad_address" if isinstance(error, BadAddress) else "control_character"
                raise _RefusedCell(code, place) from error
            if field.required and not data.get(field.key):
                raise _RefusedCell("cell_missing", place)
        return data

    def _line(self, line: int, data: dict[str, Any]) -> str:
        text = json.dumps(data, ensure_ascii=False, sort_keys=True)
        known = data.get("key") or (company_key(data) if self._kind == Kind.ACCOUNTS else "")
        key = known[: _LONGEST_KEY if self._kind == Kind.EVENTS else _LONGEST_NUMBER]
        key = key or hashlib.sha256(text.encode()).hexdigest()[:32]
        cells = (str(line), key, json.dumps({**data, "key": key, "line": line}, ensure_ascii=False))
        return "\t".join(cell.replace("\\", "\\\\") for cell in cells)

    def _refuse(self, record: Record, code: str, *, column: str = "", value: str = "") -> str | None:
        self._list(record, code, column, value, whole=True)
        return None

    def _note(self, record: Record, code: str, *, column: str, value: str) -> None:
        self._list(record, code, column, value, whole=False)

    def _list(self, record: Record, code: str, column: str, value: str, *, whole: bool) -> None:
        row = _storable(", ".join(record.cells)[:LONGEST_ROW])
        self.refusals.append((record.line, whole, code, column[:80], _storable(value)[:120], row))

    def _reader(self, field: RecordField) -> Callable[[str], Any]:
        if field.reader in COMPANY_CELLS:
            return COMPANY_CELLS[field.reader]
        if field.reader == "text":
            return partial(_text, limit=field.limit)
        if field.reader == "attribute":
            return partial(own_attribute, self._attributes[field.key])
        if field.reader == "owner":
            self._owners = self._owners if self._owners is not None else owners()
            return partial(owner, self._owners)
        if field.reader == "moment":
            return lambda cell: read.moment(cell, self._zone, self._now).isoformat()
        return _CELLS[field.reader]


def _storable(text: str) -> str:
    return re.sub("[\x00\ud800-\udfff]", "\ufffd", without_resident_numbers(text))


def _text(cell: str, *, limit: int) -> str:
    if looks_like_resident_number(cell):
        raise BadCell("resident_number")
    return cell[:limit]


def _money(cell: str) -> str:
    """Return an amount of at least 0 with at most two decimals, as text."""
    try:
        amount = Decimal(re.sub(r"[\s,₩$€원]|KRW", "", cell))
    except InvalidOperation as error:
        raise BadCell("bad_amount") from error
    if not amount.is_finite() or not 0 <= amount < _MOST:
        raise BadCell("bad_amount")
    return str(round(amount, 2))


def _count(cell: str) -> int:
    if not (cell.isdecimal() and cell.isascii() and 0 < int(cell[:9]) < 1_000_000 and len(cell) < 8):
        raise BadCell("bad_amount")
    return int(cell)


def _currency(cell: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", cell):
        raise BadCell("bad_currency")
    return cell.upper()


def _url(cell: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"]{3,190}", cell):
        raise BadCell("bad_url")
    return cell


def _status(cell: str) -> str:
    try:
        return _STATE_OF[re.sub(r"[\W_]+", "", cell.casefold())]
    except KeyError as error:
        raise BadCell("bad_order_state") from error


def _event_kind(cell: str) -> str:
    wanted = cell.casefold().replace(" ", "")
    for key in EVENT_KINDS:
        if wanted in (key, key.replace(".", ""), str(KINDS[key].label).casefold().replace(" ", "")):
            return key
    raise BadCell("bad_event_kind")


_CELLS: dict[str, Callable[[str], Any]] = {
    "email": normalise, "money": _money, "count": _count, "currency": _currency, "url": _url,
    "status": _status, "event_kind": _event_kind,
}  # fmt: skip
