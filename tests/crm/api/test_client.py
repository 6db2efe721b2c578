"""A client written from docs/api.md alone, the very class that stands there, against a server that runs."""

import re
from pathlib import Path

import pytest
import requests
from django.conf import settings

from contacts.consent.models import Decision
from contacts.people.models import Contact
from crm.team import api_tokens
from crm.team.api_tokens import TokenScope
from tests.campaigns.conftest import decide, make_sender, make_template
from tests.contacts.conftest import NOW

GUIDE = Path(settings.BASE_DIR) / "docs" / "api.md"


@pytest.fixture
def wayfare(live_server, team):
    """The class of the guide's first Python sample, with a token of Mina's."""
    sample = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)[0]
    names = {}
    exec(sample.partition("\nwayfare = ")[0], names)
    secret = api_tokens.create(team.mina, "guide", TokenScope.values, days=None, now=NOW).secret
    return names["Wayfare"](f"{live_server.url}/api/v1", secret)


@pytest.mark.django_db(transaction=True)
def test_upsert_list_campaign_results(wayfare):
    rows = [{"email": f"p{n}@example.com", "name": f"사람 {n}", "external_id": f"k{n}"} for n in range(3)]
    done = wayfare.ask("POST", "contacts/upsert", {"contacts": rows})
    assert done["created"] == 3
    ids = [row["contact_id"] for row in done["rows"]]
    decide(list(Contact.objects.filter(pk__in=ids[:2])), Decision.GRANTED)
    assert [row["id"] for row in wayfare.every("contacts?sort=created&limit=2")] == ids
    people = wayfare.ask("POST", "lists", {"name": "Expo guests"}, key="list-1")
    assert wayfare.ask("POST", "lists", {"name": "Expo guests"}, key="list-1") == people
    wayfare.ask("POST", f"lists/{people['id']}/members", {"add": ids})
    about = {"template_id": make_template().pk, "sender_id": make_sender().pk, "include_lists": [people["id"]]}
    draft = wayfare.ask("POST", "campaigns", {"name": "Thanks for coming", **about})
    check = wayfare.ask("GET", f"campaigns/{draft['id']}/preflight")
    assert (check["total"], check["to_send"], check["left_out"], check["obstacles"]) == (3, 2, {"no_consent": 1}, [])
    launched = wayfare.ask("POST", f"campaigns/{draft['id']}/launch", {"version": check["version"]}, key="go")
    assert launched["state"] in ("launching", "sending")
    results = wayfare.ask("GET", f"campaigns/{draft['id']}/results")
    assert (results["sent"], results["progress"]["sent"]) == (0, 0)
    with pytest.raises(RuntimeError, match="no such field"):
        wayfare.ask("POST", "lists", {"title": "X"})


def test_every_python_sample_of_the_guide_compiles():
    for sample in re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL):
        compile(sample, str(GUIDE), "exec")
    assert requests.__version__
