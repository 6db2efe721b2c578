"""The legal end of every mail: who sends it, where they are, how to stop it in Korean and English.

Written in the language of the mail, not of the user who looks at it; authors can add a note, never take it away.
"""

from campaigns.templating.markup import escaped, paragraphs
from campaigns.templating.models import MailKind

MARK = "wayfare-footer"
VIEW = {"en": "View in browser", "ko": "웹에서 보기"}
REASON = {
    "en": "You receive this mail because you agreed to news and offers from us.",
    "ko": "본 메일은 광고성 정보 수신에 동의하신 분께 보내 드립니다.",
}
STOP = {
    "en": ("If you no longer wish to receive these mails, ", "unsubscribe", "."),
    "ko": ("수신을 원하지 않으시면 ", "수신거부", "를 눌러 주세요."),
}
SENDER = "{{ sender.organisation }} · {{ sender.postal_address }} · "
PHONE = "{{ sender.phone }}"


def _order(language: str) -> tuple[str, str]:
    return ("ko", "en") if language == "ko" else ("en", "ko")


def html(kind: str, language: str, note: str, accent: str) -> str:
    """Return the footer as HTML for the inside of one cell."""
    line = '<p style="margin:0 0 8px;">{}</p>'
    lines = [paragraphs(note)] if note else []
    unbroken = f'<span style="white-space:nowrap;">{PHONE}</span>'  # 02-555-0100 is no two words
    lines.append(line.format(escaped(SENDER) + unbroken))
    if kind == MailKind.ADVERTISING:
        lines.append(line.format(escaped(REASON[language])))
        for code in _order(language):
            before, label, after = STOP[code]
            lines.append(line.format(f"{before}{_link('{{ unsubscribe_url }}', label, accent)}{after}"))
    lines.append(line.format(_link("{{ view_url }}", VIEW[language], accent)))
    return "".join(lines)


def _link(address: str, label: str, accent: str) -> str:
    return f'<a href="{address}" class="link" style="color:{accent};text-decoration:underline;">{label}</a>'


def text(kind: str, language: str, note: str) -> str:
    """Return the footer as plain text."""
    lines = [note] if note else []
    lines.append(SENDER + PHONE)
    if kind == MailKind.ADVERTISING:
        lines.append(REASON[language])
        for code in _order(language):
            before, label, after = STOP[code]
            lines.append(f"{before}{label}{after} {{{{ unsubscribe_url }}}}")
    lines.append(f"{VIEW[language]}: {{{{ view_url }}}}")
    return "-- \n" + "\n".join(lines)
