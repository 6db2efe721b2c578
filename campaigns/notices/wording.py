"""The two mails that notices begin with, in English and Korean. Their words are the company's to change."""

from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.notices.models import NoticeKind
from campaigns.templating import versions
from campaigns.templating.models import MailKind, MailTemplate
from campaigns.templating.starters import DIVIDER

_AGREED = '{% if consent.decision == "granted" %}'


def _block(kind: str, **parts: str) -> dict[str, Any]:
    return {"kind": kind, "align": "left", **parts}


def _variant(subject: str, preheader: str, lines: tuple[str, str, str], button: str) -> dict[str, Any]:
    greeting, facts, rest = lines
    blocks = [
        _block("heading", text=subject, size="small"),
        _block("text", text=greeting),
        _block("text", text=facts),
        DIVIDER,
        _block("text", text=rest),
        _block("button", text=button, url="{{ preferences_url }}"),
        {"kind": "footer", "note": ""},
    ]
    return {"subject": subject, "preheader": preheader, "kind": "blocks", "blocks": blocks, "text": ""}


def result() -> dict[str, Any]:
    """Return the mail that tells the result of a consent or refusal."""
    english = _variant(
        f"{_AGREED}You agreed to our marketing mails{{% else %}}You get no more marketing mails{{% endif %}}",
        "The result of what you told us.",
        (
            "Hello {{ contact.name | nim }}, this is the result of what you told us.",
            (
                '- **Who:** {{ contact.email | default: "–" }}\n'
                "- **What:** marketing mails from {{ sender.organisation }}, "
                f"{_AGREED}agreed{{% else %}}refused{{% endif %}}\n"
                '- **When:** {{ consent.since | date: "time" | default: "–" }}'
            ),
            "You can change this at any time, free of charge.",
        ),
        "Change what we send",
    )
    korean = _variant(
        f"광고성 정보 수신 {_AGREED}동의{{% else %}}거부{{% endif %}} 처리 결과 안내",
        "요청하신 내용을 이렇게 처리했습니다.",
        (
            "{{ contact.name | nim }}, 안녕하세요. 요청하신 내용의 처리 결과를 알려 드립니다.",
            (
                '- **받는 분:** {{ contact.email | default: "–" }}\n'
                "- **보내는 곳:** {{ sender.organisation }}\n"
                f"- **처리 결과:** 이메일 광고성 정보 수신 {_AGREED}동의{{% else %}}거부{{% endif %}}\n"
                '- **처리 일시:** {{ consent.since | date: "time" | default: "–" }}'
            ),
            "수신 여부는 언제든지 무료로 바꾸실 수 있습니다.",
        ),
        "수신 설정 바꾸기",
    )
    return {"default": "ko", "accent": "#0b6a5f", "languages": {"en": english, "ko": korean}}


def reminder() -> dict[str, Any]:
    """Return the mail that reminds of a consent every two years."""
    english = _variant(
        "You agreed to our marketing mails",
        "We ask every two years whether this is still right.",
        (
            "Hello {{ contact.name | nim }}, every two years we remind you of what you agreed to.",
            (
                '- **Who:** {{ contact.email | default: "–" }}\n'
                "- **What:** marketing mails from {{ sender.organisation }}\n"
                '- **Agreed on:** {{ consent.since | date | default: "–" }}'
            ),
            "If this is still right, you need do nothing. You can take it back at any time, free of charge.",
        ),
        "Change what we send",
    )
    korean = _variant(
        "광고성 정보 수신 동의 확인 안내",
        "수신 동의 여부를 2년마다 알려 드립니다.",
        (
            "{{ contact.name | nim }}, 안녕하세요. 관련 법령에 따라 2년마다 수신 동의 사실을 알려 드립니다.",
            (
                '- **받는 분:** {{ contact.email | default: "–" }}\n'
                "- **보내는 곳:** {{ sender.organisation }}\n"
                "- **동의 내용:** 이메일 광고성 정보 수신\n"
                '- **동의하신 날:** {{ consent.since | date | default: "–" }}'
            ),
            "계속 받으시려면 따로 하실 일이 없습니다. 원하지 않으시면 언제든지 무료로 철회하실 수 있습니다.",
        ),
        "수신 설정 바꾸기",
    )
    return {"default": "ko", "accent": "#0b6a5f", "languages": {"en": english, "ko": korean}}


_MAILS = {
    NoticeKind.RESULT: ("수신 동의·거부 처리 결과 · Result of consent", result),
    NoticeKind.REMINDER: ("수신 동의 확인 안내 · Reminder of consent", reminder),
}


@transaction.atomic
def ensure_mail(kind: NoticeKind, now: datetime) -> MailTemplate:
    """Return the ready-made mail of a kind of notice, made with its first version if it was not yet."""
    starter = f"consent_{kind}"
    if made := MailTemplate.objects.filter(starter=starter).first():
        return made
    name, content = _MAILS[kind]
    template = versions.create(name, MailKind.INFORMATIONAL, content(), by=None, now=now)
    MailTemplate.objects.filter(pk=template.pk).update(starter=starter)
    template.refresh_from_db()
    versions.make_version(template, by=None, now=now)
    return template
