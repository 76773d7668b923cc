"""Rules and conditions of a scorecard in words, for people who do not read YAML.

They are made from the rules as a card writes them, so what a rule type adds appears here without code of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from vocabulary.units import SECONDS

Plain = Mapping[str, Any]
"""A part of a card as plain data."""

MINUS: Final = "\u2212"
TIMES: Final = "\u00d7"
UNITS: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}


def plain(part: BaseModel) -> dict[str, Any]:
    """Return a part of a card as a card writes it."""
    return part.model_dump(mode="json", by_alias=True, exclude_unset=True)


def either(values: Sequence[Any], word: str = "or") -> str:
    """Return values joined in a sentence, such as `A, B or C`."""
    texts = [value_said(one) for one in values]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {word} {texts[-1]}" if texts else "nothing"


def value_said(value: Any) -> str:
    """Return a value as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_said(value)
    if isinstance(value, Mapping):
        return _reference(value)
    return span_said(str(value))


def _reference(value: Plain) -> str:
    if set(value) == {"field"}:
        return named(str(value["field"]))
    return ", ".join(f"{named(str(name))} {value_said(one)}" for name, one in value.items())


def number_said(value: float) -> str:
    """Return a number with separators between thousands and a real minus."""
    return f"{value:,.10g}".replace("-", MINUS)


def points_said(value: float) -> str:
    """Return points with their sign."""
    return number_said(value) if value <= 0 else f"+{number_said(value)}"


def span_said(text: str) -> str:
    """Return a span of time such as `14d` in words; any other text as it is."""
    number, unit = text[:-1], text[-1:]
    if unit not in SECONDS or not number.replace(".", "", 1).isdigit():
        return text
    return f"{number} {UNITS[unit]}{'' if number == '1' else 's'}"


def named(field: str) -> str:
    """Return what a field is called in a sentence."""
    words = field.replace("_", " ")
    return f"the account\u2019s {words.removeprefix('account.')}" if field.startswith("account.") else words


TESTS: Final[Mapping[str, Callable[[Any], str]]] = {
    "is": lambda one: f"is {value_said(one)}",
    "is_not": lambda one: f"is not {value_said(one)}",
    "in": lambda some: f"is {either(some)}",
    "not_in": lambda some: f"is not {either(some)}",
    "contains": lambda one: f"contains {value_said(one)}",
    "contains_any": lambda some: f"contains {either(some)}",
    "starts_with": lambda one: f"starts with {value_said(one)}",
    "ends_with": lambda one: f"ends with {value_said(one)}",
    "matches": lambda one: f"matches the pattern {one}",
    "at_least": lambda one: f"is at least {value_said(one)}",
    "at_most": lambda one: f"is at most {value_said(one)}",
    "above": lambda one: f"is above {value_said(one)}",
    "below": lambda one: f"is below {value_said(one)}",
    "between": lambda ends: f"is between {either(ends, 'and')}",
    "within": lambda span: f"is less than {value_said(span)} ago",
    "older_than": lambda span: f"is {value_said(span)} ago or longer",
    "within_next": lambda span: f"is within the next {value_said(span)}",
    "during": lambda period: f"is in {period}",
    "known": lambda known: "is known" if known else "is missing",
}
"""How each operator is said."""


def test_said(test: Plain) -> str:
    """Return the test of a field, to follow its name."""
    parts = [TESTS.get(name, _other(name))(operand) for name, operand in test.items() if name != "or_missing"]
    said = " and ".join(parts)
    return f"{said} or is missing" if test.get("or_missing") else said


def _other(name: str) -> Callable[[Any], str]:
    return lambda operand: f"{named(name)} {value_said(operand)}"


def condition_said(condition: Plain) -> str:
    """Return a condition on a lead."""
    alone = list(condition) == ["any"]
    return " or ".join(map(_inner, condition["any"])) if alone else _inner(condition)


def _inner(condition: Plain) -> str:
    return " and ".join(_parts(condition)) or "always"


def _parts(condition: Plain) -> Iterator[str]:
    """Yield the tests of fields before what needs more words."""
    for name, operand in sorted(condition.items(), key=lambda one: one[0] in LOGIC):
        said = LOGIC.get(name)
        yield said(operand) if said else _field_said(name, operand)


def _field_said(name: str, test: Plain) -> str:
    asks = test.get("is") if name.startswith("is_") and len(test) == 1 else None
    if isinstance(asks, bool):
        return named(name) if asks else f"not {named(name)}"
    return f"{named(name)} {test_said(test)}"


def _all(some: Sequence[Plain]) -> str:
    return " and ".join(map(_inner, some))


def _any(some: Sequence[Plain]) -> str:
    said = " or ".join(map(_inner, some))
    return said if len(some) == 1 else f"({said})"


def activities_said(condition: Plain) -> str:
    """Return a condition on the number of activities."""
    what, when = _which(condition), recently(condition)
    least, most = condition.get("at_least"), condition.get("at_most")
    if most == 0:
        return f"no {what.removeprefix('any ')}{when}"
    number = f"at most {most}" if least is None and most is not None else f"at least {1 if least is None else least}"
    if least is not None and most is not None:
        number = f"{least} to {most}"
    return f"{number} {TIMES} {what}{when}" if number != "at least 1" else f"{what}{when}"


def _which(condition: Plain) -> str:
    """Return which activities a condition matches: `page view (url contains /pricing)`."""
    rest = {name: test for name, test in condition.items() if name not in {"kind", *WHEN}}
    kind = condition.get("kind", {})
    kinds = kind.get("in", [kind["is"]] if "is" in kind else None)
    what = either([named(str(one)) for one in kinds]) if kinds else "any activity"
    if kind and not kinds:
        rest = {"kind": kind, **rest}
    return f"{what} ({_activity_parts(rest)})" if rest else what


WHEN: Final = ("within", "during", "at_least", "at_most")


def _activity_parts(condition: Plain) -> str:
    return " and ".join(_activity_part(name, one) for name, one in condition.items())


def _activity_part(name: str, operand: Any) -> str:
    if name == "not":
        return f"not ({_activity_parts(operand)})"
    if name not in {"all", "any"}:
        return f"{named(name)} {test_said(operand)}"
    said = (" or " if name == "any" else " and ").join(map(_activity_parts, operand))
    return f"({said})" if name == "any" else said


def activity_said(condition: Plain) -> str:
    """Return which activities a rule counts."""
    return _which(condition)


def recently(condition: Plain) -> str:
    """Return when something has to have happened, to follow what did."""
    said = f" in the last {span_said(condition['within'])}" if condition.get("within") else ""
    return f"{said} in {condition['during']}" if condition.get("during") else said


def unanswered_said(condition: Plain) -> str:
    """Return a condition on a request without an answer."""
    asked, by = (either([named(str(one)) for one in _listed(condition[name])]) for name in ("kind", "by"))
    return f"{asked}{recently(condition)} without {by} since"


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def surge_said(surge: Plain) -> str:
    """Return a condition on much more activity than usual."""
    return (
        f"the last 7 days brought at least {value_said(surge['points'])} points, and {value_said(surge['at_least'])}"
        " times as many as usual"
    )


LOGIC: Final[Mapping[str, Callable[[Any], str]]] = {
    "all": _all,
    "any": _any,
    "not": lambda one: f"not ({condition_said(one)})",
    "activities": activities_said,
    "unanswered": unanswered_said,
    "surge": surge_said,
}


def source_said(source: Any) -> str:
    """Return what a rule measures: a field, or the days since or until a time."""
    if not isinstance(source, Mapping):
        return named(str(source))
    way, field = next((name, one) for name, one in source.items() if one is not None)
    return f"{named(way)} {named(str(field))}"


WHAT: Final[Mapping[str, Callable[[Any], str]]] = {
    "lead": condition_said,
    "activity": activity_said,
    "table": lambda source: f"by {source_said(source)}",
    "number": lambda source: f"the more {source_said(source)}",
}
"""What a rule looks at, by the option that identifies its type."""

NO_NOTE: Final = frozenset({"name", "points", "rules", "groups", "minimum", "people", "coverage"})


def _maximum(value: float) -> str:
    return f"at most {number_said(value)} points"


NOTES: Final[Mapping[str, Callable[[Any], str]]] = {
    "when": lambda one: f"only if {condition_said(one)}",
    "half_life": lambda span: f"half is left after {span_said(span)}",
    "lifespan": lambda span: f"fades evenly to nothing in {span_said(span)}",
    "steps": lambda steps: f"loses {steps['lose']} every {span_said(steps['every'])}",
    "since": lambda field: f"fades from {named(field)} on",
    "within": lambda span: f"only of the last {span_said(span)}",
    "during": lambda period: f"only of {period}",
    "limit": lambda limit: f"at most {limit}",
    "at_least": lambda number: f"only from {number} of them on",
    "award": lambda award: {"once": "once, for the latest", "each": "each time"}.get(
        award, f"only the {award} rule counts"
    ),
    "maximum": _maximum,
    "otherwise": lambda points: f"any other value {points_said(points)}",
    "missing": lambda points: f"a missing value {points_said(points)}",
    "reset": lambda resets: f"begins anew after {either([one.get('name', 'a moment') for one in resets], 'and')}",
}
"""How each further option of a rule or a group is said."""


def what_said(part: Plain) -> str:
    """Return what a rule looks at."""
    return next((said(part[key]) for key, said in WHAT.items() if key in part), "")


def notes_said(part: Plain) -> list[str]:
    """Return the further options of a rule or a group, one phrase for each."""
    left = {name: one for name, one in part.items() if name not in {*NO_NOTE, *WHAT} and one is not None}
    return [NOTES.get(name, _other(name))(one) for name, one in left.items()]


def gives_said(points: Any) -> str:
    """Return the points of a rule on one line."""
    if not isinstance(points, Mapping):
        return points_said(points)
    if "give" in points:
        return _per_unit(points)
    least, most = min(points.values()), max(points.values())
    return points_said(most) if least == most else f"{points_said(least)} to {points_said(most)}"


def _per_unit(points: Plain) -> str:
    begins = f" above {number_said(points['from'])}" if points.get("from") else ""
    shape = {"root": ", like a square root", "log": ", like a logarithm"}.get(str(points.get("shape")), "")
    return f"{points_said(points['give'])} per {number_said(points['per'])}{begins}{shape}"


def table_of(points: Any) -> list[tuple[str, str]]:
    """Return each value of a table with its points; nothing for rules with the same points for everyone."""
    if not isinstance(points, Mapping) or "give" in points:
        return []
    return [(value, points_said(one)) for value, one in points.items()]


def bounds_said(part: Plain) -> str:
    """Return the bounds of a sum of points."""
    least, most = part.get("minimum"), part.get("maximum")
    if most is None:
        return "" if least is None else f"at least {number_said(least)} points"
    if least is None:
        return f"at most {number_said(most)} points"
    return f"{number_said(least)} to {number_said(most)} points"
