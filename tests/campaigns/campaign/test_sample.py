"""A campaign's mail as one person would get it: in the person's language, else in the template's main one."""

import pytest

from campaigns.campaign.sample import sample
from tests.campaigns.conftest import NOW, make_campaign, make_people

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("en", "(광고) News for 김철수0"),
        ("ko", "(광고) 김철수0님, 새 소식"),
        ("ko-kr", "(광고) 김철수0님, 새 소식"),
        ("fr", "(광고) 김철수0님, 새 소식"),
        ("", "(광고) 김철수0님, 새 소식"),
    ],
)
def test_a_reader_of_no_known_language_gets_the_templates_main_one(language: str, subject: str) -> None:
    [person] = make_people(1, language=language)
    assert sample(make_campaign([person]), person, NOW).subject == subject
