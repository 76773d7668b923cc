"""A card with a thousand rules is checked rule by rule, and a finding about many is reported once."""

from collections.abc import Callable, Sequence
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.checking import check_scorecard
from config.lint import overlaps
from config.lint.rules import kinds_of
from config.lint.scene import Scene
from scoring import Scorecard
from scoring.card.conditions import ActivityCondition
from tests.config.conftest import Write

texts = st.sampled_from(["/a", "/a/b", "/b", "/a/b/c", "x"])
url_tests = st.one_of(
    st.builds(lambda op, text: {op: text}, st.sampled_from(["contains", "starts_with", "ends_with", "is", "is_not"]), texts),
    st.builds(lambda op, found: {op: found}, st.sampled_from(["in", "not_in", "contains_any"]), st.lists(texts, min_size=1, max_size=2)),
    st.just({"matches": "/a.*"}),
    st.builds(lambda known: {"known": known}, st.booleans()),
)  # fmt: skip
numbers = st.builds(lambda op, number: {op: number}, st.sampled_from(["at_least", "below"]), st.sampled_from([10, 60]))
kinds = st.sampled_from(["chat", "call", ["chat", "call"], {"is_not": "chat"}, {"starts_with": "c"}])
plain = st.fixed_dictionaries({}, optional={"kind": kinds, "url": url_tests, "name": url_tests, "seconds": numbers})
conditions = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.builds(lambda one: {"not": one}, inner),
        st.builds(lambda one, some: {**one, "any": some}, plain, st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=3,
)


@given(drawn=st.lists(conditions, min_size=2, max_size=5))
def test_looking_rules_up_finds_what_comparing_each_with_each_finds(drawn: list[dict[str, Any]]) -> None:
    scene = scene_of(drawn)
    rules = overlaps.counting(scene)
    found = overlaps.overlapping(scene, rules, overlaps.Budget(overlaps.MOST_COMPARED))
    named = {(rules[one].rule.name, rules[other].rule.name): kinds for (one, other), kinds in found.items()}
    assert named == each_with_each(scene)


pairs = st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1])
shared = st.sampled_from([("call",), ("chat",), ("call", "chat")])


@given(found=st.dictionaries(pairs, shared, max_size=30))
def test_grouping_by_rule_keeps_every_pair_in_one_overlap(found: dict[tuple[int, int], tuple[str, ...]]) -> None:
    """Its first rule overlaps with all others it names, and each pair is named together."""
    grouped = overlaps.by_rule(found)
    for overlap in grouped:
        for other in overlap.others:
            assert found[min(overlap.rule, other), max(overlap.rule, other)] == overlap.kinds
    for pair, kinds in found.items():
        assert any(set(pair) <= {each.rule, *each.others} for each in grouped if each.kinds == kinds)


def scene_of(activities: Sequence[dict[str, Any]]) -> Scene:
    rules = [{"name": f"R{n}", "activity": one, "points": 5} for n, one in enumerate(activities)]
    score = {"engagement": {"groups": [{"name": "G", "rules": rules}]}}
    return Scene(Scorecard.model_validate({"scorecard": "x", "score": score}))


def each_with_each(scene: Scene) -> dict[tuple[str, str], tuple[str, ...]]:
    """The definition itself, too slow for many rules."""
    prover, found = scene.plain, {}
    chosen = [one.rule for one in scene.rules if scene.fires(one.rule) and not scene.always(one.rule)]
    for first, second in combinations(chosen, 2):
        shared = []
        for one, other in product(first.activity_conditions.values(), second.activity_conditions.values()):
            for kind in sorted(kinds_of(scene, one) | kinds_of(scene, other)) or [""]:
                a, b = only(one, kind), only(other, kind)
                if not prover.never(a) and not prover.never(b) and (prover.follows(a, b) or prover.follows(b, a)):
                    shared.append(kind)
        if shared:
            found[first.name, second.name] = tuple(filter(None, shared))
    return found


def only(condition: ActivityCondition, kind: str) -> ActivityCondition:
    return ActivityCondition.model_validate({"all": [condition, {"kind": kind}]}) if kind else condition


APART: dict[str, Callable[[int], dict[str, Any]]] = {
    "contains": lambda n: {"kind": "page_view", "url": {"contains": f"/p{n}/"}},
    "two fields": lambda n: {"kind": "page_view", "url": {"starts_with": f"/p{n}/"}, "name": "x"},
    "kinds": lambda n: {"kind": [f"k{n}", f"k{n + 5000}"]},
    "lists": lambda n: {"kind": "form", "name": {"in": [f"form {n} a", f"form {n} b"]}},
    "patterns": lambda n: {"url": {"matches": f"/p{n}/.*"}},
    "either": lambda n: {"kind": "page_view", "any": [{"url": {"contains": f"/p{n}/"}}, {"name": f"n{n} "}]},
    "several": lambda n: {"kind": "page_view", "url": {"contains_any": [f"/p{n}/", f"/q{n}/"]}},
}


@pytest.mark.parametrize("activity", APART.values(), ids=APART)
def test_a_thousand_rules_that_are_apart_are_told_apart(activity: Callable[[int], dict[str, Any]]) -> None:
    """Comparing each rule with every other would exceed the limit, which would be reported."""
    assert overlaps.MOST_COMPARED < 1000 * 999 // 2
    assert list(overlaps.slips(scene_of([activity(n) for n in range(1000)]))) == []


def test_what_holds_for_many_rules_is_said_once_with_the_first_names(write: Write) -> None:
    lines = ",\n".join(f"{{name: R{n}, activity: {{kind: page_view}}, points: {n % 2}}}" for n in range(200))
    path = write(f"scorecard: x\nscore:\n  engagement:\n    groups: [{{name: G, rules: [\n{lines}\n]}}]\n")
    report = check_scorecard(path)
    assert not report.mistakes
    said = [slip.message for slip in report.slips]
    assert len(said) <= 3
    assert "the rule 'R0' gives 0 points. The same applies to 'R2', 'R4', 'R6' and 96 more." in said
    assert "the rule 'R1' counts page_view activities that are also counted by 'R3', 'R5', 'R7' and 96 more." in said


def test_a_rule_that_overlaps_with_many_gets_one_warning(write: Write) -> None:
    """The other rules do not overlap, so the pairs share only the first rule."""
    lines = [
        f"{{name: R{n}, activity: {{kind: page_view, url: {{contains: /p{n}/}}}}, points: 1}}" for n in range(1, 200)
    ]
    rules = ",\n".join(["{name: R0, activity: {kind: page_view}, points: 1}", *lines])
    path = write(f"scorecard: x\nscore:\n  engagement:\n    groups: [{{name: G, rules: [\n{rules}\n]}}]\n")
    assert [slip.message for slip in check_scorecard(path).slips] == [
        "the rule 'R0' counts page_view activities that are also counted by 'R1', 'R2', 'R3' and 196 more."
    ]


def test_more_overlaps_than_can_be_looked_for_are_owned_up_to(write: Write) -> None:
    lines = ",\n".join(
        f"{{name: R{n}, activity: {{kind: call, seconds: {{at_least: {n}, below: {n + 1}}}}}, points: 5}}"
        for n in range(250)
    )
    path = write(f"scorecard: x\nscore:\n  engagement:\n    groups: [{{name: G, rules: [\n{lines}\n]}}]\n")
    assert "not all of them were compared" in check_scorecard(path).slips[0].message
