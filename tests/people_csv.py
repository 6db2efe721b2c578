"""CSV files of invented people as Korean programs write them, seeded; used by import tests, benches and the browser."""

import csv
import io
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

FAMILY = "김이박최정강조윤장임한오서신권황안송류전홍"
GIVEN = "민준 서연 도윤 지우 하은 예준 수아 시우 지호 다은 건우 채원 현우 유나 준".split()  # noqa: SIM905
COMPANIES = [
    "(주)한빛소프트", "㈜새벽유통", "주식회사 바른상사", "누리식품", "가온디자인", "다온테크 주식회사", "미르물산(주)",
]  # fmt: skip
TITLES = ["대표", "이사", "부장", "과장", "대리", "사원"]
PLACES = [
    ("서울특별시", "강남구", "06236"),
    ("부산광역시", "해운대구", "48094"),
    ("경기도", "성남시", "13529"),
]
KOREAN_HEADER = [
    "이메일", "성", "이름", "휴대폰", "회사명", "직함", "시도", "시군구", "우편번호", "이메일 수신여부", "동의일",
    "생년월일",
]  # fmt: skip


@dataclass(frozen=True)
class Person:
    """One invented person; `said` is "Y", "N" or "" for consent to marketing by e-mail."""

    email: str
    family: str
    given: str
    phone: str
    company: str
    title: str
    region: str
    city: str
    postcode: str
    said: str
    agreed: str
    birthday: str

    @property
    def row(self) -> list[str]:
        """Return the cells under KOREAN_HEADER."""
        return [
            self.email, self.family, self.given, self.phone, self.company, self.title, self.region, self.city,
            self.postcode, self.said, self.agreed, self.birthday,
        ]  # fmt: skip

    @property
    def name(self) -> str:
        """Return the name as the product joins it."""
        return self.family + self.given


def people(count: int, *, seed: int = 1, domain: str = "example.com", distinct_companies: int = 0) -> list[Person]:
    """Return `count` people with distinct addresses: of ten, seven agree, one refuses, two say nothing."""
    return list(stream(count, seed=seed, domain=domain, distinct_companies=distinct_companies))


def stream(count: int, *, seed: int = 1, domain: str = "example.com", distinct_companies: int = 0) -> Iterator[Person]:
    """Yield what `people` returns, one by one."""
    dice = random.Random(seed)
    for number in range(count):
        yield _person(dice, number, domain, distinct_companies)


def _person(dice: random.Random, number: int, domain: str, distinct_companies: int) -> Person:
    said = "Y" if number % 10 < 7 else "N" if number % 10 == 7 else ""
    region, city, postcode = dice.choice(PLACES)
    company = dice.choice(COMPANIES)
    if distinct_companies:
        company = f"{company} {dice.randrange(distinct_companies)}"
    return Person(
        email=f"person{number:06d}@{domain}",
        family=dice.choice(FAMILY),
        given=dice.choice(GIVEN),
        phone=f"010-{dice.randrange(2000, 9999)}-{dice.randrange(10000):04d}",
        company=company,
        title=dice.choice(TITLES),
        region=region,
        city=city,
        postcode=postcode,
        said=said,
        agreed=f"2026-{dice.randrange(1, 10):02d}-{dice.randrange(1, 28):02d}" if said == "Y" else "",
        birthday=f"{dice.randrange(1950, 2005)}. {dice.randrange(1, 13)}. {dice.randrange(1, 28)}.",
    )


def csv_bytes(
    rows: Iterable[Sequence[str]],
    *,
    header: Sequence[str] | None = KOREAN_HEADER,
    encoding: str = "cp949",
    delimiter: str = ",",
    newline: str = "\r\n",
) -> bytes:
    """Return a CSV file as bytes; encodings "utf-8-sig" and "utf-16" come with a byte order mark."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline)
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)
