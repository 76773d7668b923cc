"""The shipped scorecards and settings, and helpers to read the mistakes in a file."""

import copy
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import config
from config import ConfigError, Mistake

SHIPPED = Path(config.__file__).parent
SCORECARDS = sorted(path for path in SHIPPED.glob("*.yaml") if "\nscorecard: " in path.read_text(encoding="utf-8"))
SETTINGS = sorted(SHIPPED.glob("leadgauge-*.yaml"))

SMALL = """\
scorecard: small
fields: {country: text, employees: number, industry: text, code: text, since: time, tags: list, vip: flag}
score:
  fit:
    groups:
      - name: Person
        rules:
          - {name: Norway, lead: {country: NO}, points: 5}
          - {name: Large, lead: {employees: {at_least: 100}}, points: 7}
"""


def mistakes_of(load: Callable[[Any], Any], source: Any) -> list[Mistake]:
    """Return the mistakes raised by loading something; none if it loads."""
    try:
        load(source)
    except ConfigError as error:
        return list(error.mistakes)
    return []


JUNK: list[Any] = [
    None,
    True,
    -1,
    0,
    1e308,
    float("nan"),
    "",
    " ",
    "14d",
    "x" * 50,
    [],
    {},
    [[]],
    {"is": None},
    "💥",
    "NO",
]


def places(node: Any) -> list[tuple[Any, Any]]:
    """Return every position in a document as (container, key)."""
    items: list[tuple[Any, Any]] = (
        list(node.items()) if isinstance(node, dict) else list(enumerate(node)) if isinstance(node, list) else []
    )
    return [(node, key) for key, _ in items] + [deeper for _, inner in items for deeper in places(inner)]


def mutilate(data: dict[str, Any], luck: random.Random) -> None:
    """Drop, replace, rename or swap a random value."""
    node, key = luck.choice(places(data))
    match luck.randrange(4):
        case 0:
            del node[key]
        case 1:
            node[key] = copy.deepcopy(luck.choice(JUNK))
        case 2 if isinstance(node, dict):
            node[f"{key}x"] = node.pop(key)
        case _:
            other, place = luck.choice(places(data))
            node[key] = copy.deepcopy(other[place])
