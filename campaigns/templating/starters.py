"""Ready-made mails to begin from: welcome, newsletter and offer, each in English and Korean, made of blocks.

Their words are the company's to change, so they are content, not strings of the product's screens.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from campaigns.templating import pictures, versions
from campaigns.templating.content import PLACEHOLDER
from campaigns.templating.models import MailKind, MailTemplate

ARTWORK = Path(__file__).parent / "artwork"
Blocks = list[dict[str, Any]]


def _heading(text: str, size: str = "large") -> dict[str, Any]:
    return {"kind": "heading", "text": text, "size": size, "align": "left"}


def _text(text: str) -> dict[str, Any]:
    return {"kind": "text", "text": text, "align": "left"}


def _button(text: str, path: str) -> dict[str, Any]:
    return {"kind": "button", "text": text, "url": f"https://{PLACEHOLDER}/{path}", "align": "left"}


def _picture(src: str, alt: str) -> dict[str, Any]:
    return {"kind": "picture", "src": src, "alt": alt, "url": "", "width": "full"}


def _columns(left: Blocks, right: Blocks) -> dict[str, Any]:
    return {"kind": "columns", "left": left, "right": right}


DIVIDER = {"kind": "divider"}


def _footer(note: str) -> dict[str, Any]:
    return {"kind": "footer", "note": note}


def _variant(subject: str, preheader: str, blocks: Blocks) -> dict[str, Any]:
    return {"subject": subject, "preheader": preheader, "kind": "blocks", "blocks": blocks, "text": ""}


def welcome(picture: str) -> dict[str, Any]:
    """Return the mail that greets somebody new."""
    english = [
        _picture(picture, "A winding path towards the morning sun"),
        _heading("Good to have you here{% if contact.name %}, {{ contact.name }}{% endif %}"),
        _text(
            "Thank you for joining us. Over the next days we will send you **three short mails** that show you "
            "around: what other customers begin with, what saves the most time, and whom to ask."
        ),
        _button("Take the first step", "start"),
        DIVIDER,
        _heading("Three things people try first", "small"),
        _text(
            "- **Look around** with the sample that is already there.\n"
            "- **Bring your own** data in; it takes five minutes.\n"
            "- **Invite a colleague**: two see more than one."
        ),
        _text(
            "Questions? Just answer this mail. {% if owner.name %}{{ owner.name }} reads it.{% else %}We read every "
            "one.{% endif %}"
        ),
        _footer(""),
    ]
    korean = [
        _picture(picture, "아침 해를 향해 굽이진 길"),
        _heading("{{ contact.name | nim }}, 반갑습니다"),
        _text(
            "함께해 주셔서 고맙습니다. 앞으로 며칠 동안 **짧은 메일 세 통**으로 처음에 무엇부터 하면 좋은지, "
            "어디서 시간을 가장 많이 아낄 수 있는지, 궁금할 때 누구에게 물어보면 되는지 알려 드릴게요."
        ),
        _button("첫걸음 시작하기", "start"),
        DIVIDER,
        _heading("많은 분이 먼저 해 보는 세 가지", "small"),
        _text(
            "- 준비된 예제로 **둘러보기**\n- 5분이면 되는 **내 데이터 가져오기**\n"
            "- **동료 초대하기**: 함께 보면 더 잘 보입니다"
        ),
        _text(
            "궁금한 점이 있으면 이 메일에 바로 답장해 주세요. {% if owner.name %}{{ owner.name | josa: '이/가' }} 직접 "
            "읽고 답해 드립니다.{% else %}저희가 모두 읽고 답해 드립니다.{% endif %}"
        ),
        _footer(""),
    ]
    return {
        "default": "ko",
        "accent": "#1d5bbf",
        "languages": {
            "en": _variant("Welcome! Here is your first step", "Three short mails to begin.", english),
            "ko": _variant("{{ contact.name | nim }}, 환영합니다", "짧은 메일 세 통으로 시작해 보세요.", korean),
        },
    }


def newsletter(picture: str) -> dict[str, Any]:
    """Return the monthly round of news."""
    english = [
        _picture(picture, "A newsletter and an envelope"),
        _heading("What is new this month"),
        _text("Hello {{ contact.name | nim }}, here is what we made, learned and read. Two minutes, promised."),
        DIVIDER,
        _heading("The story of the month", "small"),
        _text(
            "Begin with one sentence that says why this matters to your reader. Then two or three more with what "
            "is new, in plain words, and a [link to the whole story](https://www.example.com/story)."
        ),
        _button("Read the story", "story"),
        DIVIDER,
        _columns(
            [
                _heading("A tip", "small"),
                _text("One thing that {{ contact.company | default: 'your team' }} can try today."),
                _button("Show me", "tip"),
            ],
            [
                _heading("Meet us", "small"),
                _text("Every second Thursday we answer questions live, for half an hour."),
                _button("Save a seat", "live"),
            ],
        ),
        _footer(""),
    ]
    korean = [
        _picture(picture, "소식지와 편지 봉투"),
        _heading("이달의 새 소식"),
        _text(
            "{{ contact.name | nim }}, 안녕하세요. 이번 달에 새로 만들고 배운 것을 모았습니다. "
            "2분이면 다 읽으실 수 있어요."
        ),
        DIVIDER,
        _heading("이달의 이야기", "small"),
        _text(
            "읽는 분께 왜 중요한지 한 문장으로 시작해 보세요. 이어서 무엇이 새로워졌는지 두세 문장으로 쉽게 쓰고, "
            "[전체 이야기](https://www.example.com/story)로 이어지게 하세요."
        ),
        _button("이야기 읽기", "story"),
        DIVIDER,
        _columns(
            [
                _heading("활용 팁", "small"),
                _text("{{ contact.company | default: '우리 팀' }}에서 오늘 바로 해 볼 수 있는 한 가지입니다."),
                _button("자세히 보기", "tip"),
            ],
            [
                _heading("만나서 이야기해요", "small"),
                _text("격주 목요일마다 30분 동안 실시간으로 질문에 답해 드립니다."),
                _button("자리 맡기", "live"),
            ],
        ),
        _footer(""),
    ]
    return {
        "default": "ko",
        "accent": "#0b6a5f",
        "languages": {
            "en": _variant("What is new this month", "A story, a tip and a date to meet.", english),
            "ko": _variant("이달의 새 소식을 전해 드립니다", "이야기 하나, 팁 하나, 만남 하나.", korean),
        },
    }


def offer(picture: str) -> dict[str, Any]:
    """Return the mail that makes an offer with an end."""
    english = [
        _picture(picture, "A voucher with a present"),
        _heading("20% off, only until Sunday"),
        _text(
            "Hello {{ contact.name | nim }}, as a thank-you for being with us you get **20% off everything** in the "
            "shop. The reduction is taken off at the checkout; there is no code to remember."
        ),
        _button("Choose something nice", "offer"),
        _text("**Until Sunday, 23:59.** One order per person; cannot be combined with other offers."),
        DIVIDER,
        _columns(
            [_heading("Free shipping", "small"), _text("From 50,000 won, to your door in two days.")],
            [_heading("30 days to return", "small"), _text("Not happy? Send it back, we pay the way.")],
        ),
        _footer(""),
    ]
    korean = [
        _picture(picture, "선물이 그려진 할인 쿠폰"),
        _heading("일요일까지 전 상품 20% 할인"),
        _text(
            "{{ contact.name | nim }}, 늘 함께해 주셔서 감사합니다. 감사의 마음을 담아 **전 상품 20% 할인**을 "
            "준비했습니다. 결제할 때 자동으로 적용되니 쿠폰 번호를 기억하지 않으셔도 됩니다."
        ),
        _button("할인 상품 보러 가기", "offer"),
        _text("**일요일 23:59까지** · 1인 1회 주문에 한하며 다른 할인과 함께 쓸 수 없습니다."),
        DIVIDER,
        _columns(
            [_heading("무료 배송", "small"), _text("50,000원 이상 주문하시면 이틀 안에 문 앞까지 보내 드립니다.")],
            [_heading("30일 안 반품", "small"), _text("마음에 들지 않으면 돌려보내세요. 배송비는 저희가 냅니다.")],
        ),
        _footer(""),
    ]
    return {
        "default": "ko",
        "accent": "#9b2c63",
        "languages": {
            "en": _variant("20% off everything until Sunday", "Taken off at the checkout, no code needed.", english),
            "ko": _variant("일요일까지 전 상품 20% 할인", "결제할 때 자동으로 적용됩니다.", korean),
        },
    }


STARTERS = {
    "welcome": ("환영 메일 · Welcome", welcome, "A winding path towards the morning sun"),
    "newsletter": ("뉴스레터 · Newsletter", newsletter, "A newsletter and an envelope"),
    "offer": ("할인 안내 · Offer", offer, "A voucher with a present"),
}


def ensure_starters(now: datetime, site: str = PLACEHOLDER) -> list[MailTemplate]:
    """Make the ready-made mails that are not there yet, each with a first version, and return those made.

    Their links lead to `site`, a host name; those to the place holder must be changed before a launch. Harmless to
    repeat: one that a person changed or renamed is left as it is.
    """
    known = set(MailTemplate.objects.exclude(starter="").values_list("starter", flat=True))
    return [_make(key, site, now) for key in STARTERS if key not in known]


def starter_content(key: str, now: datetime) -> dict[str, Any]:
    """Return the content of a ready-made mail, its picture kept if it was not yet. Raises KeyError."""
    _name, content, alt = STARTERS[key]
    with (ARTWORK / f"{key}.png").open("rb") as file:
        asset = pictures.take(file, name=f"{key}.png", alt=alt, by=None, now=now)
    return content(f"asset:{asset.key}")


@transaction.atomic
def _make(key: str, site: str, now: datetime) -> MailTemplate:
    content = json.loads(json.dumps(starter_content(key, now)).replace(f"https://{PLACEHOLDER}/", f"https://{site}/"))
    template = versions.create(STARTERS[key][0], MailKind.ADVERTISING, content, by=None, now=now)
    MailTemplate.objects.filter(pk=template.pk).update(starter=key)
    template.refresh_from_db()
    versions.make_version(template, by=None, now=now)
    return template
