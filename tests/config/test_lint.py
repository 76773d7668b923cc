"""The lint reports only what it can prove: compared with brute force on small examples."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import load_scorecard
from config.documents import read_document
from config.lint import lint
from config.lint.logic import Reader
from config.lint.proofs import Prover
from scoring import Scorecard, score, touchpoints
from scoring.card.conditions import LeadCondition
from scoring.card.declarations import Declarations
from scoring.card.operands import Scope
from scoring.conditions import Terms
from tests.config.conftest import Write
from tests.examples import up_to

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
FIELDS: dict[str, Any] = {"n": "number", "t": "text", "f": "flag", "d": "time", "l": "list"}


def told(write: Write, text: str) -> list[str]:
    path = write(f"scorecard: x\n{text}")
    return [f"{slip.line}: {slip.path}: {slip.message}" for slip in lint(load_scorecard(path), read_document(path))]


def rules(*lines: str, section: str = "fit", fields: str = "n: number, t: text, f: flag, d: time, l: list") -> str:
    """Return a scorecard with these rules, one per line from line 8."""
    head = f"fields: {{{fields}}}\nscore:\n  {section}:\n    groups:\n      - name: G\n        rules:\n"
    return head + "".join(f"          - {line}\n" for line in lines)


def about_rules(found: list[str]) -> list[str]:
    return [one for one in found if "declared but not used" not in one]


NEVER = [
    "{n: {at_least: 10, below: 10}}",
    "{n: {between: [1, 5], not_in: [1, 2], above: 5}}",
    "{all: [{n: 5}, {n: 6}]}",
    "{n: {above: 5}, not: {n: {at_least: 3}}}",
    "{n: {known: false, at_least: 3}}",
    "{f: true, not: {f: true}}",
    "{f: {is_not: true, not_in: [false]}}",
    "{t: {in: [a, b], not_in: [B, A]}}",
    "{t: {in: [abc, abd], matches: '^x'}}",
    "{t: {starts_with: ab}, all: [{t: {starts_with: cd}}]}",
    "{t: {contains: pricing}, not: {t: {contains: pri}}}",
    "{t: {matches: x}, not: {t: {matches: x}}}",
    "{t: {contains_any: [xa, xb]}, not: {t: {contains: x}}}",
    "{d: {within: 3d, older_than: 3d}}",
    "{d: {within_next: 9d, older_than: 1h}}",
    "{d: {at_least: 2026-02-01, below: 2026-01-01}}",
    "{l: {is: a}, not: {l: {contains: a}}}",
    "{any: []}",
    "{any: [{n: {above: 5, below: 4}}, {f: true, not: {f: true}}]}",
    "{activities: {kind: call, at_least: 3, within: 5d}, not: {activities: {kind: [call, chat], within: 10d, at_least: 2}}}",
    "{activities: {kind: call, url: {contains: x}}, all: [{activities: {kind: call, at_most: 0}}]}",
    "{activities: {kind: call, not: {kind: [call, chat]}}}",
    "{unanswered: {kind: call, by: [call, chat]}}",
    "{unanswered: {kind: call, by: chat, within: 3d}, not: {activities: {within: 5d}}}",
]
POSSIBLE = [
    "{n: {at_least: 10, at_most: 10}}",
    "{n: {above: 5}, not: {n: {at_least: 7}}}",
    "{d: {within: 3d, within_next: 3d}}",
    "{t: {starts_with: ab, ends_with: ba}}",
    "{t: {matches: '^a'}, not: {t: {matches: 'a'}}}",
    "{t: {known: false}, not: {f: true}}",
    "{l: {is: a, in: [b], contains: c}}",
    "{activities: {kind: call, at_least: 3, within: 10d}, not: {activities: {kind: call, within: 5d, at_least: 2}}}",
    "{activities: {at_most: 0}}",
    "{unanswered: {kind: [call, chat], by: call}}",
]


@pytest.mark.parametrize("condition", NEVER)
def test_a_rule_that_can_never_fire_is_told(write: Write, condition: str) -> None:
    found = about_rules(told(write, rules(f"{{name: R, lead: {condition}, points: 5}}")))
    assert [one.split(": ")[0:2] for one in found] == [["8", "score.fit.groups.0.rules.0"]]
    assert "'R' can never fire: " in found[0]


@pytest.mark.parametrize("condition", POSSIBLE)
def test_a_rule_that_may_fire_is_not_told(write: Write, condition: str) -> None:
    assert about_rules(told(write, rules(f"{{name: R, lead: {condition}, points: 5}}"))) == []


@pytest.mark.parametrize(
    "condition",
    [
        "{}",
        "{any: [{n: {known: true}}, {n: {known: false}}]}",
        "{any: [{n: {known: false}}, {n: {at_least: 3}}, {n: {below: 3}}]}",
        "{any: [{n: {known: false}}, {not: {n: {above: 5, below: 5}}}]}",
        "{any: [{f: true}, {f: false}, {f: {known: false}}]}",
        "{activities: {at_least: 0}}",
        "{any: [{activities: {kind: call}}, {activities: {kind: call, at_most: 0}}]}",
    ],
)
def test_a_rule_that_always_fires_is_told(write: Write, condition: str) -> None:
    found = about_rules(told(write, rules(f"{{name: R, lead: {condition}, points: 5}}")))
    assert len(found) == 1
    assert "fires for every lead" in found[0]


@pytest.mark.parametrize("condition", ["{any: [{f: true}, {f: false}]}", "{n: {is_not: 5}}", "{not: {f: true}}"])
def test_what_a_missing_value_leaves_open_does_not_always_fire(write: Write, condition: str) -> None:
    assert about_rules(told(write, rules(f"{{name: R, lead: {condition}, points: 5}}"))) == []


SCALARS: dict[str, list[Any]] = {"n": [1, 2, 3], "t": ["a", "b", "ab"], "f": [True, False], "l": ["a", "b"]}
WORLD = [
    dict(zip(("n", "t", "f", "l"), values, strict=True))
    for values in itertools.product(
        [None, 0.0, 1.0, 1.5, 2.0, 3.0, 4.0],
        [None, "a", "b", "ab", "ba", "c"],
        [None, True, False],
        [None, ["a"], ["b"], ["a", "b"], ["c"]],
    )
]
SCOPE = Scope(fields=FIELDS)
FRAME = pl.DataFrame(WORLD, schema={"n": pl.Float64, "t": pl.String, "f": pl.Boolean, "l": pl.List(pl.String)})


def drawn_test(name: str) -> st.SearchStrategy[Any]:
    one = st.sampled_from(SCALARS[name])
    some = st.lists(one, min_size=1, max_size=2)
    operators: dict[str, st.SearchStrategy[Any]] = {
        "is": one,
        "is_not": one,
        "in": some,
        "not_in": some,
        "known": st.booleans(),
    }
    if name == "n":
        operators |= dict.fromkeys(("at_least", "at_most", "above", "below"), one)
        operators["between"] = st.lists(one, min_size=2, max_size=2).map(sorted)
    if name in {"t", "l"}:
        operators |= {
            "contains": one,
            "contains_any": some,
            "starts_with": one,
            "ends_with": one,
            "matches": st.sampled_from(["^a", "b$", "a"]),
        }
    mapping = st.lists(st.sampled_from(sorted(operators)), min_size=1, max_size=2, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({each: operators[each] for each in names})
    )
    return one | some | mapping


leaves = st.sampled_from(sorted(SCALARS)).flatmap(lambda name: drawn_test(name).map(lambda test: {name: test}))
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
        st.tuples(leaves, inner).map(lambda pair: {**pair[0], "any": [pair[1], pair[0]]}),
    ),
    max_leaves=6,
)


def outcomes(condition: LeadCondition) -> list[bool | None]:
    """Return the result of a condition for every lead of the small example, computed by scoring."""
    return FRAME.with_columns(Terms(SCOPE).holds(condition).alias("holds"))["holds"].to_list()


def held(raw: dict[str, Any]) -> LeadCondition:
    return LeadCondition.model_validate(raw, context=Declarations(fields=FIELDS))


@settings(max_examples=up_to(120), deadline=None)
@given(first=conditions, second=conditions)
def test_what_is_proved_is_true_in_the_small_world(first: dict[str, Any], second: dict[str, Any]) -> None:
    """The lint may miss something, but what it reports as never or always true, or implied, is so for every lead."""
    prover = Prover(Reader(SCOPE))
    one, other = held(first), held(second)
    came_to, then = outcomes(one), outcomes(other)
    if prover.never(one):
        assert True not in came_to
    if prover.always(one):
        assert set(came_to) == {True}
    if prover.follows(one, other):
        assert not any(a is True and b is not True for a, b in zip(came_to, then, strict=True))


@settings(max_examples=up_to(80), deadline=None)
@given(raw=conditions.filter(lambda raw: not {"t", "l"} & set(str(raw).replace("'", " ").split())))
def test_on_numbers_and_flags_the_lint_misses_nothing(raw: dict[str, Any]) -> None:
    """Numbers and flags are decided exactly: what is never true in the small example is proved so."""
    condition = held(raw)
    came_to = outcomes(condition)
    assert bool(Prover(Reader(SCOPE)).never(condition)) == (True not in came_to)


CAPS: list[tuple[str, str | None]] = [
    ("{name: R, activity: {kind: chat}, points: 5, award: once, maximum: 5}", "rules.0.maximum"),
    ("{name: R, activity: {kind: chat}, points: 5, limit: 2 ever, maximum: 9}", None),
    ("{name: R, activity: {kind: chat}, points: 5, limit: 2 ever, maximum: 10}", "rules.0.maximum"),
    ("{name: R, activity: {kind: chat}, points: -5, limit: 2 ever, maximum: 30}", "rules.0.maximum"),
    ("{name: R, activity: {kind: chat}, points: 1, limit: 1 per day, within: 30d, maximum: 31}", "rules.0.maximum"),
    ("{name: R, activity: {kind: chat}, points: 1, limit: 1 per day, within: 30d, maximum: 30}", None),
    ("{name: R, activity: {kind: chat}, points: 1, limit: 1 per day, half_life: 14d, maximum: 22}", "rules.0.maximum"),
    ("{name: R, activity: {kind: chat}, points: 1, limit: 1 per day, half_life: 14d, maximum: 20}", None),
    ("{name: R, activity: {kind: chat}, points: 1, limit: 1 per day, maximum: 900}", None),
    ("{name: R, activity: {kind: chat}, points: 1, half_life: 1d, maximum: 900}", None),
]


@pytest.mark.parametrize(("rule", "place"), CAPS)
def test_a_cap_of_a_rule_that_never_binds_is_told(write: Write, rule: str, place: str | None) -> None:
    found = about_rules(told(write, rules(rule, section="engagement")))
    assert [one.split(": ")[1] for one in found] == ([f"score.engagement.groups.0.{place}"] if place else [])


def test_caps_of_groups_sections_and_the_score_that_never_bind_are_told(write: Write) -> None:
    text = """\
fields: {t: text, n: number}
score:
  minimum: -90
  maximum: 101
  fit:
    minimum: 0
    maximum: 40
    groups:
      - {name: A, maximum: 30, rules: [{name: a, lead: {t: x}, points: 30}]}
      - {name: B, minimum: -5, rules: [{name: b, table: n, points: {1: -5, 2: 7}}]}
  engagement:
    maximum: 60
    groups: [{name: C, rules: [{name: c, activity: {kind: chat}, points: 5}]}]
"""
    assert told(write, text) == [
        "4: score.minimum: `minimum: -90` has no effect: the score is at least 0.",
        "5: score.maximum: `maximum: 101` has no effect: the score is at most 97.",
        "8: score.fit.maximum: `maximum: 40` has no effect: fit is at most 37.",
        "10: score.fit.groups.0.maximum: `maximum: 30` has no effect: the group 'A' is at most 30.",
        "11: score.fit.groups.1.minimum: `minimum: -5` has no effect: the group 'B' is at least -5.",
    ]


def test_the_maximum_of_a_section_may_equal_what_its_rules_come_to(write: Write) -> None:
    """It also defines 100 % in the priority index."""
    text = rules("{name: a, lead: {t: x}, points: 30}", fields="t: text").replace(
        "  fit:\n", "  fit:\n    maximum: 30\n"
    )
    assert told(write, text) == []


ages = st.integers(0, 400 * 86_400)
activity_rules = st.fixed_dictionaries(
    {"name": st.just("R"), "activity": st.just({"kind": "chat"}), "points": st.sampled_from([5, -3, 0.5])},
    optional={
        "limit": st.sampled_from(["1 per day", "2 per week", "1 per month", "3 per 90d", "2 ever"]),
        "award": st.sampled_from(["each", "once"]),
        "within": st.sampled_from(["1d", "36h", "30d", "8w"]),
        "maximum": st.sampled_from([4, 7.5, 20]),
    },
).flatmap(
    lambda rule: st.sampled_from(
        [{}, {"half_life": "7d"}, {"lifespan": "90d"}, {"steps": {"every": "30d", "lose": "25%"}}]
    ).map(lambda decay: {**rule, **decay})
)


@settings(max_examples=up_to(60), deadline=None)
@given(rule=activity_rules, seconds=st.lists(ages, max_size=60))
def test_no_history_goes_beyond_the_range_of_a_rule(rule: dict[str, Any], seconds: list[int]) -> None:
    card = Scorecard.model_validate(
        {"scorecard": "x", "score": {"engagement": {"groups": [{"name": "G", "rules": [rule]}]}}}
    )
    rows = {
        "lead": ["a"] * len(seconds),
        "id": [str(number) for number in range(len(seconds))],
        "kind": ["chat"] * len(seconds),
        "occurred_at": [NOW - timedelta(seconds=each) for each in seconds],
    }
    schema = {"lead": pl.String, "id": pl.String, "kind": pl.String, "occurred_at": pl.Datetime("us", "UTC")}
    activities, places = touchpoints(pl.DataFrame(rows, schema=schema))
    lines = score(pl.DataFrame({"lead": ["a"]}), activities, places, card, NOW, explain=True).lines
    points = lines.filter(pl.col("type") == "rule")["points"].sum()
    reach = card.score.sections["engagement"].rules[0].reach  # type: ignore[union-attr]
    assert reach.low - 1e-9 <= points <= reach.high + 1e-9


OVERLAPS: list[tuple[list[str], bool]] = [
    (["{kind: page_view}", "{kind: page_view, url: {contains: /pricing}}"], True),
    (["{kind: [chat, call]}", "{kind: call}"], True),
    (["{kind: [chat, call], name: {contains: x}}", "{kind: [call, meeting]}"], True),
    (["{kind: page_view, url: {contains: /pricing/de}}", "{kind: page_view, url: {contains: /pricing}}"], True),
    (["{kind: call, seconds: {at_least: 60}}", "{kind: call, seconds: {above: 10}}"], True),
    (["{url: {contains: /a}}", "{url: {contains: /a/b}}"], True),
    (["{kind: page_view, url: {contains: /blog}}", "{kind: page_view, url: {contains: /pricing}}"], False),
    (["{kind: page_view, not: {url: {contains: /pricing}}}", "{kind: page_view, url: {contains: /pricing}}"], False),
    (["{kind: call, seconds: {at_least: 60}}", "{kind: call, seconds: {below: 60}}"], False),
    (["{kind: chat}", "{kind: call}"], False),
]


@pytest.mark.parametrize(("activities", "overlap"), OVERLAPS)
def test_rules_that_count_one_touch_twice_are_told(write: Write, activities: list[str], overlap: bool) -> None:
    lines = [f"{{name: R{number}, activity: {one}, points: 5}}" for number, one in enumerate(activities)]
    found = about_rules(told(write, rules(*lines, section="engagement")))
    assert [
        one.startswith("8: score.engagement.groups.0.rules.0: the rule 'R0' counts")
        and one.endswith("counted by 'R1'.")
        for one in found
    ] == [True] * overlap


def test_a_rule_that_takes_points_away_corrects_and_does_not_overlap(write: Write) -> None:
    lines = [
        "{name: All, activity: {kind: page_view}, points: 1}",
        "{name: Jobs, activity: {kind: page_view, url: {contains: /jobs}}, points: -5}",
    ]
    assert about_rules(told(write, rules(*lines, section="engagement"))) == []


@pytest.mark.parametrize(
    ("stages", "unreachable"),
    [
        ("{name: A}, {name: B, when: {activities: {kind: call, within: 10d}}}, {name: C, when: {activities: {within: 30d}}}", "B"),
        ("{name: A}, {name: B, when: {activities: {within: 30d}}}, {name: C, when: {activities: {kind: call, within: 10d}}}", None),
        ("{name: A}, {name: B, when: {activities: {kind: call, within: 10d}}, keep: {n: 1}}, {name: C, when: {activities: {within: 30d}}}", None),
        ("{name: A}, {name: B, when: {n: {above: 5, below: 3}}}", "B"),
        ("{name: A}, {name: B, when: {n: {above: 5, below: 3}}, keep: {t: x}}, {name: C, when: {t: x}}", "B"),
        ("{name: A}, {name: B, when: {n: {above: 5, below: 3}}, keep: {t: x}}, {name: C, when: {n: 3}}", None),
        ("{name: A}, {name: B, when: {any: [{n: {known: true}}, {n: {known: false}}]}}", "A"),
        ("{name: A}, {name: B, when: {n: {at_least: 10}}}, {name: C, when: {n: {at_least: 5}}}", "B"),
    ],
)  # fmt: skip
def test_a_stage_that_cannot_be_reached_is_told(write: Write, stages: str, unreachable: str | None) -> None:
    found = about_rules(told(write, f"fields: {{n: number, t: text}}\nreadiness: {{stages: [{stages}]}}\n"))
    assert [one.split("stage '")[1][0] for one in found] == ([unreachable] if unreachable else [])


@pytest.mark.parametrize(
    ("share", "urgency", "said"),
    [
        ("5%", "now", []),
        ("20%", "now", []),
        ("0%", "soon", ["priority.experiment.share: nobody is in the experiment: its share is 0%."]),
        ("25%", "now", ["priority.experiment.share: the experiment draws the place of 25% of the leads by chance."]),
        ("5%", "soon", ["priority.experiment: the experiment moves leads that wait for an answer too: this card knows no urgency `now`."]),
    ],
)  # fmt: skip
def test_an_experiment_that_tells_nothing_or_costs_much_is_told(
    write: Write, share: str, urgency: str, said: list[str]
) -> None:
    text = (
        "fields: {n: number}\nreadiness:\n  stages: [{name: A}]\n"
        f"  urgency: [{{is: {urgency}, when: {{n: {{at_least: 5}}}}}}]\n"
        f"priority:\n  matrix: {{A: {{A: P1, B: P1, C: P1, D: P1, F: P1, '?': P1}}}}\n  experiment: {{share: {share}}}\n"
    )
    assert [one.split(": ", 1)[1] for one in told(write, text)] == said


def test_thresholds_beyond_what_the_points_can_come_to_are_told(write: Write) -> None:
    text = rules("{name: a, lead: {t: x}, points: 30}", fields="t: text") + (
        "readiness:\n  stages:\n    - {name: A}\n    - {name: B, when: {fit: {at_least: 30}}}\n    - {name: C, when: {fit: {above: 30}}}\n"
        "  urgency:\n    - {is: now, when: {stage: C}}\n    - {is: soon, when: {stage: {above: C}}}\n"
    )
    assert told(write, text) == [
        "13: readiness.stages.2.when: the stage 'C' cannot be reached: `fit` can never meet `above: 30`: it is between 0 and 30.",
        "16: readiness.urgency.1.when: this entry can never give the urgency 'soon': `stage` can never meet `above: C`: it is between 0 and 2.",
    ]


def test_entries_behind_one_that_takes_all_of_theirs_are_told(write: Write) -> None:
    text = (
        "fields: {n: number}\nreadiness:\n  stages: [{name: A}]\n  urgency:\n"
        "    - {is: now, when: {n: {at_least: 5}}}\n    - {is: soon, when: {n: {at_least: 7}}}\n    - {is: later, when: {n: {at_least: 3}}}\n"
    )
    assert told(write, text) == [
        "7: readiness.urgency.1: this 'soon' has no effect: whenever it holds, the earlier 'now' holds too."
    ]


def test_a_named_priority_that_no_cell_gives_is_told(write: Write) -> None:
    text = """
readiness: {stages: [{name: All}]}
priority:
  names: [Hot, Warm, Cold]
  first: [{is: Hot, when: {urgency: now}}]
  matrix: {All: {A: Hot, B: Hot, C: Hot, D: Cold, F: Cold, '?': Cold}}
"""
    assert [one for one in told(write, text) if "Warm" in one] == [
        "5: priority.names: no lead gets the priority 'Warm': it is neither in the matrix nor under `first`."
    ]


def test_profiles_criteria_and_letters_that_never_matter_are_told(write: Write) -> None:
    text = """\
fields: {n: number, t: text}
grade:
  profiles:
    - name: P
      criteria:
        - {name: a, weight: 1, match: {n: {at_least: 5}}, partial: {n: {at_least: 10}}}
        - {name: b, weight: 1, match: {n: {above: 5, below: 5}}}
        - {name: c, weight: 1, match: {t: x}, partial: {t: {is_not: x}}}
    - name: Q
      criteria: [{name: a, weight: 1, match: {t: x}}]
  bands: {A: 120, B: 50, F: 0}
  disqualified: {all: [{t: x}, {t: y}]}
"""
    found = told(write, text)
    assert [one.split(": ")[:2] for one in found] == [
        ["7", "grade.profiles.0.criteria.0.partial"],
        ["8", "grade.profiles.0.criteria.1.match"],
        ["10", "grade.profiles.1"],
        ["12", "grade.bands.A"],
        ["13", "grade.disqualified"],
    ]


def test_fields_that_nothing_asks_for_are_told(write: Write) -> None:
    lines = [
        "{name: a, table: t, points: {x: 5}}",
        "{name: b, lead: {any: [{not: {n: 5}}]}, points: 5, since: d, half_life: 3d}",
    ]
    found = told(write, rules(*lines) + "examples: [{name: e, lead: {f: true}, expect: {fit: 5}}]\n")
    assert found == [f"2: fields.{name}: the field `{name}` is declared but not used." for name in ("f", "l")]


def test_rules_that_give_nothing_and_kinds_that_look_misspelt_are_told(write: Write) -> None:
    lines = [
        "{name: a, activity: {kind: demo_reqest}, points: 5}",
        "{name: b, activity: {kind: our_own_kind}, points: 5}",
        "{name: c, activity: {kind: call}, points: 0}",
        "{name: d, activity: {kind: chat}, points: 5, limit: 1 ever, at_least: 2}",
        "{name: e, activity: {}, points: 5}",
    ]
    found = about_rules(told(write, rules(*lines, section="engagement")))
    assert [one.split(": ", 2)[2].split(":")[0] for one in found] == [
        "the activity kind 'demo_reqest' looks misspelt.",
        "the rule 'c' gives 0 points.",
        "the rule 'd' can never fire",
        "the rule 'e' fires for every activity, including bounces and unsubscribes.",
    ]


def test_a_limit_that_leaves_too_few_within_the_window_is_told(write: Write) -> None:
    lines = [
        "{name: a, activity: {kind: call}, points: 5, limit: 1 per 30d, within: 60d, at_least: 3}",
        "{name: b, activity: {kind: call}, points: 5, limit: 1 per 30d, within: 61d, at_least: 3}",
        "{name: c, activity: {kind: chat}, points: 5, limit: 1 per month, within: 30d, at_least: 4}",
        "{name: d, activity: {kind: chat}, points: 5, limit: 1 per month, within: 30d, at_least: 3}",
        "{name: e, activity: {kind: meeting}, points: 5, limit: 1 per day, at_least: 3}",
    ]
    found = [one for one in about_rules(told(write, rules(*lines, section="engagement"))) if "never fire" in one]
    assert [one.split(": ", 2)[2].split(":")[0] for one in found] == [
        "the rule 'a' can never fire",
        "the rule 'c' can never fire",
    ]


def test_conditions_with_a_great_many_alternatives_are_let_be(write: Write) -> None:
    """Twenty conditions with two alternatives make a million cases: the lint gives up quickly and reports nothing."""
    parts = ", ".join("{any: [{n: 1}, {n: 2}]}" for _ in range(20))
    assert about_rules(told(write, rules(f"{{name: R, lead: {{all: [{parts}]}}, points: 5}}"))) == []


def test_gaps_between_days_and_a_not_that_a_missing_value_never_meets_are_told(write: Write) -> None:
    lines = [
        "{name: a, table: {days_since: d}, points: {0-30: 5, 31-90: 2}}",
        "{name: b, table: {days_until: d}, points: {0-30: 5, 30-90: 2}}",
        "{name: c, table: n, points: {0-30: 5, 31-90: 2}}",
        "{name: d, lead: {any: [{not: {n: {above: 0}}}]}, points: 1}",
        "{name: e, lead: {not: {n: {above: 0, or_missing: true}}}, points: 1}",
        "{name: f, table: n, points: {1+: 5}, when: {n: {above: 2, below: 1}}}",
        "{name: g, lead: {n: {above: {field: m}}, not: {n: {above: {field: m}}}}, points: 1}",
        "{name: h, lead: {n: {below: 5, or_missing: true, above: 6}}, points: 1}",
    ]
    fields = "n: number, m: number, t: text, f: flag, d: time, l: list"
    assert about_rules(told(write, rules(*lines, fields=fields))) == [
        "8: score.fit.groups.0.rules.0.points: the ranges '0-30' and '31-90' of 'a' leave a gap: days are not rounded.",
        (
            "11: score.fit.groups.0.rules.3.lead.any.0.not: a lead without `n` never meets this `not`:"
            " a missing value is unknown, not 0."
        ),
        "13: score.fit.groups.0.rules.5: the rule 'f' can never fire: `n` cannot meet `above: 2` and `below: 1` at once.",
    ]


def test_a_group_that_is_open_to_no_lead_is_told(write: Write) -> None:
    group = "- {name: G, when: {n: {above: 2, below: 1}}, rules: [{name: R, lead: {n: 1}, points: 1}]}"
    card = f"fields: {{n: number}}\nscore:\n  fit:\n    groups:\n      {group}\n"
    (found,) = told(write, card)
    assert "the group 'G' is for no lead" in found


def test_a_rule_that_its_group_never_opens_for_is_told(write: Write) -> None:
    card = """\
fields: {n: number, t: time}
score:
  engagement:
    groups:
      - name: G
        when: {n: {above: 2}, activities: {kind: call}}
        rules:
          - {name: a, lead: {n: 1}, points: 1}
          - {name: b, activity: {kind: call}, points: 1, when: {n: {below: 1}}}
          - {name: c, lead: {activities: {kind: call, at_most: 0}}, points: 1}
          - {name: d, lead: {n: 3}, points: 1}
          - name: e
            activity: {kind: chat}
            points: 1
            reset: [{name: Anew, since: t}]
            when: {activities: {kind: call, at_most: 0}}
"""
    assert [one.split(": ", 2)[2].split(":")[0] for one in told(write, card)] == [
        f"the rule '{name}' can never fire" for name in "abc"
    ]


def test_resets_that_never_hide_anything_are_told(write: Write) -> None:
    card = """\
fields: {n: number, t: time, u: time}
reset: [{name: Returned, since: t}]
score:
  fit:
    reset: [{name: Fit, since: u}]
    groups:
      - name: F
        rules: [{name: a, lead: {n: 1}, points: 1}]
  engagement:
    groups:
      - name: G
        reset:
          - {name: Again, since: t}
          - {name: Never, activity: {kind: call, value: {above: 2, below: 1}}}
          - {name: Unsubscribed, activity: {kind: unsubscribe}}
        rules:
          - {name: b, activity: {kind: call}, points: 1}
          - {name: c, activity: {kind: unsubscribe}, points: -20}
          - {name: d, activity: {kind: [unsubscribe, bounce]}, points: -5}
"""
    assert [one.split(": ", 2)[2] for one in told(write, card)] == [
        "the reset 'Fit' has no effect: nothing in its place looks at activities.",
        "the reset 'Again' has no effect: the reset 'Returned' around it has the same moment.",
        "the reset 'Never' has no effect: no activity can match: `value` cannot meet `above: 2` and `below: 1` at once.",
        "the rule 'c' can never fire: the reset 'Unsubscribed' hides whatever it counts.",
    ]


@pytest.mark.parametrize(
    ("more", "has_effect"),
    [
        ("", False),
        ("figures: {f: {count: activities}}", True),
        ("readiness: {stages: [{name: A}, {name: B, when: {n: 1}, keep: {n: 2}}]}", True),
        ("readiness: {stages: [{name: A}, {name: B, when: {unanswered: {kind: chat, by: call}}}]}", True),
    ],
)
def test_a_reset_of_the_card_has_an_effect_on_all_that_looks_back(write: Write, more: str, has_effect: bool) -> None:
    card = f"fields: {{n: number, t: time}}\nreset: [{{name: Returned, since: t}}]\n{more}\n"
    found = told(write, card + "score: {fit: {groups: [{name: F, rules: [{name: a, lead: {n: 1}, points: 1}]}]}}\n")
    assert any("nothing in its place looks at activities" in one for one in found) is not has_effect


def test_figures_and_fields_of_deals_that_nothing_uses_are_told(write: Write) -> None:
    card = """\
fields: {n: number}
deals: {amount: number, open: flag, stage: text}
figures:
  worth: {sum: amount, of: deals, where: {not: {open: true}}}
  idle: {count: deals}
score: {fit: {groups: [{name: F, rules: [{name: a, lead: {n: {above: {field: worth}}}, points: 1}]}]}}
"""
    assert told(write, card) == [
        "3: deals.stage: the field `stage` of deals is declared, but no figure uses it.",
        "6: figures.idle: the figure `idle` is declared but not used.",
    ]


def test_none_is_an_answer_for_memberships(write: Write) -> None:
    lines = [
        "{name: a, lead: {s: {known: false}, any: [{s: x}]}, points: 1}",
        "{name: b, lead: {s: {known: false, is_not: x}}, points: 1}",
        "{name: c, lead: {any: [{s: x}, {not: {s: x}}]}, points: 1}",
        "{name: d, lead: {any: [{l: x}, {not: {l: x}}]}, points: 1}",
        "{name: e, lead: {s: x, not: {s: {contains: x}}}, points: 1}",
    ]
    found = about_rules(told(write, rules(*lines, fields="s: member_of, l: list")))
    assert [one.split(": ", 2)[2].split(":")[0] for one in found] == [
        "the rule 'a' can never fire",
        "the rule 'c' fires for every lead",
        "the rule 'e' can never fire",
    ]


ACCOUNTS = """\
fields: {{site: text, role: text}}
deals: {{amount: number, open: flag}}
reset: [{{name: Called, activity: {{kind: call}}}}]
accounts:
  fields: {{web: text, size: number, age: number, idle: number}}
  by_domain: {{lead: site, account: web}}
  figures: {{worth: {{sum: amount, of: deals}}, heads: {{count: leads, where: {{role: User}}}}, seen: {{count: activities}}}}
  score:
    maximum: {total}
    fit:
      groups:
        - name: G
          rules:
            - {{name: Never, lead: {{size: {{at_least: 5, below: 2}}}}, points: 5}}
            - {{name: Worth, lead: {{worth: {{at_least: 5}}}}, points: 5}}
    engagement: {{coverage: {{by: role, engaged: {{}}, points: {{User: 5, Boss: 5}}}}}}
score: {{fit: {{groups: [{{name: G, rules: [{{name: Age, lead: {{account.age: 5, account.seen: 1}}, points: 1}}]}}]}}}}
"""


def test_what_is_odd_about_accounts_is_told_where_it_is(write: Write) -> None:
    """What leads read of accounts is used; a reset of leads hides activities from accounts too."""
    never = "the rule 'Never' can never fire: `size` cannot meet `at_least: 5` and `below: 2` at once."
    found = [
        "3: deals.open: the field `open` of deals is declared, but no figure uses it.",
        "6: accounts.fields.idle: the field `idle` is declared but not used.",
        "8: accounts.figures.heads: the figure `heads` is declared but not used.",
        f"15: accounts.score.fit.groups.0.rules.0: {never}",
    ]
    assert told(write, ACCOUNTS.format(total=14)) == found
    idle = "10: accounts.score.maximum: `maximum: 16` has no effect: the score is at most 15."
    assert told(write, ACCOUNTS.format(total=16)) == [*found[:3], idle, found[3]]


EMPTIES = """placeholders: [Select, "-"]
fields: {t: text, l: list, n: number}
deals: {kind: text}
figures: {old: {count: deals, where: {not: {kind: select}}}}
score:
  fit:
    groups:
      - name: G
        rules:
          - {name: R, lead: {t: {in: [ads, SELECT]}}, points: 5}
          - {name: S, lead: {any: [{l: {contains: select}}, {not: {t: "-"}}]}, points: 5}
          - {name: T, table: t, points: {ads: 3, Select: -2}, missing: 1}
          - {name: U, lead: {t: {contains: select}, n: {at_least: 1}, old: {at_least: 1}}, points: 5}
accounts:
  fields: {industry: text}
  score:
    fit: {groups: [{name: H, rules: [{name: V, lead: {industry: {is_not: select}}, points: 5}]}]}
"""


def test_comparing_with_a_text_that_counts_as_missing_is_told(write: Write) -> None:
    """Wherever it is compared as a whole: in conditions, tables, figures of deals and the card of accounts."""
    found = [one for one in told(write, EMPTIES) if "counts as missing" in one]
    assert [one.split(": ")[1] for one in found] == [
        "figures.old.where.not.kind",
        "score.fit.groups.0.rules.0.lead.t",
        "score.fit.groups.0.rules.1.lead.any.0.l",
        "score.fit.groups.0.rules.1.lead.any.1.not.t",
        "score.fit.groups.0.rules.2.points.Select",
        "accounts.score.fit.groups.0.rules.0.lead.industry",
    ]
    assert "`t` never holds 'SELECT'" in found[1]
    assert "'T' never finds 'Select', which counts as missing (`placeholders`): it gives 1 points" in found[4]


def test_without_placeholders_nothing_is_told_of_them(write: Write) -> None:
    assert not [one for one in told(write, EMPTIES.split("\n", 1)[1]) if "counts as missing" in one]


def test_denying_a_figure_is_no_mistake(write: Write) -> None:
    """A count is 0, never missing."""
    text = "deals: {open: flag}\nfigures: {old: {count: deals}}\n" + rules(
        "{name: R, lead: {not: {old: {above: 0}}}, points: 5}"
    )
    assert not [one for one in told(write, text) if "never meets" in one]
