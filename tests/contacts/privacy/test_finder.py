"""Texts that speak of somebody are found, wherever the words stand, as a plain search finds them."""

from itertools import product

import pytest

from contacts.privacy.finder import Finder
from crm.team.models import Notice

WORDS = ["kim", "김철수", "김철", "a@gmail.com", "ba@gmail.com", "010-1234-5678", "010-1234-9678", "100%", "x_y"]
TEXTS = [
    "", "k", "ki", "akim", "to 김철수님", "김철", "김 철수", "ba@gmail.co", "mail a@gmail.com.", "xba@gmail.com",
    "010-1234-567", "call 010-1234-5678", "010-1234-9678 or so", "100", "100%", "xzy", "x_y", "@gmail.com 010-1234-",
]  # fmt: skip


@pytest.mark.parametrize("words", [WORDS, WORDS[:1], WORDS[3:5], [], [""]])
def test_speaks_as_a_plain_search_finds(words):
    finder = Finder(words)
    assert [text for text in TEXTS if finder.speaks(text)] == [
        text for text in TEXTS if any(word and word in text for word in words)
    ]


def test_every_text_of_four_letters_is_judged_alike():
    words = ["ab", "bca", "c"]
    texts = ["".join(letters) for letters in product("abcd", repeat=4)]
    finder = Finder(words)
    assert [text for text in texts if finder.speaks(text)] == [
        text for text in texts if any(word in text for word in words)
    ]


@pytest.mark.django_db
def test_rows_beyond_the_first_piece_are_read_and_no_more_than_asked_for(team, now, monkeypatch):
    monkeypatch.setattr("contacts.privacy.finder._PIECE", 2)
    told = ["kim", "lee", "emma", "kim again", "park", "of Kim"]
    rows = Notice.objects.bulk_create(Notice(user=team.rob, text=text, at=now, due_at=now) for text in told)
    select = "SELECT id, lower(text) FROM team_notice WHERE id > %s ORDER BY id LIMIT %s"
    assert Finder(["kim"]).ids(select, 10) == [rows[0].pk, rows[3].pk, rows[5].pk]
    assert Finder(["kim"]).ids(select, 2) == [rows[0].pk, rows[3].pk]
    assert Finder([]).ids(select, 10) == []
