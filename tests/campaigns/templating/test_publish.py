"""From a draft to what senders get: parts, footer, versions that stay, stale edits, checks."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from campaigns.senders.models import Sender
from campaigns.templating import fields, versions
from campaigns.templating.checks import Severity, check_draft, checks
from campaigns.templating.content import read_content
from campaigns.templating.errors import TemplateError
from campaigns.templating.liquid import compile_source, render
from campaigns.templating.models import MailKind, MailTemplate, TemplateVersion
from campaigns.templating.publish import published
from contacts.models import Account, Attribute, Contact
from crm.team.models import User
from tests.campaigns.templating.conftest import BLOCKS, NOW, content

pytestmark = pytest.mark.django_db


def test_published_parts_are_final_sources(news: MailTemplate, alice: User) -> None:
    version = versions.make_version(news, by=alice, now=NOW)
    made = published(version.pk, "en")
    assert (made.language, made.kind) == ("en", MailKind.ADVERTISING)
    assert made.subject == "News for {{ contact.company | default: 'you' }}"
    assert "<h1" in made.html
    assert "Hello {{ contact.name | default: 'friend' }} &amp; co" in made.html
    assert 'href="https://example.com/a?b=1&amp;c=2"' in made.html
    assert "<strong>bold</strong>" in made.html
    assert 'alt="A &quot;quoted&quot; picture"' in made.html
    assert made.html.count("{{ unsubscribe_url }}") == 2
    assert made.html.index("In short") < made.html.index("Hello")
    assert "\ue000" not in made.html + made.text
    assert "\ue002" not in made.html
    assert made.fields_used == {
        "contact.name", "contact.city", "contact.company", "unsubscribe_url", "view_url",
        "sender.organisation", "sender.postal_address", "sender.phone",
    }  # fmt: skip


def test_plain_text_says_what_the_html_says(news: MailTemplate, alice: User) -> None:
    made = published(versions.make_version(news, by=alice, now=NOW).pk, "en")
    body, _, end = made.text.partition("-- \n")
    assert body.split("\n\n") == [
        "Hello {{ contact.name | default: 'friend' }} & co",
        "Some bold words and a link (https://example.com/a?b=1&c=2).",
        "- one\n- two",
        '[A "quoted" picture] (https://example.com/p)',
        "Left {{ contact.city }}",
        "Right (https://example.com/r)",
        "Go (https://example.com/go)",
        "",
    ]
    assert "See you **soon**." in end
    assert "수신거부를 눌러 주세요. {{ unsubscribe_url }}" in end
    assert "unsubscribe. {{ unsubscribe_url }}" in end


def test_reader_of_another_language_gets_the_main_one(news: MailTemplate, alice: User) -> None:
    version = versions.make_version(news, by=alice, now=NOW)
    assert published(version.pk, "fr").language == "ko"
    assert published(version.pk, "").subject == "{{ contact.name | nim }}, 새 소식"


def test_campaign_may_replace_subject_and_preheader(news: MailTemplate, alice: User) -> None:
    version = versions.make_version(news, by=alice, now=NOW)
    made = published(version.pk, "en", subject="Other", preheader="<b>{{ contact.name }}")
    assert made.subject == "Other"
    assert "&lt;b&gt;{{ contact.name }}" in made.html
    with pytest.raises(TemplateError) as caught:
        published(version.pk, "en", subject="{{ contact.nope }}")
    assert (caught.value.part, caught.value.field) == ("subject", "contact.nope")


def test_informational_mail_has_the_sender_and_no_opt_out(news: MailTemplate, alice: User) -> None:
    news.kind = MailKind.INFORMATIONAL
    made = published(versions.make_version(news, by=alice, now=NOW).pk, "ko")
    assert "unsubscribe_url" not in made.html + made.text
    assert "{{ sender.postal_address }}" in made.html


def test_a_person_with_a_hostile_name_stays_text(news: MailTemplate, alice: User) -> None:
    made = published(versions.make_version(news, by=alice, now=NOW).pk, "en")
    person = Contact.objects.create(email="a@example.com", email_key="k", name="<script>x</script>{{ 7*7 }}\nBcc: b")
    values = fields.fetch([person.pk], made.fields_used)[person.pk]
    sender = Sender(name="S", email="s@example.com", organisation="<O>", postal_address="P", phone="1")
    values |= {
        "sender": fields.sender_values(sender),
        "unsubscribe_url": "https://e.com/u",
        "view_url": "https://e.com/v",
    }
    page = render(compile_source(made.html, part="html"), values, part="html")
    assert "&lt;script&gt;x&lt;/script&gt;{{ 7*7 }}" in page
    assert "<script" not in page
    assert "&lt;O&gt;" in page


def test_fetch_reads_many_people_in_one_query(django_assert_num_queries: Any) -> None:
    Attribute.objects.create(key="plan", label="Plan", type="text")
    Attribute.objects.create(key="joined", label="Joined", type="date")
    Attribute.objects.create(key="size", label="Size", type="number", target="account")
    account = Account.objects.create(name="Acme", name_key="acme", attributes={"size": 12.5})
    anna = Contact.objects.create(name="Anna", account=account, attributes={"plan": "p\"r'o", "joined": "2026-01-02"})
    bare = Contact.objects.create()
    keys = [
        "contact.name",
        "contact.attributes.plan",
        "contact.attributes.joined",
        "account.attributes.size",
        "view_url",
    ]
    with django_assert_num_queries(2):
        found = fields.fetch([anna.pk, bare.pk], keys)
    assert found[anna.pk]["contact"] == {"name": "Anna", "attributes": {"plan": "p\"r'o", "joined": "2026-01-02"}}
    assert str(found[anna.pk]["account"]["attributes"]["size"]) == "12.5"
    assert found[bare.pk]["contact"] == {"name": "", "attributes": {"plan": None, "joined": None}}


def test_versions_are_never_changed(news: MailTemplate, alice: User) -> None:
    version = versions.make_version(news, by=alice, now=NOW)
    for change in ({"content": {}}, {"compiled": {}}, {"number": 9}, {"kind": "informational"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TemplateVersion.objects.filter(pk=version.pk).update(**change)
    alice.delete()
    version.refresh_from_db()
    assert (version.number, version.created_by) == (1, None)


def test_same_draft_makes_no_second_version(news: MailTemplate, alice: User) -> None:
    first = versions.make_version(news, by=alice, now=NOW)
    assert versions.make_version(news, by=alice, now=NOW + timedelta(hours=1)) == first
    changed = versions.save_draft(
        news, name="N", kind=MailKind.ADVERTISING, content=content(subject="X"), by=alice, now=NOW
    )
    assert versions.make_version(changed, by=alice, now=NOW).number == 2
    assert versions.current_version(news).number == 2
    back = versions.restore(changed, 1, by=alice, now=NOW)
    assert back.draft == first.content
    assert news.versions.count() == 2


def test_stale_edit_is_told_and_writes_nothing(news: MailTemplate, alice: User) -> None:
    stale = MailTemplate.objects.get(pk=news.pk)
    versions.save_draft(
        news, name="Mine", kind=MailKind.ADVERTISING, content=content(subject="Mine"), by=alice, now=NOW
    )
    with pytest.raises(versions.StaleTemplate) as caught:
        versions.save_draft(stale, name="His", kind=MailKind.INFORMATIONAL, content=content(), by=alice, now=NOW)
    assert caught.value.current.name == "Mine"
    news.refresh_from_db()
    assert (news.name, news.kind, news.version) == ("Mine", "advertising", 2)


@pytest.mark.parametrize(
    ("changes", "part", "block", "words"),
    [
        ({"subject": "a\nb"}, "subject", 0, "Line breaks"),
        ({"subject": "x" * 201}, "subject", 0, "200"),
        ({"subject": "{{ contact.name"}, "subject", 0, "is not closed"),
        ({"kind": "word"}, "", 0, '"word"'),
        ({"blocks": "x"}, "blocks", 0, "list"),
        ({"blocks": []}, "blocks", 0, "footer"),
        ({"blocks": [BLOCKS[-1], BLOCKS[0]]}, "blocks", 1, "last"),
        ({"blocks": [*BLOCKS, BLOCKS[-1]]}, "blocks", 7, "once"),
        ({"blocks": [{"kind": "script"}, BLOCKS[-1]]}, "blocks", 1, '"script"'),
        ({"blocks": [BLOCKS[0], {"kind": "text", "text": "{% if x %}"}, BLOCKS[-1]]}, "blocks", 2, "cannot be read"),
        ({"blocks": [{"kind": "text", "text": "\ue0001\ue001"}, BLOCKS[-1]]}, "blocks", 1, "private"),
        ({"blocks": [{"kind": "button", "text": "x", "url": "javascript:x"}, BLOCKS[-1]]}, "blocks", 1, "javascript:x"),
        ({"blocks": [{"kind": "button", "text": "x", "url": 'https://a.b/"x'}, BLOCKS[-1]]}, "blocks", 1, "quote"),
        ({"blocks": [{"kind": "picture", "src": "http://a.b/c.png"}, BLOCKS[-1]]}, "blocks", 1, "uploaded"),
        ({"blocks": [{"kind": "columns", "left": [BLOCKS[3]]}, BLOCKS[-1]]}, "blocks", 1, '"columns"'),
        ({"text": "a\n{% for %}"}, "text", 0, "cannot be read"),
    ],
)  # fmt: skip
def test_parser_refuses_with_the_place(changes: dict[str, Any], part: str, block: int, words: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read_content(content(**changes))
    assert (caught.value.part, caught.value.block) == (part, block)
    assert words in str(caught.value)


@pytest.mark.parametrize("raw", [None, [], {}, {"languages": {}}, {"languages": {"xx": {}}}, {"languages": {"en": 1}}])
def test_parser_refuses_what_is_no_mail(raw: object) -> None:
    with pytest.raises(TemplateError):
        read_content(raw)


def compiled(kind: str, source: str, alice: User, **changes: Any) -> Any:
    """Publish a one-language mail from this source."""
    raw = {"languages": {"en": {"subject": "S", "kind": kind, "source": source, **changes}}}
    template = versions.create("T", MailKind.ADVERTISING, raw, by=alice, now=NOW)
    return published(versions.make_version(template, by=alice, now=NOW).pk, "en")


MJML = "<mjml><mj-body><mj-section><mj-column>{}</mj-column></mj-section></mj-body></mjml>"


def test_mjml_keeps_liquid_and_gets_the_footer(alice: User) -> None:
    loop = (
        '<mj-raw>{% for c in contact.attributes.cities %}</mj-raw><mj-text>{{ c | default: "a<b" }}</mj-text>'
        '<mj-raw>{% endfor %}</mj-raw><mj-button href="https://e.com/{{ contact.city | url_encode }}">x</mj-button>'
    )
    Attribute.objects.create(key="cities", label="Cities", type="list")
    made = compiled("mjml", MJML.format(loop), alice)
    assert "{% for c in contact.attributes.cities %}<tr>" in made.html
    assert '{{ c | default: "a<b" }}' in made.html
    assert 'href="https://e.com/{{ contact.city | url_encode }}"' in made.html
    assert "{{ unsubscribe_url }}" in made.html


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (MJML.format('<mj-include path="/etc/passwd" />'), "mj-include"),
        (MJML.format("<mj-text>never closed"), "cannot be read"),
        (MJML.format("<mj-text><script>x</script></mj-text>"), '"script"'),
        ("<p>no mjml</p>", "mj-body"),
    ],
)
def test_mjml_refusals(source: str, words: str, alice: User) -> None:
    with pytest.raises(TemplateError) as caught:
        compiled("mjml", source, alice)
    assert words in str(caught.value)
    assert caught.value.part == "mjml"
    assert not TemplateVersion.objects.exists()


def test_html_is_inlined_and_keeps_liquid_in_tables(alice: User) -> None:
    Attribute.objects.create(key="cities", label="Cities", type="list")
    source = (
        "<html><head><style>.a{color:red}</style></head><body><table>{% for c in contact.attributes.cities %}"
        '<tr class="a"><td>{{ c }}</td></tr>{% endfor %}</table></body></html>'
    )
    made = compiled("html", source, alice)
    assert 'style="color: red' in made.html
    table = made.html[made.html.index("<table") : made.html.index("</table>")]
    assert table.index("{% for c") < table.index("<tr") < table.index("{{ c }}") < table.index("{% endfor %}")
    assert made.html.index("{{ unsubscribe_url }}") < made.html.index("</body>")


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("mjml", MJML.format("<mj-text>" + "<div>" * 4_900 + "</div>" * 4_900 + "</mj-text>")),
        ("html", "<style>a{color:red}</style>" + "<div>" * 9_000),
    ],
)
def test_deep_nesting_does_not_end_the_process(kind: str, source: str, alice: User) -> None:
    assert "unsubscribe_url" in compiled(kind, source, alice).html


FILL = "x" * 150_000


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{" * 900 + FILL, "not closed"),
        ("{%" * 900 + FILL, "not closed"),
        ("{{ contact.name }}" * 1_100, "more than 1000"),
        ("{% raw %}" * 900 + FILL, "raw"),
        ("<a " * 9_000 + FILL, "never closed"),
        ("<!--" * 9_000 + FILL, "comment"),
        ("<![" * 9_000 + FILL, "doctype"),
        ("{{ '" + " " * 1_100 + "' }}", "not closed"),
    ],
)
def test_source_that_would_keep_the_readers_busy_is_refused_at_once(source: str, words: str, alice: User) -> None:
    with pytest.raises(TemplateError, match=words) as caught:
        compiled("html", "one\n" + source, alice)
    assert caught.value.line == 2


def test_more_tags_than_a_mail_needs_are_refused(alice: User) -> None:
    for kind in ("html", "mjml"):
        with pytest.raises(TemplateError, match="tags; at most 10000"):
            compiled(kind, MJML.format("<b>" * 10_001), alice)


@pytest.mark.parametrize(
    "source",
    [
        "<p>\n<script>x</script>", "a\n<img src=x onerror=alert(1)>", "a\n<iframe src='https://a.b'>",
        "a\n<a href=' JavaScript:x'>y</a>", "a\n<form action='/x'>", "a\n<meta http-equiv=refresh content=0>",
    ],
)  # fmt: skip
def test_html_that_runs_is_refused_with_its_line(source: str, alice: User) -> None:
    with pytest.raises(TemplateError) as caught:
        compiled("html", source, alice)
    assert (caught.value.part, caught.value.line) == ("html", 2)


def codes(raw: Any, kind: str = "advertising") -> set[tuple[str, str, str]]:
    """Return severity, code and language of every finding on a draft."""
    return {(finding.severity, finding.code, finding.language) for finding in check_draft(raw, kind)}


def test_checks_of_a_good_mail(news: MailTemplate) -> None:
    assert codes(news.draft) == {
        ("warning", "no-fallback", "en"),
        ("warning", "no-fallback", "ko"),
        ("note", "no-preheader", "ko"),
    }


def test_checks_find_what_is_wrong() -> None:
    blocks = [
        {"kind": "text", "text": "x" * 200 + "[nowhere](#) [bad](https://nodot) [field]({{contact.city}})"},
        {"kind": "picture", "src": "asset:gone-gone-gone", "alt": ""},
        {"kind": "footer"},
    ]
    raw = {"languages": {"en": {"subject": "(광고) Sale", "preheader": "p", "blocks": blocks}}}
    found = codes(raw)
    assert {("error", "ad-mark", "en"), ("error", "empty-link", "en"), ("error", "bad-link", "en")} <= found
    assert {("error", "no-picture", "en"), ("warning", "no-alt", "en"), ("note", "field-link", "en")} <= found
    assert ("error", "ad-mark", "en") not in codes(raw, "informational")


def test_checks_tell_the_size_that_gmail_cuts() -> None:
    blocks = [{"kind": "text", "text": "가나다라 " * 1800}] * 5 + [{"kind": "footer"}]
    raw = {"languages": {"en": {"subject": "S", "preheader": "p", "blocks": blocks}}}
    assert codes(raw) == {("warning", "too-large", "en")}


def test_checks_name_an_unknown_field_and_a_missing_subject() -> None:
    raw = deepcopy(content(subject=""))
    raw["languages"]["ko"]["preheader"] = "{{ contact.nope }}"
    found = check_draft(raw, "advertising")
    errors = {(f.code, f.language, f.part, f.field) for f in found if f.severity == Severity.ERROR}
    assert errors == {("no-subject", "en", "subject", ""), ("refused", "ko", "preheader", "contact.nope")}


def test_checks_count_the_people_who_lack_a_value(news: MailTemplate, alice: User) -> None:
    version = versions.make_version(news, by=alice, now=NOW)
    for number in range(5):
        Contact.objects.create(name=str(number), city="Seoul" if number < 2 else "")
    found = [f for f in checks(version, Contact.objects.filter(name__lt="4")) if f.code == "missing-values"]
    assert {(f.field, f.count, f.language) for f in found} == {("contact.city", 2, "en"), ("contact.city", 2, "ko")}
