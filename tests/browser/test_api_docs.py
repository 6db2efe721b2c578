"""The page that explains the API: a reader tries verbs as herself and sees what they answer."""

import json

from playwright.sync_api import expect

from crm.api.models import Answer
from tests.contacts.conftest import crowd, now, person, team  # noqa: F401 - fixtures


def test_reader_tries_verbs_as_herself(page, sign_in, team, crowd):  # noqa: F811
    sign_in(team.mina)
    page.goto("/api/docs/#contacts_read_contact")
    verb = page.locator("#contacts_read_contact")
    verb.locator("summary").click()
    verb.get_by_label("contact_id").fill(str(crowd.kim.pk))
    verb.get_by_label("Query").fill("fields=id,name")
    verb.get_by_role("button", name="Send").click()
    answer = verb.locator("[data-answer]")
    expect(answer).to_contain_text("200")
    assert json.loads(answer.inner_text().partition("\n")[2]) == {"id": crowd.kim.pk, "name": crowd.kim.name}
    refused = page.locator("#lists_and_tags_make_list")
    refused.locator("summary").click()
    refused.get_by_label("Body").fill('{"nickname": "x"}')
    refused.get_by_role("button", name="Send").click()
    expect(refused.locator("[data-answer]")).to_contain_text("There is no such field.")
    assert not Answer.objects.exists()
