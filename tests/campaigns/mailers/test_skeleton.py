"""What texts have in common, and that each comes back exactly."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.mailers.skeleton import LINES, NOWHERE, TAGS, Skeleton, shape, shared

PIECES = st.text(alphabet="ab<>{%\n 김", max_size=12)


def filled(skeleton: Skeleton, number: int) -> str:
    """Put one text's values in their places."""
    return skeleton.written(lambda place: skeleton.values[number][place])


def test_only_what_differs_is_a_value() -> None:
    texts = [
        f'<p>Dear {name}, hello.</p>\n<a href="https://x.example/t/{token}/1">Go</a>'
        for name, token in (("Kim", "abcX1"), ("Lee &amp; Park", "abcY2"))
    ]
    skeleton = shared(texts, TAGS)
    assert skeleton.fixed == ("<p>Dear ", ', hello.</p>\n<a href="https://x.example/t/abc', '/1">Go</a>')
    assert skeleton.values == (("Kim", "X1"), ("Lee &amp; Park", "Y2"))


@settings(deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=6), st.sampled_from([TAGS, LINES, NOWHERE]))
def test_every_text_comes_back_exactly(texts: list[str], cuts: re.Pattern[str]) -> None:
    alike = [text for text in texts if shape(text, cuts) == shape(texts[0], cuts)]
    skeleton = shared(alike, cuts)
    assert [filled(skeleton, number) for number in range(len(alike))] == alike
    assert {len(values) for values in skeleton.values} == {len(skeleton.fixed) - 1}
