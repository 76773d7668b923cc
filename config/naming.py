"""Words for a place in a file: rules and groups by their names instead of their positions."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vocabulary.outside import clean

_SINGULAR: Final[Mapping[str, str]] = {
    "groups": "group",
    "rules": "rule",
    "profiles": "profile",
    "criteria": "criterion",
    "disqualified": "disqualifier",
    "stages": "stage",
    "examples": "example",
    "activities": "activity",
    "scorecards": "scorecard",
    "sources": "source",
}
"""What an entry of a list is called, by the list's option."""
_NAMES: Final = ("name", "is", "match")
"""The options that name an entry of a list."""
_LONGEST: Final = 60


def named(path: Sequence[str | int], data: Any) -> str:
    """Return a path through a document in words, such as `score.fit, group 'Company', rule 'Size', points`."""
    parts: list[str] = []
    keys = ""
    for step, value in zip(path, _values(path, data), strict=True):
        if isinstance(step, int):
            parts += _entry(keys, step, value)
            keys = ""
        else:
            keys = f"{keys}.{step}" if keys else step
    return ", ".join([*parts, keys] if keys else parts)


def _entry(keys: str, position: int, value: Any) -> list[str]:
    """Return the words for an entry of the list that the last of some keys holds, after those before it."""
    before, _, key = keys.rpartition(".")
    which = _name(value) or str(position + 1)
    if key not in _SINGULAR:
        return [f"{keys} {which}".lstrip()]
    return [*([before] if before else []), f"{_SINGULAR[key]} {which}"]


def _name(value: Any) -> str:
    found = value if isinstance(value, Mapping) else {}
    name = next((found[each] for each in _NAMES if isinstance(found.get(each), str) and found[each]), None)
    return f"'{clean(name, limit=_LONGEST)}'" if name else ""


def _values(path: Sequence[str | int], data: Any) -> list[Any]:
    """Return the value after each step of a path; None from where the document has none."""
    found = []
    for step in path:
        if isinstance(data, Mapping):
            data = data.get(step)
        else:
            data = data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else None
        found.append(data)
    return found
