"""Files of other tools: what their columns are called. Recognised by some of their names, or chosen by hand.

`columns` is what our own table of names (fields.py) does not say or says otherwise; all else is guessed as in any file.
Names are compared folded: "E-mail 1 - Value" is "email1value".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from contacts.imports.fields import folded
from contacts.imports.models import Kind

# fmt: off
_TABLE: dict[str, tuple[str, tuple[str, ...], dict[str, str]]] = {
    "hubspot": ("HubSpot", ("Record ID", "Lifecycle Stage"), {
        "Email": "email", "Phone Number": "phone", "Mobile Phone Number": "phone", "Job Title": "title",
        "Company Name": "company", "Associated Company": "company", "State/Region": "region",
        "Country/Region": "country", "Postal Code": "postcode", "Street Address": "street",
        "Original Source": "source", "Date of birth": "birthday", "Preferred language": "language",
        "Unsubscribed from all email": "opted_out", "Email hard bounce reason": "bounced",
        "Last Modified Date": "changed_at",
    }),
    "hubspot_optouts": ("HubSpot (unsubscribes and bounces)", ("Portal Bounce", "Portal Unsubscribe"), {
        "Recipient": "email", "Portal Bounce": "bounced", "Global Bounce": "bounced",
        "Portal Unsubscribe": "opted_out", "Portal Spam Report": "complained",
    }),
    "salesforce": ("Salesforce", ("Account Name", "Mailing Street"), {
        "Email": "email", "Account Name": "company", "Mobile": "phone", "Phone": "phone",
        "Mailing Street": "street", "Mailing City": "city", "Mailing State/Province": "region",
        "Mailing Zip/Postal Code": "postcode", "Mailing Country": "country", "Birthdate": "birthday",
        "Lead Source": "source", "Email Opt Out": "opted_out", "Email Bounced Reason": "bounced",
        "Email Bounced Date": "bounced", "Last Modified Date": "changed_at",
    }),
    "salesforce_data": ("Salesforce (Data Loader)", ("MAILINGSTREET", "HASOPTEDOUTOFEMAIL"), {
        "EMAIL": "email", "MOBILEPHONE": "phone", "MAILINGSTREET": "street", "MAILINGCITY": "city",
        "MAILINGSTATE": "region", "MAILINGPOSTALCODE": "postcode", "MAILINGCOUNTRY": "country",
        "BIRTHDATE": "birthday", "LEADSOURCE": "source", "HASOPTEDOUTOFEMAIL": "opted_out",
        "EMAILBOUNCEDREASON": "bounced", "LASTMODIFIEDDATE": "changed_at",
    }),
    "mailchimp": ("Mailchimp", ("MEMBER_RATING", "LEID", "EUID"), {
        "Email Address": "email", "Phone Number": "phone", "Address": "street", "Birthday": "", "CC": "country",
        "REGION": "region", "TIMEZONE": "time_zone", "OPTIN_TIME": "", "CONFIRM_TIME": "consent_at",
        "LAST_CHANGED": "changed_at", "UNSUB_TIME": "opted_out", "CLEAN_TIME": "bounced", "TAGS": "tags",
    }),
    "mautic": ("Mautic", ("date_identified", "points"), {
        "email": "email", "firstname": "given_name", "lastname": "family_name", "company": "company",
        "title": "", "position": "title", "mobile": "phone", "phone": "phone", "address1": "street", "city": "city",
        "state": "region", "zipcode": "postcode", "country": "country", "preferred_locale": "language",
        "timezone": "time_zone", "tags": "tags", "date_modified": "changed_at", "dnc": "opted_out",
    }),
    "listmonk": ("listmonk", ("uuid", "attributes", "status"), {
        "email": "email", "name": "name", "status": "mail_status", "updated_at": "changed_at",
    }),
    "braze": ("Braze", ("braze_id", "first_session"), {
        "email": "email", "first_name": "given_name", "last_name": "family_name", "phone_number": "phone",
        "home_city": "city", "city": "city", "country": "country", "language": "language",
        "date_of_birth": "birthday", "time_zone": "time_zone", "timezone": "time_zone",
        "email_subscribe": "mail_status", "unsubscribed_from_emails_at": "opted_out",
        "opted_into_email_at": "consent_at", "opted_in_to_emails_at": "consent_at",
    }),
    "google": ("Google Contacts", ("E-mail 1 - Value",), {
        "E-mail 1 - Value": "email", "Phone 1 - Value": "phone", "Organization Name": "company",
        "Organization 1 - Name": "company", "Organization Title": "title", "Organization 1 - Title": "title",
        "Address 1 - Street": "street", "Address 1 - City": "city", "Address 1 - Region": "region",
        "Address 1 - Postal Code": "postcode", "Address 1 - Country": "country", "Birthday": "birthday",
        "Labels": "", "Group Membership": "",
    }),
    "stibee": ("스티비 (Stibee)", ("이메일 주소", "구독 상태"), {
        "이메일 주소": "email", "이름": "name", "구독 상태": "mail_status", "구독일": "consent_at",
        "광고성 정보 수신 동의": "consent.marketing.email", "그룹": "tags", "수신거부일": "refused_at",
    }),
    "cafe24": ("카페24 (Cafe24)", ("회원등급", "회원 가입일"), {
        "이메일": "email", "이름": "name", "휴대폰번호": "phone", "이메일 수신여부": "consent.marketing.email",
        "메일 수신여부": "consent.marketing.email", "SMS 수신여부": "consent.marketing.sms", "회원등급": "tags",
        "생년월일": "birthday", "주소": "street", "우편번호": "postcode", "회원 가입일": "",
    }),
    "smartstore": ("스마트스토어 (SmartStore)", ("구매자ID", "구매자명"), {
        "구매자명": "name", "구매자연락처": "phone", "구매자 이메일": "email", "구매자이메일": "email",
        "기본배송지": "street", "배송지": "street", "우편번호": "postcode", "유입경로": "source",
        "알림받기 동의여부": "", "마케팅 수신동의": "consent.marketing.email", "수취인명": "",
    }),
    "imweb": ("아임웹 (imweb)", ("가입일", "쇼핑등급"), {
        "이메일": "email", "아이디": "", "이름": "name", "연락처": "phone", "생년월일": "birthday", "주소": "street",
        "이메일 수신동의": "consent.marketing.email", "마케팅 수신동의": "consent.marketing.email",
        "SMS 수신동의": "consent.marketing.sms", "그룹": "tags", "쇼핑등급": "", "가입일": "",
    }),
    "remember": ("리멤버 (Remember)", ("명함 등록일",), {
        "이름": "name", "회사": "company", "회사명": "company", "부서": "", "직함": "title", "직책": "title",
        "이메일": "email", "휴대폰": "phone", "휴대전화": "phone", "유선전화": "", "팩스": "", "주소": "street",
        "그룹": "tags", "명함 등록일": "", "메모": "",
    }),
}
_COMPANIES: dict[str, tuple[str, tuple[str, ...], dict[str, str]]] = {
    "hubspot_companies": ("HubSpot (companies)", ("Company name", "Company Domain Name"), {
        "Company name": "name", "Company Domain Name": "domain", "Website URL": "", "Company owner": "owner",
        "Industry": "industry", "Number of Employees": "employees", "City": "city", "Country/Region": "country",
        "Last Modified Date": "changed_at",
    }),
    "salesforce_accounts": ("Salesforce (accounts)", ("Account Name", "Account Owner"), {
        "Account Name": "name", "Website": "domain", "Account Owner": "owner", "Industry": "industry",
        "Employees": "employees", "Billing City": "city", "Billing Country": "country",
        "Billing Country/Region": "country", "Last Modified Date": "changed_at",
    }),
}
# fmt: on


@dataclass(frozen=True)
class Preset:
    """One tool. `marks`: folded names that are all there in its files; `columns`: field key by folded name."""

    key: str
    label: str
    marks: frozenset[str]
    columns: dict[str, str]

    def keys(self, header: Sequence[str]) -> dict[int, str]:
        """Return the field of each column that the preset knows, "" for one to leave out, by the column's place.

        Of two columns for one field the first is taken; of a mobile number and another phone the mobile one.
        """
        found = {place: self.columns[name] for place, name in enumerate(map(folded, header)) if name in self.columns}
        mobile = next((place for place in found if "mobile" in folded(header[place])), None)
        taken: set[str] = {"phone"} if mobile is not None else set()
        for place, key in found.items():
            if place == mobile:
                continue
            if key in taken:
                found[place] = ""
            taken.add(key)
        return found


PRESETS = {
    key: Preset(key, label, frozenset(map(folded, marks)), {folded(name): field for name, field in columns.items()})
    for key, (label, marks, columns) in (_TABLE | _COMPANIES).items()
}


def offered(kind: str) -> list[Preset]:
    """Return the tools whose files hold such rows."""
    return [preset for key, preset in PRESETS.items() if (key in _COMPANIES) == (kind == Kind.ACCOUNTS)]


def recognise(header: Sequence[str], kind: str = Kind.PEOPLE) -> Preset | None:
    """Return the tool whose marks are all among these names, the one with the most marks, or None."""
    names = set(map(folded, header))
    found = [preset for preset in offered(kind) if preset.marks <= names]
    return max(found, key=lambda preset: len(preset.marks), default=None)
