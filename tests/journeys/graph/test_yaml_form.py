"""A drawing as YAML: written so that it reads back equal, and what is wrong in one is told with its line."""

import pytest

from journeys.errors import BadGraph
from journeys.graph.parsing import parse
from journeys.graph.yaml_form import read, written
from tests.journeys.drawings import drawing, step

RULE = {"version": 1, "rule": {"all": [{"did": "order.placed", "on": {"type": "product", "keys": ["2026-01-01"]}}]}}
WHOLE = drawing(
    step("a", "test_choice", lane="educate", when="no", day="2026-02-30", on="yes", n=1.5, name="1e3"),
    step("b", "test_pause", column=2) | {"name": "기다림: 이틀", "comment": "두 줄\n# 이렇게"},
    links="a.way1>b a.rest>b b>a",
    rules={"entry": RULE, "goal_days": 3, "unsubscribed": False},
    notes=[{"key": "n", "text": "- a\n- b"}],
)


def refused(text: str) -> list[str]:
    with pytest.raises(BadGraph) as error:
        read(text)
    return [str(problem) for problem in error.value.problems]


def test_written_reads_back_equal():
    graph = parse(WHOLE)
    assert read(written(graph)) == graph
    assert read(written(parse({"version": 1}))) == parse({"version": 1})


def test_written_is_readable():
    text = written(parse(WHOLE))
    assert text.startswith("wayfare_journey: 1\n")
    assert "기다림: 이틀" in text
    assert "    leads_to:\n      way1: b\n      rest: b\n" in text


def test_surprises_of_yaml_are_none():
    settings = "{on: 1, day: 2026-01-01, yes: no, t: true, b: False}"
    text = f"wayfare_journey: 1\nsteps:\n  a:\n    kind: x\n    settings: {settings}\n"
    assert dict(read(text).steps[0].settings) == {"on": 1, "day": "2026-01-01", "yes": "no", "t": True, "b": "False"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "begins with “wayfare_journey: 1”"),
        ("hello", "begins with “wayfare_journey: 1”"),
        ("wayfare_journey: 2", "begins with “wayfare_journey: 1”"),
        ("wayfare_journey: 1\nsteps:\n  a: [1\n  b: 2", "This is no YAML from line "),
        ("wayfare_journey: 1\nsteps: 7", "“steps” lists each step under its key"),
        ("wayfare_journey: 1\nsteps:\n  a: 7", "The step “a” cannot be read"),
        ("a: &x [1]\nb: *x", "References (* and &) are not read"),
        ("wayfare_journey: 1\nsteps: !!python/object:os.system {}", "This is no YAML"),
        ("wayfare_journey: 1\nsteps:\n  a: {kind: x}\n  b: {kind: x}\n  a: {kind: y}", "Line 5: “a” is there twice."),
        ("wayfare_journey: 1\nsteps:\n  a: {kind: x}\n  b:\n    kind: x\n    row: -1\n", "Line 4: b: “row” must be"),
        ("wayfare_journey: 1\nsteps:\n  a: {kind: x, color: red}\n", "Line 3: a: There is no “color” here."),
        ("wayfare_journey: 1\nrules: {again: sometimes}\n", "Line 2: rules: “again” is one of"),
        ("wayfare_journey: 1\nsteps: {a: {kind: x, name: \"\\0\"}}", "control characters"),
        ("[" * 3_000, ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(text, words):
    assert any(words in problem for problem in refused(text)), refused(text)


def test_two_thousand_steps_are_read_and_one_more_is_too_many():
    one = "  s{0}: {{kind: x, row: {0}, leads_to: {{next: s{1}}}}}\n"
    steps = "".join(one.format(number, (number + 1) % 2_000) for number in range(2_001))
    assert len(read("wayfare_journey: 1\nsteps:\n" + steps[: steps.index("  s2000:")]).steps) == 2_000
    assert refused("wayfare_journey: 1\nsteps:\n" + steps) == ["“steps” must be a list of at most 2000."]
