"""Every address of people, lists, settings and commerce, tried by every role; the rows that a role may not see."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.urls import get_resolver, reverse

from contacts.acts import jobs
from contacts.commerce import orders
from contacts.commerce.orders import Line
from contacts.commerce.products import ProductProfile, save
from contacts.exports import jobs as exports
from contacts.exports.kind import EXPORTS, Asked
from contacts.files import keeping
from contacts.lists import fixed, membership
from contacts.models import AccountRole, Attribute, Contact, KeptFile, Note, Stage, StageModel
from contacts.notes import writing
from contacts.people.selection import Selection
from contacts.urls import urlpatterns

pytestmark = pytest.mark.django_db
ROLES = ("alice", "mina", "rob", "rita", "cleo", "ana")
ALL, NOBODY = set(ROLES), set()
EDITORS = ALL - {"ana"}
OF_ROB = ALL - {"rita"}  # rita is another rep
HIS_EDITORS = OF_ROB - {"ana"}
MARKETING = {"alice", "mina"}
MINAS_EDITORS = {"alice", "mina", "cleo"}  # reps look at their own acts only
ASSIGN = {"alice", "mina", "cleo"}
# name: (who may GET, who may POST). A POST here is empty: whoever may is not answered with 403 or 404.
DOORS = {
    "people": (ALL, None),
    "people-count": (ALL, None),
    "person-add": (EDITORS, EDITORS),
    "people-act": (None, EDITORS),
    "acts": (EDITORS, None),
    "act": (MINAS_EDITORS, None),
    "act-stop": (None, MINAS_EDITORS),
    "act-undo": (None, MINAS_EDITORS),
    "people-export": (MARKETING, MARKETING),
    "exports": (MARKETING, None),
    "export-new": (MARKETING, MARKETING),
    "export": ({"alice", "mina"}, None),
    "export-file": ({"alice", "mina"}, None),
    "export-stop": (None, {"alice", "mina"}),
    "person": (OF_ROB, None),
    "person-edit": (HIS_EDITORS, HIS_EDITORS),
    "person-timeline": (OF_ROB, None),
    "person-field": (HIS_EDITORS, HIS_EDITORS),
    "person-more": (OF_ROB, None),
    "person-orders": (OF_ROB, None),
    "person-care": (OF_ROB, None),
    "person-files": (OF_ROB, None),
    "person-file": (None, HIS_EDITORS),
    "account-orders": (ALL, None),
    "account-note": (None, EDITORS),
    "account-files": (ALL, None),
    "account-file": (None, EDITORS),
    "colleagues": (ALL, None),
    "note": (OF_ROB, None),
    "note-edit": (None, {"rob"}),
    "note-delete": (None, {"rob"}),
    "file": (OF_ROB, None),
    "file-delete": (None, HIS_EDITORS),
    "person-note": (None, HIS_EDITORS),
    "person-owner": (None, ASSIGN),
    "person-stage": (None, HIS_EDITORS),
    "person-tag": (None, HIS_EDITORS),
    "person-untag": (None, HIS_EDITORS),
    "person-consent": (None, HIS_EDITORS),
    "person-topics": (None, HIS_EDITORS),
    "person-exclude": (None, HIS_EDITORS),
    "hand-over": ({"alice"}, {"alice"}),
    "accounts": (ALL, None),
    "account-add": (EDITORS, EDITORS),
    "account": (ALL, None),
    "account-edit": (EDITORS, EDITORS),
    "account-timeline": (ALL, None),
    "account-field": (EDITORS, EDITORS),
    "lists": (ALL, None),
    "list-add": (MARKETING, MARKETING),
    "list": (ALL, None),
    "list-edit": (MARKETING, MARKETING),
    "list-delete": (None, MARKETING),
    "list-remove": (None, MARKETING),
    "tag-add": (None, MARKETING),
    "tag-rename": (None, MARKETING),
    "tag-delete": (None, MARKETING),
    "attributes": (MARKETING, MARKETING),
    "attribute": (MARKETING, MARKETING),
    "attribute-retire": (None, MARKETING),
    "attribute-sort": (None, MARKETING),
    "attribute-delete": (None, MARKETING),
    "account-roles": (MARKETING, MARKETING),
    "account-role": (MARKETING, MARKETING),
    "account-role-up": (None, MARKETING),
    "account-role-delete": (None, MARKETING),
    "stage-models": (MARKETING, None),
    "stage-rule": (MARKETING, MARKETING),
    "stage-rule-side": (MARKETING, MARKETING),
    "stage-model": (MARKETING, MARKETING),
    "products": (ALL, None),
    "product-add": (MARKETING, MARKETING),
    "product": (ALL, None),
    "product-edit": (MARKETING, MARKETING),
    "orders": (ALL, None),
    "order": (OF_ROB, None),
    "order-refund": (None, ASSIGN),
    "order-cancel": (None, HIS_EDITORS),
    "order-add": (HIS_EDITORS, HIS_EDITORS),
}


@pytest.fixture
def ids(crowd, team, now):
    by = {"by": team.mina, "now": now}
    label, expo = membership.tag_named("VIP"), fixed.create("Expo", "", **by)
    membership.tag(label, [crowd.kim.pk], **by)
    membership.add(expo, [crowd.kim.pk, crowd.lee.pk], **by)
    cup = save(ProductProfile(key="P1", name="Cup"))
    order = orders.place("O1", crowd.kim.pk, [Line(cup, 1, 5)], placed_at=now, now=now)
    attribute = Attribute.objects.create(key="plan", label="Plan", type="choice", choices=["Pro"])
    model = StageModel.objects.get(key="race")
    asked = Asked(team.mina, QueryDict("q=kim"))
    export = exports.start(EXPORTS["people"], asked, ["name"], "csv", "Badges", now=now)
    exports.run_due(lambda: now)
    act = jobs.start("tag", Selection((crowd.kim.pk,)), {"tag": label.pk}, **by)
    role = AccountRole.objects.get(key="user")
    writing.add(crowd.kim.pk, "Call him", by=team.rob, now=now, token=uuid4())
    upload = SimpleUploadedFile("offer.txt", b"offer")
    keeping.keep(upload, contact_id=crowd.kim.pk, by=team.rob, now=now, token=uuid4())
    return {"note_id": Note.objects.get().pk, "file_id": KeptFile.objects.get().pk,
            "contact_id": crowd.kim.pk, "tag_id": label.pk, "list_id": expo.pk, "product_id": cup.pk,
            "order_id": order.pk, "attribute_id": attribute.pk, "model_id": model.pk, "role_id": role.pk,
            "act_id": act.pk, "export_id": export.pk, "kind": "people", "name": "city", "side": "entry",
            "stage_id": Stage.objects.get(model__in_use=True, key="educate").pk,
            "account_id": crowd.kim.account_id, "user_id": team.rita.pk}  # fmt: skip


def address(name, ids):
    pattern = next(p for p in urlpatterns if p.name == name)
    wanted = pattern.pattern.converters
    return reverse(f"contacts:{name}", kwargs={key: ids[key] for key in wanted})


@pytest.mark.parametrize("role", ROLES)
def test_every_door_by_every_role(ids, team, as_, role):
    client = as_(getattr(team, role))
    for name, (getters, posters) in DOORS.items():
        url = address(name, ids)
        for method, who in (("get", getters), ("post", posters)):
            # A GET for deletion etc. is not allowed at all; deleting POSTs would take the rows away from later doors.
            if who is None or (method == "post" and name.endswith("-delete") and role in who):
                continue
            answer = getattr(client, method)(url)
            if answer.streaming:
                list(answer.streaming_content)  # to its end, so that the file is closed
            status = answer.status_code
            if role in who:
                assert status in (200, 302, 400, 409), (name, method, status)
            else:
                assert status in (403, 404), (name, method, status)


def test_every_door_is_in_the_table_and_guarded():
    homes = (
        "contacts.acts",
        "contacts.exports",
        "contacts.people",
        "contacts.account_roles",
        "contacts.lists",
        "contacts.attributes",
        "contacts.stages",
        "contacts.commerce",
        "contacts.notes",
        "contacts.files",
    )
    ours = {p.name: p for p in urlpatterns if p.callback.__module__.startswith(homes)}
    assert set(ours) == set(DOORS)
    assert [name for name, p in ours.items() if not hasattr(p.callback, "action")] == []


def test_post_only_doors_refuse_get(ids, team, as_):
    client = as_(team.alice)
    for name, (getters, _posters) in DOORS.items():
        if getters is None:
            assert client.get(address(name, ids)).status_code == 405, name


def test_nobody_is_let_in_without_log_in(ids, client):
    for name, (getters, _posters) in DOORS.items():
        if getters is not None:
            answer = client.get(address(name, ids))
            assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("team:login")), name


def test_rep_sees_neither_others_nor_their_number(crowd, team, as_):
    page = as_(team.rob).get("/people/").content.decode()
    assert "김철수" in page
    assert "Emma Park" in page  # nobody's
    assert "이영희" not in page
    assert "3 people" in page


def test_rep_cannot_change_others_by_bulk(crowd, team, as_):
    data = {"act": "tag", "sure": "1", "contact": [crowd.kim.pk, crowd.lee.pk], "name": "Mine"}
    as_(team.rob).post("/people/act/", data)
    assert [c.pk for c in Contact.objects.filter(tag_links__tag__name="Mine")] == [crowd.kim.pk]


def test_admin_is_the_only_one_at_the_stage_admin(team, as_):
    assert as_(team.alice).get("/admin/contacts/stage/").status_code == 200
    assert as_(team.mina).get("/admin/contacts/stage/").status_code in (302, 403)
    assert get_resolver()
