"""Who may do what through the API: one table of every verb, tried by every role with a token of all scopes."""

import pytest

from crm.api.catalogue import ROUTES
from crm.team.api_tokens import TokenScope
from tests.crm.api.test_schemathesis import ids  # noqa: F401 - a row of every noun

pytestmark = pytest.mark.django_db
ROLES = ("alice", "mina", "rob", "rita", "cleo", "ana")
ALL = set(ROLES)
EDITORS = ALL - {"ana"}
OF_ROB = ALL - {"rita"}  # the person of the table is Rob's; Rita is another rep
HIS_EDITORS = OF_ROB - {"ana"}
MARKETING = {"alice", "mina"}
ASSIGN = {"alice", "mina", "cleo"}
NOT_REPS = ALL - {"rob", "rita"}
PERSON, LIST, TAG = "contacts/<row:contact_id>", "lists/<row:list_id>", "tags/<row:tag_id>"
CAMPAIGN, JOURNEY, ORDER = "campaigns/<row:campaign_id>", "journeys/<row:journey_id>", "orders/<row:order_id>"
RULE = "score-rules/<row:rule_id>"
REPORTERS = ALL
SEGMENT, ACCOUNT = "segments/<row:segment_id>", "accounts/<row:account_id>"
HOOK = "webhooks/<row:hook_id>"
NOTE, FILE, VIEW = "notes/<row:note_id>", "files/<row:file_id>", "views/<row:view_id>"
IMPORT = "imports/<row:import_id>"
ACT, EXPORT = "acts/<row:act_id>", "exports/<row:export_id>"
TABLE = {
    ("GET", "contacts"): ALL, ("POST", "contacts"): EDITORS, ("POST", "contacts/upsert"): EDITORS,
    ("GET", PERSON): OF_ROB, ("PATCH", PERSON): HIS_EDITORS, ("DELETE", PERSON): {"alice"},
    ("GET", f"{PERSON}/timeline"): OF_ROB, ("GET", f"{PERSON}/consents"): OF_ROB, ("GET", f"{PERSON}/score"): OF_ROB,
    ("GET", f"{PERSON}/labels"): OF_ROB, ("POST", f"{PERSON}/notes"): HIS_EDITORS,
    ("POST", f"{PERSON}/consents"): HIS_EDITORS, ("POST", f"{PERSON}/owner"): ASSIGN,
    ("POST", f"{PERSON}/stage"): HIS_EDITORS, ("POST", f"{PERSON}/exclude"): HIS_EDITORS,
    ("POST", f"{PERSON}/readmit"): HIS_EDITORS,
    ("GET", "accounts"): ALL, ("POST", "accounts"): EDITORS, ("GET", ACCOUNT): ALL, ("PATCH", ACCOUNT): EDITORS,
    ("GET", "lists"): ALL, ("POST", "lists"): MARKETING, ("GET", LIST): ALL, ("PATCH", LIST): MARKETING,
    ("DELETE", LIST): MARKETING, ("GET", f"{LIST}/members"): ALL, ("POST", f"{LIST}/members"): MARKETING,
    ("GET", "topics"): ALL, ("GET", f"{PERSON}/topics"): OF_ROB, ("POST", f"{PERSON}/topics"): HIS_EDITORS,
    ("GET", "tags"): ALL, ("POST", "tags"): MARKETING, ("PATCH", TAG): MARKETING, ("DELETE", TAG): MARKETING,
    ("POST", f"{TAG}/members"): EDITORS,
    ("GET", "segments"): ALL, ("POST", "segments"): MARKETING, ("GET", SEGMENT): ALL, ("PATCH", SEGMENT): MARKETING,
    ("DELETE", SEGMENT): MARKETING, ("GET", f"{SEGMENT}/members"): ALL, ("POST", "segments/count"): ALL,
    ("GET", "contacts/count"): ALL,
    ("GET", f"{SEGMENT}/by-hand"): ALL, ("POST", f"{SEGMENT}/by-hand"): MARKETING,
    ("GET", "score-rules"): REPORTERS, ("GET", RULE): REPORTERS, ("POST", "score-rules"): MARKETING,
    ("PATCH", RULE): MARKETING, ("DELETE", RULE): MARKETING,
    ("POST", f"{PERSON}/points"): MARKETING,
    ("GET", "score-model"): REPORTERS, ("PATCH", "score-model"): MARKETING,
    ("GET", "attributes"): ALL, ("POST", "attributes"): MARKETING,
    ("PATCH", "attributes/<row:attribute_id>"): MARKETING, ("DELETE", "attributes/<row:attribute_id>"): MARKETING,
    ("GET", "stages"): ALL, ("POST", "stages/<row:stage_id>/moves"): EDITORS,
    ("GET", "products"): ALL, ("POST", "products"): MARKETING, ("GET", "products/<row:product_id>"): ALL,
    ("PATCH", "products/<row:product_id>"): MARKETING,
    ("GET", "orders"): ALL, ("POST", "orders"): EDITORS, ("GET", ORDER): OF_ROB,
    ("POST", f"{ORDER}/refunds"): ASSIGN, ("POST", f"{ORDER}/cancel"): HIS_EDITORS,
    ("POST", "events"): EDITORS, ("POST", "track"): EDITORS, ("POST", "page"): EDITORS, ("POST", "identify"): EDITORS,
    ("POST", "batch"): EDITORS,
    ("GET", "templates"): NOT_REPS, ("GET", "templates/<row:template_id>"): NOT_REPS,
    ("GET", "templates/<row:template_id>/versions"): NOT_REPS,
    ("GET", "templates/<row:template_id>/versions/<row:number>"): NOT_REPS,
    ("POST", "templates"): MARKETING, ("PATCH", "templates/<row:template_id>"): MARKETING,
    ("POST", "templates/<row:template_id>/versions"): MARKETING,
    ("POST", "templates/<row:template_id>/versions/<row:number>/restore"): MARKETING,
    ("GET", "senders"): MARKETING, ("GET", "senders/<row:sender_id>"): MARKETING,
    ("GET", "campaigns"): ALL, ("POST", "campaigns"): MARKETING, ("GET", CAMPAIGN): ALL,
    ("PATCH", CAMPAIGN): MARKETING, ("GET", f"{CAMPAIGN}/preflight"): ALL, ("POST", f"{CAMPAIGN}/launch"): MARKETING,
    **{("POST", f"{CAMPAIGN}/{verb}"): MARKETING for verb in ("pause", "resume", "cancel", "unschedule")},
    ("GET", f"{CAMPAIGN}/results"): ALL,
    ("GET", "journeys"): NOT_REPS, ("GET", JOURNEY): NOT_REPS, ("POST", f"{JOURNEY}/people"): MARKETING,
    ("GET", f"{JOURNEY}/results"): NOT_REPS, ("POST", "journeys"): MARKETING, ("PATCH", JOURNEY): MARKETING,
    ("GET", f"{JOURNEY}/draft"): NOT_REPS, ("PATCH", f"{JOURNEY}/draft"): MARKETING,
    ("POST", f"{JOURNEY}/publish"): MARKETING,
    ("GET", f"{JOURNEY}/people"): NOT_REPS, ("GET", f"{JOURNEY}/versions"): NOT_REPS,
    ("GET", f"{PERSON}/journeys"): NOT_REPS,
    ("POST", f"{JOURNEY}/people/<row:way_id>/leave"): MARKETING,
    ("POST", f"{JOURNEY}/people/<row:way_id>/move-on"): MARKETING,
    **{("POST", f"{JOURNEY}/{verb}"): MARKETING for verb in ("pause", "resume", "finish", "archive", "clone")},
    ("POST", f"{JOURNEY}/versions/<row:number>/publish"): MARKETING,
    ("GET", "webhooks"): {"alice"}, ("POST", "webhooks"): {"alice"}, ("GET", HOOK): {"alice"},
    ("PATCH", HOOK): {"alice"}, ("DELETE", HOOK): {"alice"}, ("GET", f"{HOOK}/deliveries"): {"alice"},
    **{("POST", f"{HOOK}/{verb}"): {"alice"} for verb in ("secret", "test", "replay")},
    ("POST", f"{HOOK}/deliveries/<row:delivery_id>/replay"): {"alice"},
    ("GET", "users"): ALL, ("GET", "me"): ALL, ("GET", "roles"): ALL, ("GET", "trail"): {"alice"},
    ("GET", "notes"): ALL, ("POST", "notes"): EDITORS, ("GET", NOTE): OF_ROB, ("PATCH", NOTE): {"mina"},
    ("DELETE", NOTE): {"mina"},
    ("GET", "files"): ALL, ("POST", "files"): EDITORS, ("GET", FILE): OF_ROB, ("GET", f"{FILE}/content"): OF_ROB,
    ("DELETE", FILE): HIS_EDITORS,
    ("GET", "views"): ALL, ("POST", "views"): ALL, ("PATCH", VIEW): MARKETING, ("DELETE", VIEW): MARKETING,
    ("GET", "act-kinds"): EDITORS, ("GET", "acts"): EDITORS, ("POST", "acts"): EDITORS,
    ("GET", ACT): ASSIGN, ("POST", f"{ACT}/stop"): ASSIGN, ("POST", f"{ACT}/undo"): ASSIGN,
    ("GET", "export-kinds"): MARKETING, ("GET", "exports"): MARKETING, ("POST", "exports"): MARKETING,
    ("GET", EXPORT): MARKETING, ("GET", f"{EXPORT}/content"): MARKETING, ("POST", f"{EXPORT}/stop"): MARKETING,
    ("POST", f"{PERSON}/data"): MARKETING,
    ("GET", "erasures"): {"alice"}, ("GET", "erasures/<row:erasure_id>"): {"alice"},
    ("GET", "imports"): MARKETING, ("POST", "imports"): MARKETING, ("GET", IMPORT): MARKETING,
    **{("POST", f"{IMPORT}/{verb}"): MARKETING for verb in ("check", "start", "back", "cancel", "undo")},
    ("GET", f"{IMPORT}/refused"): MARKETING,
    ("GET", "duplicates"): EDITORS, ("POST", "duplicates/search"): EDITORS, ("POST", f"{PERSON}/merge"): HIS_EDITORS,
    ("POST", "duplicates/<row:pair_id>/apart"): ASSIGN, ("POST", "duplicates/<row:pair_id>/reopen"): ASSIGN,
    ("GET", "merges"): EDITORS, ("POST", "merges/<row:merge_id>/undo"): EDITORS,
    ("GET", "leads"): EDITORS, ("POST", f"{PERSON}/take"): {"alice", "rob"}, ("POST", f"{PERSON}/outcome"): HIS_EDITORS,
    ("GET", "stages/<row:stage_id>/rule"): MARKETING, ("PATCH", "stages/<row:stage_id>/rule"): MARKETING,
    **{("POST", f"attributes/<row:attribute_id>/{verb}"): MARKETING for verb in ("retire", "bring-back")},
}  # fmt: skip
EXAMPLES = {(route.method, route.path): route.example for route in ROUTES}


def test_every_verb_is_in_the_table():
    assert {(route.method, route.path) for route in ROUTES} == set(TABLE)


@pytest.mark.parametrize("role", ROLES)
def test_every_verb_by_every_role(program, team, ids, settings, role):  # noqa: F811
    settings.API_RATE = 10_000
    ask = program(getattr(team, role))
    for (method, path), who in TABLE.items():
        url = path
        for name, number in ids.items():
            url = url.replace(f"<row:{name}>", str(number))
        if method == "DELETE" and role in who:
            continue  # the row is needed by later verbs
        status = ask(method, url, EXAMPLES[method, path]).status
        if role in who:
            assert status in (200, 201, 202, 204, 400, 409, 422), (method, path, status)
        else:
            assert status in (403, 404), (method, path, status)


def test_scope_of_each_verb_is_asked_for(program, team, ids, settings):  # noqa: F811
    settings.API_RATE = 10_000
    for scope in TokenScope:
        without = [other for other in TokenScope.values if other != scope.value]
        ask = program(team.alice, *without)
        for route in (route for route in ROUTES if route.scope is scope):
            url = route.path
            for name, number in ids.items():
                url = url.replace(f"<row:{name}>", str(number))
            answer = ask(route.method, url)
            assert (answer.status, answer.body.get("scope")) == (403, scope.value), (route.method, route.path)
