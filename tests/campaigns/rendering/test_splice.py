"""The spliced bytes say the same as a mail that Django and Liquid build in full, whatever the values are."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP, default
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rendering.compiled import CompiledMail, Parts, Recipient
from campaigns.rendering.headers import one_line
from campaigns.rendering.links import MARK, found_links, replaced, tracked_address, with_parameters, with_pixel
from campaigns.rendering.origin import Origin
from campaigns.rendering.quoted import clean, static_piece
from campaigns.rendering.slots import cut
from campaigns.templating.fields import nested
from campaigns.templating.liquid import compile_source
from campaigns.templating.liquid import render as liquid_render

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
KEYS = ("contact.city", "contact.name")
ORIGIN = Origin(
    7, "웨이페어 고객센터 아주 긴 이름을 가진 보내는 사람", "hello@wayfare.example", "re@wayfare.example", "advertising"
)
SUBJECT = "{{ contact.name | default: '고객' }}님, {{ contact.city }} 소식"
HTML = (
    "<p>.leading dot = equals   trailing \n.dot {{ contact.name | default: '<b>고객</b>' }}.{{ contact.city }}</p>\n"
    "{% if contact.city == '서울' %}우리 동네 {{ contact.name }}{% else %}멀리{% endif %}"
    "<a class='x' href='https://example.com/a?b=1&amp;c=2'>{{ contact.city | upcase }}</a></body>"
)
TEXT = "{{ contact.name }}\n.{{ contact.city }}\n. dot\nhttps://example.com/a?b=1&c=2. end\n"


def compiled(subject: str = SUBJECT, html: str = HTML, text: str = TEXT) -> CompiledMail:
    """Compile without tracking and parameters."""
    cuts = {
        part: cut(compile_source(source, part=part), KEYS, {}, html=part == "html")
        for part, source in {"subject": subject, "html": html, "text": text}.items()
    }
    parts = Parts(cuts["subject"], cuts["html"], cuts["text"], cuts["html"].pieces, cuts["text"].pieces, KEYS)

    def context(recipient: Recipient, token: str) -> dict[str, Any]:
        return values_of(recipient.values)

    return CompiledMail(ORIGIN, parts, context)


def values_of(values: tuple[Any, ...]) -> dict[str, Any]:
    """Return what Liquid sees."""
    cleaned = [clean(value) if isinstance(value, str) else value for value in values]
    return {**nested(zip(KEYS, cleaned, strict=True)), "mail": {"language": "ko"}}


def in_full(values: tuple[Any, ...]) -> EmailMultiAlternatives:
    """Build the mail the long way."""
    context = values_of(values)
    rendered = {
        part: liquid_render(compile_source(source, part=part), context, part=part)
        for part, source in {"subject": SUBJECT, "html": HTML, "text": TEXT}.items()
    }
    mail = EmailMultiAlternatives(
        subject="(광고) " + rendered["subject"],
        body=rendered["text"],
        from_email='"웨이페어 고객센터 아주 긴 이름을 가진 보내는 사람" <hello@wayfare.example>',
        to=["kim@example.com"],
        reply_to=["re@wayfare.example"],
    )
    mail.attach_alternative(rendered["html"], "text/html")
    return mail


texts = (
    st.none()
    | st.text(max_size=40)
    | st.sampled_from(["서울", ".", "김철수", "=3D", " ", "a\r\nBcc: x@y.z", "{{ 7 }}"])
)
MAIL = compiled()


def lines(text: str) -> list[str]:
    """Return the lines without what line ends may do."""
    return text.replace("\r\n", "\n").rstrip("\n").split("\n")


@given(name=texts, city=texts)
def test_splice_says_what_the_library_would(name: str | None, city: str | None) -> None:
    recipient = Recipient(1, 2, "kim@example.com", "ko", "", True, (city, name))
    raw = MAIL.render(recipient, "TOKEN-_9", NOW)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert not re.search(rb"(?m)^\.", raw)
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    ours = message_from_bytes(raw, policy=default)
    theirs = message_from_bytes(in_full((city, name)).message(policy=SMTP).as_bytes(), policy=default)
    for header in ("From", "To", "Reply-To"):
        assert str(ours[header]) == str(theirs[header])
    assert one_line(str(ours["Subject"])) == one_line(str(theirs["Subject"]))
    assert str(ours["Subject"]).startswith("(광고) ")
    for kind in ("plain", "html"):
        assert lines(ours.get_body((kind,)).get_content()) == lines(theirs.get_body((kind,)).get_content())
    for header in ("Date", "From", "Message-ID", "Subject", "To", "List-Id", "List-Unsubscribe", "MIME-Version"):
        assert len(ours.get_all(header)) == 1
    assert ours["Message-ID"] == "<m.TOKEN-_9@wayfare.example>"


@given(st.text(max_size=300))
def test_static_pieces_keep_their_text(text: str) -> None:
    import quopri

    text = text.encode("utf-8", "ignore").decode()
    piece = static_piece(text)
    wanted = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    assert quopri.decodestring(piece).decode() == wanted
    assert all(len(line) <= 76 and not line.startswith(b".") for line in piece.split(b"\r\n"))


def test_links_are_found_numbered_and_replaced() -> None:
    html = cut(compile_source(HTML, part="html"), KEYS, {}, html=True).pieces
    text = cut(compile_source(TEXT, part="text"), KEYS, {}, html=False).pieces
    parameters = {"utm_source": "mail", "b": "9"}
    (target,) = found_links(html, text, parameters)
    assert target == "https://example.com/a?b=1&c=2&utm_source=mail"
    new_html, new_text = replaced(html, text, parameters, tracked_address({target: 1}))
    joined = "".join(getattr(piece, "text", "") for piece in [*with_pixel(new_html), *new_text])
    assert joined.count(f"/t/c/{MARK}/1") == 2
    assert f"/t/o/{MARK}.gif" in joined
    assert "https://example.com/a" not in joined


def test_links_with_slots_in_their_address_are_left_alone() -> None:
    source = '<a href="https://example.com/{{ contact.city }}">x</a> https://example.com/{{ contact.city }}'
    html = cut(compile_source(source, part="html"), KEYS, {}, html=True).pieces
    assert found_links(html, html, {"utm_source": "mail"}) == []


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://a.example/x", "https://a.example/x?utm_source=m"),
        ("https://a.example/x?utm_source=own#part", "https://a.example/x?utm_source=own#part"),
        ("https://a.example/?q=1#part", "https://a.example/?q=1&utm_source=m#part"),
        ("http://127.0.0.1:8000/page", "http://127.0.0.1:8000/page"),
    ],
)
def test_parameters_are_added_once(url: str, wanted: str, settings: Any) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000"
    assert with_parameters(url, {"utm_source": "m"}) == wanted
