"""Files of other tools: recognised by their names, each column where it belongs, the rest left out."""

import pytest

from contacts.consent.models import ConsentState, Suppression
from contacts.imports import jobs
from contacts.imports.fields import guess
from contacts.imports.forms import guessed_keys
from contacts.imports.models import Kind, Step
from contacts.imports.plan import Plan
from contacts.imports.presets import PRESETS, offered, recognise
from contacts.people.address import email_key
from contacts.people.models import Contact
from tests.contacts.imports.running import NOW, run, upload

# One realistic header for each tool, and what its columns are.
FILES = {
    "hubspot": (
        (
            "Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Contact owner,Lifecycle Stage,"
            "Job Title,Company Name,City,Country/Region,Unsubscribed from all email,Email hard bounce reason,"
            "Last Modified Date"
        ),
        "-,given_name,family_name,email,-,phone,-,-,title,company,city,country,opted_out,bounced,changed_at",
    ),
    "hubspot_optouts": (
        "Recipient,Portal Bounce,Portal Unsubscribe,Portal Spam Report,Global Bounce,Marketing Information",
        "email,bounced,opted_out,complained,-,-",
    ),
    "salesforce": (
        (
            "Salutation,First Name,Last Name,Title,Account Name,Mailing Street,Mailing City,Mailing State/Province,"
            "Mailing Zip/Postal Code,Mailing Country,Phone,Mobile,Email,Contact Owner,Email Opt Out,Lead Source"
        ),
        "-,given_name,family_name,title,company,street,city,region,postcode,country,-,phone,email,-,opted_out,source",
    ),
    "salesforce_data": (
        (
            "ID,LASTNAME,FIRSTNAME,MAILINGSTREET,MAILINGCITY,PHONE,MOBILEPHONE,EMAIL,TITLE,LEADSOURCE,BIRTHDATE,"
            "HASOPTEDOUTOFEMAIL,EMAILBOUNCEDREASON,LASTMODIFIEDDATE"
        ),
        "-,family_name,given_name,street,city,-,phone,email,title,source,birthday,opted_out,bounced,changed_at",
    ),
    "mailchimp": (
        (
            "Email Address,First Name,Last Name,Address,Phone Number,Birthday,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,"
            "CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,UNSUB_TIME,LEID,"
            "EUID,NOTES,TAGS"
        ),
        (
            "email,given_name,family_name,street,phone,-,-,-,-,consent_at,-,-,-,-,-,time_zone,country,region,"
            "changed_at,opted_out,-,-,-,tags"
        ),
    ),
    "mautic": (
        (
            "id,points,date_identified,title,firstname,lastname,company,position,email,mobile,phone,address1,city,"
            "state,zipcode,country,preferred_locale,timezone,tags"
        ),
        (
            "-,-,-,-,given_name,family_name,company,title,email,phone,-,street,city,region,postcode,country,language,"
            "time_zone,tags"
        ),
    ),
    "listmonk": (
        "uuid,email,name,attributes,status,created_at,updated_at",
        "-,email,name,-,mail_status,-,changed_at",
    ),
    "braze": (
        (
            "user_id,braze_id,first_name,last_name,email,phone_number,city,country,language,date_of_birth,first_session,"
            "last_session,email_subscribe,opted_into_email_at,unsubscribed_from_emails_at"
        ),
        "-,-,given_name,family_name,email,phone,city,country,language,birthday,-,-,mail_status,consent_at,opted_out",
    ),
    "google": (
        (
            "First Name,Middle Name,Last Name,Nickname,Organization Name,Organization Title,Birthday,Notes,Labels,"
            "E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Street,Address 1 - City"
        ),
        "given_name,-,family_name,-,company,title,birthday,-,-,-,email,-,phone,street,city",
    ),
    "stibee": (
        "이메일 주소,이름,구독 상태,구독일,그룹,수신거부일",
        "email,name,mail_status,consent_at,tags,refused_at",
    ),
    "cafe24": (
        "이름,회원등급,나이,이메일,휴대폰번호,총 사용 적립금,사용가능 적립금,회원 가입일,이메일 수신여부,SMS 수신여부",
        "name,tags,-,email,phone,-,-,-,consent.marketing.email,consent.marketing.sms",
    ),
    "smartstore": ("구매자ID,구매자명,구매자연락처,구매자 이메일,기본배송지,수취인명", "-,name,phone,email,street,-"),
    "imweb": (
        "아이디,이름,이메일,연락처,그룹,쇼핑등급,생년월일,주소,가입일,이메일 수신동의,SMS 수신동의",
        "-,name,email,phone,tags,-,birthday,street,-,consent.marketing.email,consent.marketing.sms",
    ),
    "remember": (
        "이름,회사,부서,직함,이메일,휴대폰,유선전화,팩스,주소,그룹,명함 등록일,메모",
        "name,company,-,title,email,phone,-,-,street,tags,-,-",
    ),
}


@pytest.mark.parametrize("key", [preset.key for preset in offered(Kind.PEOPLE)])
def test_file_of_a_tool_is_recognised_and_read(key):
    header, wanted = (text.split(",") for text in FILES[key])
    found = recognise(header)
    assert found is PRESETS[key]
    keys = guess(header, [], known=found.keys(header))
    assert keys == ["" if each == "-" else each for each in wanted]


def test_ordinary_file_is_nobody_s():
    assert recognise(["이메일", "이름", "휴대폰", "email", "name"]) is None


def staged(alice, text: str, kind: str = Kind.PEOPLE, **choices):
    job = upload(alice, text.encode())
    job.kind = kind
    job.save()
    plan = Plan(tuple(guessed_keys(job)), **{"basis": "old tool", "wording": "I agree.", **choices})
    jobs.check(job, plan, now=NOW)
    run(job)
    jobs.start(job, now=NOW)
    return run(job)


@pytest.mark.django_db
def test_states_of_an_old_tool_become_consent_and_exclusion(alice):
    rows = ["a,구독 중", "b,수신거부", "c,자동삭제", "d,대기", "e,what"]
    lines = [f"{name}@example.com,{state},2026-05-01" for name, state in (row.split(",") for row in rows)]
    job = staged(alice, "\n".join(["이메일 주소,구독 상태,구독일", *lines]))
    assert job.preset == "stibee"
    said = dict(ConsentState.objects.values_list("contact__email", "decision"))
    assert said == {"a@example.com": "granted", "b@example.com": "withdrawn"}
    excluded = dict(Suppression.objects.values_list("email_key", "reason"))
    assert excluded == {email_key("b@example.com"): "imported", email_key("c@example.com"): "hard_bounce"}
    assert list(job.refusals.values_list("line", "code")) == [(6, "bad_status")]


@pytest.mark.django_db
def test_addresses_not_to_be_mailed_make_no_contacts_and_hold_for_later_files(alice):
    Suppression.objects.create(email_key=email_key("d@example.com"), reason="erased", at=NOW)
    text = (
        "Recipient,Portal Bounce,Portal Unsubscribe,Portal Spam Report\n"
        "a@example.com,,TRUE,\nb@example.com,UNKNOWN_USER,TRUE,\nc@example.com,FALSE,TRUE,TRUE\nd@example.com,,TRUE,\n"
        "e@example.com,false,false,false\n"
    )
    job = staged(alice, text, Kind.EXCLUDED, makes_people=False)
    assert job.preset == "hubspot_optouts"
    reasons = dict(Suppression.objects.values_list("email_key", "reason"))
    wanted = {"a": "imported", "b": "hard_bounce", "c": "complaint", "d": "erased"}
    assert reasons == {email_key(f"{name}@example.com"): reason for name, reason in wanted.items()}
    assert not Contact.objects.exists()
    assert (job.rows_new, job.rows_unchanged, job.preview["new"]) == (3, 1, 3)
    later = staged(alice, "email,수신여부,동의일\na@example.com,Y,2026-06-01\ne@example.com,Y,2026-06-01\n")
    assert later.step == Step.FINISHED
    assert list(ConsentState.objects.values_list("contact__email", flat=True)) == ["e@example.com"]


@pytest.mark.django_db
def test_reason_for_a_whole_file(alice):
    staged(alice, "email\na@example.com\n", Kind.EXCLUDED, makes_people=False, exclude_all="complaint")
    assert list(Suppression.objects.values_list("reason", flat=True)) == ["complaint"]
