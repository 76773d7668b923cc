"""What can be written at a place in a scorecard's text: options, choices, and the names that the card declares."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config import ConfigError
from config.documents import Path_, composed
from config.kinds import KINDS
from config.options import Option, options_at
from pages.scorecard.forms import schema_of_cards
from scoring import Scorecard

MARK: Final = "zzz_here"
"""What stands at the cursor while the text is read."""
WORD: Final = re.compile(r"[\w./+-]*$")
REST: Final = re.compile(r"[\w./+-]*")
MOST: Final = 300
OF_FIELDS: Final = frozenset({"table", "number", "since", "days_since", "days_until", "by", "field"})
"""The options whose values are fields."""
CLOSERS: Final = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Completion:
    """Something that can be written here."""

    value: str
    meta: str
    doc: str = ""

    def as_json(self) -> dict[str, str]:
        """Return it as the editor takes it."""
        return {"value": self.value, "meta": self.meta, "doc": self.doc}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cursor is: at the name of an option, or at a value."""

    path: Path_
    is_name: bool
    beside: frozenset[str] = frozenset()
    """The options that are there already."""


def completions(text: str, line: int, column: int, card: Scorecard | None) -> list[Completion]:
    """Return what can be written at a place, counted from 0. `card`: the card in use, whose names are offered."""
    places = list(places_at(text, line, column))
    found = [one for place in places for one in (_names(place, card) if place.is_name else _values(place, card))]
    return list({one.value: one for one in reversed(found)}.values())[::-1][:MOST]


def places_at(text: str, line: int, column: int) -> Iterator[Place]:
    """Yield what a place in a text can be: the text is read with a mark there, as a name and as a value."""
    lines = text.splitlines()
    here = lines[line] if line < len(lines) else ""
    base = here[:column][: WORD.search(here[:column]).start()]  # type: ignore[union-attr]  # matches everything
    after = here[column:][REST.match(here[column:]).end() :]  # type: ignore[union-attr]
    named = MARK if after.lstrip().startswith(":") else f"{MARK}: 0"
    for mark in (named, MARK):
        for whole in _texts(lines, line, base, mark, after):
            if (place := _marked(whole)) is not None:
                yield place
                break


def _texts(lines: Sequence[str], line: int, base: str, mark: str, after: str) -> Iterator[str]:
    """Yield the text with a mark, and its beginning with what is open closed, in case what follows is broken."""
    yield "\n".join([*lines[:line], base + mark + after, *lines[line + 1 :]])
    yield "\n".join([*lines[:line], base + mark + _closing(base)])


def _closing(base: str) -> str:
    open_: list[str] = []
    for sign in base:
        if sign in CLOSERS:
            open_.append(CLOSERS[sign])
        elif open_ and sign == open_[-1]:
            open_.pop()
    return "".join(reversed(open_))


def _marked(text: str) -> Place | None:
    try:
        root = composed(text, "")
    except ConfigError:
        return None
    return None if root is None else next(_search(root, ()), None)


def _search(node: Node, path: Path_) -> Iterator[Place]:
    if isinstance(node, ScalarNode) and node.value == MARK:
        yield Place(path, is_name=False)
    elif isinstance(node, SequenceNode):
        for number, item in enumerate(node.value):
            yield from _search(item, (*path, number))
    elif isinstance(node, MappingNode):
        names = frozenset(key.value for key, _ in node.value if isinstance(key, ScalarNode))
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == MARK:
                yield Place(path, is_name=True, beside=names)
            elif isinstance(key, ScalarNode):
                yield from _search(value, (*path, key.value))


def _names(place: Place, card: Scorecard | None) -> Iterator[Completion]:
    for option in options_at(schema_of_cards(), place.path):
        for name, inner in option.properties.items():
            if name not in place.beside:
                yield Completion(name, option.title or "option", _described(inner))
        if option.title == "LeadCondition" and card is not None:
            yield from _declared(_card_of(place.path, card), place.beside)
    if place.path[-1:] == ("fields",):
        return
    if place.path[-2:-1] == ("matrix",):
        yield from (Completion(letter, "grade") for letter in "ABCDF" if letter not in place.beside)


def _card_of(path: Path_, card: Scorecard) -> Scorecard:
    return card.company if path[:1] == ("accounts",) and card.company is not None else card


def _declared(card: Scorecard, beside: frozenset[str]) -> Iterator[Completion]:
    yield from (
        Completion(name, kind, "declared in this card") for name, kind in card.values.items() if name not in beside
    )


def _described(schema: Mapping[str, Any]) -> str:
    return str(schema.get("description", ""))


def _values(place: Place, card: Scorecard | None) -> Iterator[Completion]:
    names = [step for step in place.path if isinstance(step, str)]
    for option in options_at(schema_of_cards(), place.path):
        yield from _choices(option)
    if "kind" in names[-2:] or names[-1:] == ["by"]:
        yield from (Completion(name, "kind", said) for name, said in KINDS.items())
    if card is not None:
        yield from _of_card(names, _card_of(place.path, card))


def _choices(option: Option) -> Iterator[Completion]:
    schema = option.schema
    for one in [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]:
        yield Completion(_written(one), "choice", option.description)
    if schema.get("type") == "boolean":
        yield from (Completion(one, "flag", option.description) for one in ("true", "false"))
    yield from (Completion(_written(one), "example", option.description) for one in option.examples)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _of_card(names: Sequence[str], card: Scorecard) -> Iterator[Completion]:
    """Yield names that the card declares, where a value is one of them."""
    if names[-1:] and names[-1] in OF_FIELDS:
        yield from _declared(card, frozenset())
    if "matrix" in names or (names[:1] == ["priority"] and names[-1:] == ["is"]):
        yield from (Completion(level, "priority") for level in card.priorities)
    if "stage" in names[-2:] and card.readiness is not None:
        yield from (Completion(stage, "stage") for stage in card.readiness.names)
