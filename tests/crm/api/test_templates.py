"""Mail templates written by programs: draft by its version, saved for sending, an old version brought back; senders."""

import pytest

from campaigns.templating.models import MailTemplate
from crm.api.template_drafts import EXAMPLE
from tests.campaigns.conftest import make_campaign

pytestmark = pytest.mark.django_db


def said(subject):
    variant = {**EXAMPLE["languages"]["en"], "subject": subject}
    return {"default": "en", "languages": {"en": variant}}


def test_template_is_made_changed_by_its_version_and_saved_for_sending(program, team):
    mina = program(team.mina)
    made = mina.post("templates", {"name": "Thanks", "draft": said("One")})
    assert (made.status, made.body["version"], made.body["newest"], made.body["kind"]) == (201, 1, None, "advertising")
    where = f"templates/{made.body['id']}"
    first = mina.post(f"{where}/versions", {"version": 1})
    assert (first.status, first.body["number"], first.body["subjects"]) == (201, 1, {"en": "One"})
    assert mina.post(f"{where}/versions", {"version": 1}).body["number"] == 1  # says the same: no new one
    assert mina.patch(where, {"version": 1, "draft": said("Two")}).body["version"] == 2
    late = mina.patch(where, {"version": 1, "name": "Mine"})
    assert (late.status, late.body["current"]["name"], late.body["current"]["draft"]) == (409, "Thanks", said("Two"))
    assert mina.post(f"{where}/versions", {"version": 1}).status == 409
    assert mina.post(f"{where}/versions", {"version": 2}).body["number"] == 2
    back = mina.post(f"{where}/versions/1/restore", {"version": 2}).body
    assert (back["version"], back["newest"], back["draft"]) == (3, 2, said("One"))
    assert mina.post(f"{where}/versions/9/restore", {"version": 3}).status == 404
    assert MailTemplate.objects.get().updated_by == team.mina


def test_wrong_draft_is_refused_with_its_place_and_changes_nothing(program, team):
    mina = program(team.mina)
    where = f"templates/{mina.post('templates', {'name': 'T', 'draft': said('One')}).body['id']}"
    for draft, path in (({}, "draft"), ({"languages": {"xx": {}}}, "draft"), (said("x" * 500), "draft.subject")):
        refused = mina.patch(where, {"version": 1, "draft": draft})
        assert (refused.status, refused.body["errors"][0]["path"]) == (422, path)
    assert mina.patch(where, {"version": 1, "draft": said("{{ contact.nmae }}")}).status == 200
    unknown = mina.post(f"{where}/versions", {"version": 2})
    assert (unknown.status, "contact.nmae" in unknown.body["detail"]) == (422, True)
    assert not MailTemplate.objects.get().versions.exists()


def test_senders_are_read_by_who_may_change_them(program, crowd, team):
    sender = make_campaign([crowd.kim]).sender
    told = program(team.mina).get("senders").body["results"]
    assert [(row["id"], row["email"]) for row in told] == [(sender.pk, sender.email)]
    assert program(team.mina).get(f"senders/{sender.pk}").body == told[0]
    assert program(team.ana).get("senders").status == 403
