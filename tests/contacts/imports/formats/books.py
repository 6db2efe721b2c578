"""Workbooks and vCards as other programs write them, for tests."""

import io
from datetime import date
from typing import Any

import xlsxwriter

SHEET = [
    ["고객 명단 2026"],
    [],
    ["이메일", "이름", "휴대폰", "회사명", "생년월일", "이메일 수신여부", "동의일"],
    ["a@example.com", "김철수", 1012345678, "(주)한빛", date(1990, 3, 7), True, date(2026, 5, 1)],
    ["b@example.com", "이영희", "010-2222-3333", "", date(1985, 12, 31), False, ""],
    ["c@example.com", "박\n민수", "010-4444-5555", "누리", "", "Y", "2026. 6. 2."],
]


def workbook(sheets: dict[str, list[list[Any]]], merged: tuple[str, ...] = ()) -> bytes:
    """Return an .xlsx with these sheets; `merged` are ranges of the first one, such as "D4:D5"."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(place, column, cell, day)
                    else:
                        sheet.write(place, column, cell)
        first = book.worksheets()[0]
        for each in merged:
            first.merge_range(each, _text(sheets, each))
    return data.getvalue()


def _text(sheets: dict[str, list[list[Any]]], corner: str) -> Any:
    rows = next(iter(sheets.values()))
    return rows[int(corner[1 : corner.index(":")]) - 1][ord(corner[0]) - 65]


def crowd_of(rows: list[list[Any]]) -> dict[str, list[list[Any]]]:
    """Return a workbook's sheets: a cover and the people."""
    return {"표지": [["인쇄용"], ["2026년"]], "명단": rows}


APPLE = """BEGIN:VCARD
VERSION:3.0
N:김;철수;;;
FN:철수 김
item1.EMAIL;type=INTERNET;type=pref:a@example.com
EMAIL;type=HOME:old@example.com
TEL;type=HOME:02-555-1234
TEL;type=CELL;type=VOICE:010-1234-5678
ORG:(주)한빛소프트;개발팀
TITLE:부장
ADR;type=WORK:;;테헤란로 1\\, 3층;강남구;서울;06236;대한민국
BDAY:1990-03-07
CATEGORIES:VIP,세미나
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRg
 ABCDEFGH
END:VCARD
"""
FOUR = """BEGIN:VCARD
VERSION:4.0
FN:Jane Doe
N:Doe;Jane;Q.;;
EMAIL;PREF=1:jane@example.com
TEL;VALUE=uri;TYPE="voice,cell":tel:+1-212-555-0100
ORG:Acme\\; Sons
BDAY:--0412
NOTE:line one\\nline two
END:VCARD
"""
OLD_PHONE = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\n"
    "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=EC=9D=B4;=EC=98=81=ED=9D=AC;;;\r\n"
    "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=EC=9D=B4=EC=98=\r\n=81=ED=9D=AC\r\n"
    "TEL;CELL;PREF:01022223333\r\nEMAIL;INTERNET:b@example.com\r\nEND:VCARD\r\n"
)
