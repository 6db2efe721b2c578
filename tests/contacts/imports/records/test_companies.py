"""Companies from files: matched by number, domain, name; changed by column as chosen; undone."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile

from contacts.attributes.models import Attribute
from contacts.imports import jobs
from contacts.imports.forms import guessed_keys
from contacts.imports.models import Kind, Step
from contacts.imports.plan import Policy
from contacts.imports.queries import undone_numbers
from contacts.people import accounts
from contacts.people.accounts import AccountProfile
from contacts.people.models import Account, Contact
from tests.contacts.imports.records.test_records import checked, imported
from tests.contacts.imports.records.test_undo import undone
from tests.contacts.imports.running import NOW, run

pytestmark = pytest.mark.django_db(transaction=True)
FILE = (
    "회사명,홈페이지,사업자등록번호,업종,직원수,담당자,계약 종료일,갱신 금액,등급\n"
    '㈜한빛,https://www.hanbit.example/about,220-81-62517,소프트웨어,120,alice@wayfare.example,2027-03-31,"1,000,000원",Gold\n'
    "Acme Inc,acme.example,,,abc,,,,\n"
    "누리,nuri.example,123-45-67890,,10,Nobody,,,Iron\n"
    "한빛 소프트,,2208162517,,,,,,\n"
    ",x.example,,,,,,,\n"
)


def test_companies_arrive_once_with_reasons_for_what_is_left_out(alice):
    Attribute.objects.create(key="grade", label="등급", type="choice", choices=["Gold"], target="account")
    dry = checked(alice, FILE, Kind.ACCOUNTS)
    assert (dry.preview["new"], Account.objects.count()) == (2, 0)
    refused = [
        (3, True, "bad_amount"), (4, False, "bad_attribute"), (4, False, "bad_business_number"),
        (4, False, "unknown_owner"), (5, True, "same_company"), (6, True, "cell_missing"),
    ]  # fmt: skip
    listed = dry.refusals.order_by("line", "code").values_list("line", "whole_row", "code")
    assert list(listed) == refused
    jobs.start(dry, now=NOW)
    run(dry)
    assert (dry.step, dry.rows_new, list(listed)) == (Step.FINISHED, 2, refused)
    hanbit, nuri = Account.objects.order_by("pk")
    assert (hanbit.name, hanbit.name_key, hanbit.domain, hanbit.business_number, hanbit.employees) == (
        "㈜한빛", "한빛", "hanbit.example", "2208162517", 120
    )  # fmt: skip
    assert (hanbit.owner, hanbit.contract_end, hanbit.renewal_value) == (alice, date(2027, 3, 31), Decimal(1_000_000))
    assert (hanbit.attributes, nuri.name, nuri.business_number, nuri.owner) == ({"grade": "Gold"}, "누리", "", None)
    again = imported(alice, FILE, Kind.ACCOUNTS)
    assert (again.rows_new, again.rows_changed, again.rows_unchanged) == (0, 0, 2)
    assert set(Account.objects.values_list("version", flat=True)) == {1}


def test_known_companies_change_by_column_and_go_back(alice):
    old = accounts.create(AccountProfile("Old", domain="acme.example", city="Busan", employees=5), now=NOW)
    named = accounts.create(AccountProfile("누리"), now=NOW)
    other = accounts.create(AccountProfile("Nuri", business_number="2208162517"), now=NOW)
    text = (
        "company name,domain,brn,city,employees,industry\nAcme,acme.example,,Seoul,9,retail\n"
        "(주)누리,nuri.example,,,,\nNuri,other.example,124-81-00998,,,\n"
    )
    choices = {"policy": Policy.OVERWRITE, "policies": (("city", Policy.KEEP), ("employees", Policy.FILL))}
    dry = checked(alice, text, Kind.ACCOUNTS, **choices)
    shown = {row["name"]: [tuple(field) for field in row["fields"]] for row in dry.preview["changed_sample"]}
    assert shown == {
        "Acme": [("name", "Old", "Acme"), ("industry", "", "Retail")],
        "(주)누리": [("name", "누리", "(주)누리"), ("domain", "", "nuri.example")],
    }
    job = imported(alice, text, Kind.ACCOUNTS, **choices)
    assert (job.rows_new, job.rows_changed) == (1, 2)
    old.refresh_from_db()
    named.refresh_from_db()
    assert (old.name, old.city, old.employees, old.industry, named.domain) == (
        "Acme",
        "부산",
        5,
        "Retail",
        "nuri.example",
    )
    Account.objects.filter(pk=old.pk).update(industry="food")
    assert undone(job) == {"records_removed": 1, "records_reverted": 2}
    told = [(str(label), number) for label, number in undone_numbers(job)]
    assert told == [
        ("Orders, products and companies it had made: removed", 1),
        ("Products and companies that got their old values back", 2),
    ]
    old.refresh_from_db()
    named.refresh_from_db()
    assert (old.name, old.industry, named.name, named.domain) == ("Old", "food", "누리", "")
    assert set(Account.objects.values_list("pk", flat=True)) == {old.pk, named.pk, other.pk}


def test_a_company_with_people_stays_when_its_import_is_undone(alice):
    job = imported(alice, "company\nAcme\nEmpty\n", Kind.ACCOUNTS)
    Contact.objects.create(account=Account.objects.get(name="Acme"))
    assert undone(job) == {"records_removed": 1, "records_kept": 1}
    assert list(Account.objects.values_list("name", flat=True)) == ["Acme"]


@pytest.mark.parametrize(
    ("header", "tool", "keys"),
    [
        (
            "Record ID,Company name,Company Domain Name,Company owner,Industry,Number of Employees,City,Country/Region",
            "hubspot_companies", ["", "name", "domain", "owner", "industry", "employees", "city", "country"],
        ),
        (
            "Account Name,Website,Account Owner,Employees,Billing City,Billing Country",
            "salesforce_accounts", ["name", "domain", "owner", "employees", "city", "country"],
        ),
    ],
)  # fmt: skip
def test_exports_of_other_tools_are_recognised(alice, header, tool, keys):
    job = jobs.upload(
        alice, ContentFile(f"{header}\n".encode() + b",".join([b"x"] * len(keys))), "c.csv", now=NOW, kind=Kind.ACCOUNTS
    )
    assert (job.preset, guessed_keys(job)) == (tool, keys)
