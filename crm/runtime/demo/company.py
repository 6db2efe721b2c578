"""The company of the demo: OnNote, a Korean maker of a shared notebook for teams (by the seat) and of smart pens.

What it sells, what its site has, how people come to it, and its own lists, tags and attributes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from contacts.attributes.models import Attribute, AttributeType, Target
from contacts.commerce.models import Product
from contacts.lists.models import FixedList, Tag
from crm.team.models import User

HOST = "www.onnote.example"
ADDRESS, PHONE = "서울특별시 성동구 성수이로 100, 7층", "02-555-0100"
SITE = f"https://{HOST}"
PLANS = ("Free", "Team", "Business")

PAGES = {
    "/": "온노트 | 함께 쓰는 노트",
    "/product": "제품 소개",
    "/pricing": "요금제",
    "/customers": "고객 사례",
    "/security": "보안",
    "/blog/short-meetings": "회의가 짧아지는 12가지 방법",
    "/blog/remote-onboarding": "원격 온보딩 체크리스트",
    "/blog/meeting-notes": "회의록, 왜 아무도 안 읽을까",
    "/help/import": "도움말: 노트 가져오기",
    "/shop": "온노트 스토어",
    "/webinar/november": "웨비나: 회의 문화 바꾸기",
}
FORMS = {
    "demo": "도입 문의",
    "newsletter": "뉴스레터 구독",
    "whitepaper": "백서 받기: 회의가 짧아지는 12가지 방법",
    "webinar": "웨비나 신청",
}


@dataclass(frozen=True)
class Channel:
    """How people come: a name kept as the contact's source, the first page's query string, and the referrer."""

    source: str
    query: str
    referrer: str
    weight: int


CHANNELS = (
    Channel("네이버 검색광고", "utm_source=naver&utm_medium=cpc&utm_campaign=brand&n_media=27758&n_query=회의록+앱"
            "&n_keyword=회의록&n_rank=2&n_ad_group=grp-a001-01", "https://search.naver.com/", 20),
    Channel("네이버 검색", "", "https://search.naver.com/", 17),
    Channel("네이버 쇼핑", "NaPm=ct%3Dm1%7Cci%3Dshop01&nt_source=naver&nt_medium=shopping",
            "https://shopping.naver.com/", 12),
    Channel("구글 검색", "", "https://www.google.com/", 14),
    Channel("구글 광고", "utm_source=google&utm_medium=cpc&utm_campaign=meeting_notes&gclid=demo",
            "https://www.google.com/", 8),
    Channel("인스타그램", "utm_source=instagram&utm_medium=paid_social&utm_campaign=pen_launch",
            "https://www.instagram.com/", 10),
    Channel("카카오톡 채널", "utm_source=kakao&utm_medium=social&utm_campaign=channel", "https://pf.kakao.com/", 6),
    Channel("네이버 블로그", "", "https://blog.naver.com/", 5),
    Channel("뉴스레터", "utm_source=newsletter&utm_medium=email&utm_campaign=monthly", "", 4),
    Channel("지인 추천", "utm_source=friend&utm_medium=referral&utm_campaign=invite", "", 2),
    Channel("스마트워크 엑스포", "utm_source=cofairs&utm_medium=qr&utm_campaign=smartwork_expo", "", 2),
)  # fmt: skip

_PRODUCTS = (
    ("PLAN-TEAM", "온노트 Team (1인, 1년)", "구독", 96_000),
    ("PLAN-BIZ", "온노트 Business (1인, 1년)", "구독", 168_000),
    ("PEN-ONE", "온펜 One 스마트펜", "스마트펜", 129_000),
    ("PEN-PRO", "온펜 Pro 스마트펜", "스마트펜", 189_000),
    ("PEN-MINI", "온펜 Mini", "스마트펜", 79_000),
    ("NOTE-A5", "닷 노트 A5 (3권)", "노트", 24_000),
    ("NOTE-B5", "닷 노트 B5 (3권)", "노트", 28_000),
    ("NOTE-PLAN", "2027 플래너", "노트", 32_000),
    ("NOTE-KIDS", "키즈 드로잉 노트", "노트", 18_000),
    ("REFILL", "펜심 리필 (5개)", "액세서리", 9_000),
    ("CASE", "가죽 펜 케이스", "액세서리", 39_000),
    ("POUCH", "캔버스 파우치", "액세서리", 22_000),
    ("CHARGER", "충전 거치대", "액세서리", 35_000),
    ("GIFT", "선물 포장", "액세서리", 3_000),
)
TAGS = ("VIP", "파트너", "언론", "스마트워크 엑스포", "리뷰 작성", "재구매", "추천인", "학생")


@dataclass(frozen=True)
class Furniture:
    """What the company has set up, by its name or key."""

    products: dict[str, Product]
    tags: dict[str, Tag]
    lists: dict[str, FixedList]


def furnish(by: User, now: datetime) -> Furniture:
    """Make products, tags, lists and attributes."""
    Product.objects.bulk_create(
        Product(key=key, name=name, brand="OnNote", category=category, price=Decimal(price), created_at=now,
                url=f"{SITE}/shop/{key.lower()}")
        for key, name, category, price in _PRODUCTS
    )  # fmt: skip
    Tag.objects.bulk_create(Tag(name=name) for name in TAGS)
    lists = {
        "expo": ("스마트워크 엑스포 2026 방문자", "10월 코엑스 부스에서 명함을 받은 분들"),
        "webinar": ("11월 웨비나 신청자", "웨비나: 회의 문화 바꾸기"),
        "vip": ("VIP 고객", "30만 원 이상 구매한 고객"),
        "press": ("언론·블로거", "신제품 소식을 받는 분들"),
    }
    rows = {
        key: FixedList.objects.create(name=name, description=words, created_by=by, created_at=now - timedelta(days=40))
        for key, (name, words) in lists.items()
    }
    _attributes()
    products, tags = Product.objects.in_bulk(field_name="key"), {tag.name: tag for tag in Tag.objects.all()}
    return Furniture(products, tags, rows)


def _attributes() -> None:
    of_people: tuple[tuple[str, str, AttributeType, list[str]], ...] = (
        ("plan", "요금제", AttributeType.CHOICE, list(PLANS)),
        ("seats", "사용자 수", AttributeType.NUMBER, []),
        ("contract_end", "계약 만료일", AttributeType.DATE, []),
        ("interests", "관심사", AttributeType.CHOICES, ["회의", "필기", "그림", "학습", "일정"]),
        ("birthday_coupon", "생일 쿠폰 동의", AttributeType.BOOLEAN, []),
    )
    Attribute.objects.bulk_create(
        Attribute(target=Target.CONTACT, key=key, label=label, type=kind, choices=choices, position=place)
        for place, (key, label, kind, choices) in enumerate(of_people)
    )
    Attribute.objects.create(
        target=Target.ACCOUNT, key="renewal", label="갱신 예정일", type=AttributeType.DATE, position=0
    )
