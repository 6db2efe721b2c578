"""Names that came with the product are found as they are stored and as the reader sees them."""

import pytest
from django.utils import translation

from contacts.errors import NameTaken
from contacts.models import Segment
from contacts.segments import naming, queries, saving
from tests.contacts.segments.living import make, rule

pytestmark = pytest.mark.django_db
CITY = {"field": "city", "operator": "is", "value": "서울"}


def found(typed):
    return [segment.name for segment in queries.segments_page(typed, "", "name", "").rows]


def test_search_finds_the_name_that_is_shown(now):
    make("Customers at risk", CITY, now=now)
    make("My own", CITY, now=now)
    assert Segment.objects.get(name="Customers at risk").definition == rule(CITY)
    with translation.override("ko"):
        label = Segment.objects.get(name="Customers at risk").label
        assert label != "Customers at risk"
        assert found(label[:2]) == ["Customers at risk"]
        assert found("at RISK") == ["Customers at risk"]
        assert found("My") == ["My own"]
    with translation.override("en"):
        assert found(label) == []


def test_overlap_offers_the_names_that_are_shown(client, team, now):
    mine = make("My own", CITY, now=now)
    shipped = make("Customers at risk", CITY, now=now)
    team.mina.language = "ko"
    team.mina.save()
    client.force_login(team.mina)
    with translation.override("ko"):
        label = shipped.label
    pages = [client.get(f"/segments/{mine.pk}/{page}/").content.decode() for page in ("overlap", "edit")]
    assert all(label in page and "Customers at risk<" not in page for page in pages)


def test_one_that_was_kept_in_its_makers_language_is_said_in_the_readers(now):
    with translation.override("ko"):
        korean = Segment(name="Customers at risk").label
    made = make("Customers at risk", CITY, now=now)
    Segment.objects.filter(pk=made.pk).update(name=korean)
    with translation.override("en"):
        assert Segment.objects.get().label == "Customers at risk"
        assert found("at risk") == [korean]
        assert found("Customers!") == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_whoever_saves_one_keeps_it_in_one_language(now, language):
    with translation.override(language):
        shown = Segment(name="Customers at risk", description="Ordered at least once.")
        draft = saving.Draft(shown.label, shown.about, rule(CITY))
        made = saving.create(draft, by=None, now=now)
    assert (made.name, made.description) == ("Customers at risk", "Ordered at least once.")
    with translation.override(language), pytest.raises(NameTaken):
        saving.create(draft, by=None, now=now)


def test_an_app_above_ships_its_own():
    with translation.override("ko"):
        assert naming.said("Best customers") != "Best customers"
        assert naming.kept(naming.said("Best customers")) == "Best customers"
        assert naming.said("A name of ours") == naming.kept("A name of ours") == "A name of ours"


@pytest.mark.parametrize(
    ("language", "names"),
    [("en", ["Customers at risk", "My own", "Other"]), ("ko", ["My own", "Other", "Customers at risk"])],
)
def test_the_list_is_sorted_as_its_reader_says_the_names(now, language, names):
    for name in names:
        make(name, CITY, now=now)
    with translation.override(language):
        first = queries.segments_page("", "", "name", "", size=2)
        last = queries.segments_page("", "", "name", first.next_cursor, size=2)
        falling = queries.segments_page("", "", "-name", "")
    assert [segment.name for segment in (*first.rows, *last.rows)] == names
    assert [segment.name for segment in falling.rows] == names[::-1]
