"""What a column may be: one row of the table is one target, with the names by which files call it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.attributes.models import Attribute, Target
from contacts.consent.models import Channel, Purpose, SuppressionReason

ATTRIBUTE = "attribute:"  # followed by the attribute's key
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Field:
    """One target of a column. `stored` is the contact's column it fills, or "" when it takes another way."""

    key: str
    label: str | Promise
    names: tuple[str, ...]
    stored: str = ""
    consent: tuple[Purpose, Channel] | None = None
    excludes: str = ""  # why a mailbox is left out of all sending, when the cell says so


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


# fmt: off
FIELDS = [
    Field("email", _("E-mail"), _names("""
        email, e-mail, email address, mail, e-mail address, primary email, 이메일, 이메일주소,
        이메일 주소, 메일, 메일주소, 전자우편, 구독자 이메일, 회원 이메일
    """), "email"),
    Field("name", _("Name"), _names("""
        name, full name, contact name, display name, 이름, 성명, 성함, 고객명, 회원명, 담당자,
        담당자명, 구독자명, 닉네임
    """), "name"),
    Field("family_name", _("Family name"), _names("""
        last name, family name, surname, lastname, 성, 성씨
    """), "name"),
    Field("given_name", _("Given name"), _names("""
        first name, given name, firstname, forename, 이름(성 제외), 명
    """), "name"),
    Field("phone", _("Phone"), _names("""
        phone, phone number, mobile, mobile phone, cell, cell phone, tel, telephone, 휴대폰,
        휴대전화, 휴대폰번호, 휴대폰 번호, 핸드폰, 핸드폰번호, 전화, 전화번호, 연락처, 모바일
    """), "phone"),
    Field("company", _("Company"), _names("""
        company, company name, organization, organisation, account, account name, 회사, 회사명,
        소속, 기업, 기업명, 업체명, 상호, 상호명, 거래처, 법인명
    """), "company"),
    Field("business_number", _("Business registration number"), _names("""
        business registration number, business number, brn, 사업자등록번호, 사업자번호
    """)),
    Field("title", _("Title"), _names("""
        title, job title, position, 직함, 직급, 직책, 직위
    """), "title"),
    Field("account_roles", _("Roles in the account"), _names("""
        role, buying role, buying roles, role in account, 역할, 구매 역할, 고객사 역할
    """), "account_roles"),
    Field("country", _("Country"), _names("""
        country, country code, 국가, 나라, 국가코드
    """), "country"),
    Field("region", _("Region"), _names("""
        region, state, province, state/region, 시도, 시/도, 도, 광역시도
    """), "region"),
    Field("city", _("City"), _names("""
        city, town, 시군구, 시/군/구, 도시, 지역, 구
    """), "city"),
    Field("postcode", _("Postcode"), _names("""
        zip, zip code, postal code, postcode, 우편번호
    """), "postcode"),
    Field("street", _("Street address"), _names("""
        address, street, street address, address 1, 주소, 도로명주소, 도로명, 지번주소, 상세주소,
        기본주소
    """), "street"),
    Field("birthday", _("Birthday"), _names("""
        birthday, birth date, date of birth, dob, 생일, 생년월일, 출생일
    """), "birthday"),
    Field("under_14", _("Under 14"), _names("""
        under 14, under14, minor, child, 14세 미만, 만 14세 미만, 14세미만 여부, 만 14세 미만 여부, 미성년, 아동
    """), "under_14"),
    Field("language", _("Language"), _names("""
        language, locale, lang, 언어
    """), "language"),
    Field("time_zone", _("Time zone"), _names("""
        time zone, timezone, 시간대
    """), "time_zone"),
    Field("source", _("Source"), _names("""
        source, lead source, original source, 출처, 유입경로, 유입 경로, 가입경로, 가입 경로
    """), "source"),
    Field("tags", _("Tags"), _names("""
        tags, tag, labels, label, 태그, 라벨
    """)),
    Field("consent.marketing.email", _("Agrees to marketing by e-mail"), _names("""
        email consent, email opt in, opt in, subscribed, marketing consent, accepts marketing,
        email marketing, email subscription, 이메일 수신여부, 이메일 수신동의,
        이메일 수신 동의 여부, 메일 수신여부, 메일수신, 이메일수신, 수신여부, 수신동의,
        수신동의여부, 마케팅 수신동의, 마케팅 동의, 마케팅 동의 여부, 마케팅 수신여부,
        마케팅 수신 동의 여부, 광고수신동의, 광고성 정보 수신동의, 뉴스레터 수신여부
    """), consent=(Purpose.MARKETING, Channel.EMAIL)),
    Field("consent.marketing.sms", _("Agrees to marketing by SMS"), _names("""
        sms consent, sms opt in, sms marketing, text opt in, sms 수신여부, sms 수신동의,
        sms 수신 동의 여부, 문자 수신여부, 문자 수신동의, 문자수신
    """), consent=(Purpose.MARKETING, Channel.SMS)),
    Field("consent.marketing.kakao", _("Agrees to marketing by KakaoTalk"), _names("""
        kakao consent, kakaotalk opt in, 카카오톡 수신여부, 카카오톡 수신동의, 카카오 수신여부,
        카카오 수신동의, 알림톡 수신여부
    """), consent=(Purpose.MARKETING, Channel.KAKAO)),
    Field("consent.tracking.email", _("Agrees to tracking of e-mails"), _names("""
        tracking consent, tracking, 행태정보 수집동의, 추적 동의, 이메일 추적 동의,
        맞춤형 광고 동의
    """), consent=(Purpose.TRACKING, Channel.EMAIL)),
    Field("consent.night.sms", _("Agrees to SMS at night"), _names("""
        night consent, 야간 수신여부, 야간 수신동의, 야간 광고 수신동의
    """), consent=(Purpose.NIGHT, Channel.SMS)),
    Field("consent.third_party.email", _("Agrees to passing on to third parties"), _names("""
        third party consent, 제3자 제공 동의, 제3자 정보제공 동의, 제삼자 제공 동의
    """), consent=(Purpose.THIRD_PARTY, Channel.EMAIL)),
    Field("consent.guardian.email", _("A guardian agrees (under 14)"), _names("""
        guardian consent, parental consent, parent consent, 법정대리인 동의, 법정대리인 동의여부,
        법정대리인 동의 여부, 보호자 동의, 보호자 동의여부, 보호자 동의 여부, 부모 동의
    """), consent=(Purpose.GUARDIAN, Channel.EMAIL)),
    Field("mail_status", _("State in the old tool (subscribed, unsubscribed, bounced …)"), _names("""
        email status, subscription status, subscriber status, member status, mail status, 구독상태, 구독 상태,
        수신상태, 이메일 상태
    """), consent=(Purpose.MARKETING, Channel.EMAIL)),
    Field("opted_out", _("Opted out of all mail"), _names("""
        opted out, opt out, email opt out, has opted out of email, unsubscribed, unsubscribed from all email,
        global unsubscribe, do not email, blocklisted, 수신거부, 수신거부여부, 수신거부 여부
    """), excludes=SuppressionReason.IMPORTED),
    Field("bounced", _("The address bounced"), _names("""
        bounced, hard bounced, hard bounce, email bounced, bounce reason, email bounced reason,
        반송, 반송여부, 반송 여부
    """), excludes=SuppressionReason.HARD_BOUNCE),
    Field("complained", _("Reported as spam"), _names("""
        complained, spam report, spam complaint, marked as spam, abuse, 스팸신고, 스팸 신고
    """), excludes=SuppressionReason.COMPLAINT),
    Field("changed_at", _("Last changed in the file"), _names("""
        updated at, last modified, last modified date, modified at, last changed, last activity date, 수정일, 수정일시,
        최종수정일, 변경일
    """)),
    Field("consent_at", _("Date of consent"), _names("""
        consent date, opt in date, opt in time, subscribed at, subscription date, 동의일, 동의일자,
        동의일시, 동의 날짜, 수신동의일, 수신동의일자, 수신동의일시, 마케팅 동의일, 구독일
    """)),
    Field("refused_at", _("Date of refusal"), _names("""
        opt out date, unsubscribed at, unsubscribe date, 거부일, 수신거부일, 수신거부일시,
        수신거부일자, 철회일, 해지일, 구독 해지일
    """)),
]
# fmt: on
BY_KEY = {field.key: field for field in FIELDS}
CONSENTS = [field for field in FIELDS if field.consent]
EXCLUSIONS = [field for field in FIELDS if field.excludes]
_RESIDENT = re.compile(r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-?[1-8]\d{6}(?!\d)")
_RESIDENT_NAMES = ("주민등록번호", "주민번호", "주민등록", "외국인등록번호", "residentregistrationnumber", "rrn")


def folded(name: str) -> str:
    """Return a column's name for comparing: NFC, lower case, without spaces and signs."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", name).casefold())


_BY_NAME = {folded(name): field.key for field in FIELDS for name in field.names}


def guess_names(header: Sequence[str], attributes: Iterable[Attribute] = ()) -> list[str]:
    """Return for each column the key of the field it most likely is, or "" to leave it out.

    A field is given to the first column that fits. "이름" beside "성" is the given name.
    """
    known = {folded(name): ATTRIBUTE + each.key for each in attributes for name in (each.key, each.label)} | _BY_NAME
    found = [known.get(folded(name), "") for name in header]
    if "family_name" in found and "name" in found and "given_name" not in found:
        found[found.index("name")] = "given_name"
    return ["" if key in found[:place] else key for place, key in enumerate(found)]


def guess(
    header: Sequence[str],
    sample: Sequence[Sequence[str]],
    attributes: Iterable[Attribute] = (),
    known: Mapping[int, str] | None = None,
) -> list[str]:
    """Return guess_names, and where no name told it the column that holds addresses; never a resident number.

    `known` are the columns that a preset tells, by their place; they go before what is guessed.
    """
    keys = _with_known(guess_names(header, attributes), known or {})
    if "email" not in keys:
        for place in range(len(header)):
            cells = [row[place] for row in sample if place < len(row) and row[place].strip()]
            if not keys[place] and cells and sum("@" in cell for cell in cells) > len(cells) / 2:
                keys[place] = "email"
                break
    refused = resident_columns(header, sample)
    return ["" if place in refused else key for place, key in enumerate(keys)]


def _with_known(keys: list[str], known: Mapping[int, str]) -> list[str]:
    taken = {key for key in known.values() if key}
    if "name" in taken:
        taken |= {"family_name", "given_name"}
    elif taken & {"family_name", "given_name"}:
        taken.add("name")
    return [known.get(place, "" if key in taken else key) for place, key in enumerate(keys)]


def looks_like_resident_number(text: str) -> bool:
    """Tell whether a Korean resident registration number (주민등록번호) stands in the text."""
    return _RESIDENT.search(text) is not None


def without_resident_numbers(text: str) -> str:
    """Return the text with the seven last digits of each resident registration number hidden."""
    return _RESIDENT.sub(lambda match: match[0][:6] + "-*******", text)


def resident_columns(header: Sequence[str], sample: Sequence[Sequence[str]]) -> set[int]:
    """Return the places of columns that look like resident registration numbers, by name or by cells."""
    found = {place for place, name in enumerate(header) if any(word in folded(name) for word in _RESIDENT_NAMES)}
    for place in range(len(header)):
        cells = [row[place] for row in sample if place < len(row) and row[place].strip()]
        if cells and sum(map(looks_like_resident_number, cells)) > len(cells) / 4:
            found.add(place)
    return found


def attributes_of_people() -> list[Attribute]:
    """Return the attributes a column may fill."""
    return list(Attribute.objects.offered(Target.CONTACT))
