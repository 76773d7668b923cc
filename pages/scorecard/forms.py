"""The values of a scorecard as fields of a form, and what a filled-in form makes of the text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from config import Mistake
from config.documents import Path_
from config.editing import NUMBER, Uneditable, Value, changed
from config.mistakes import in_short
from config.naming import named as place_in_words
from config.options import options_at
from config.schema import schema
from pages.scorecard import card_file, words
from pages.scorecard.card_file import Reading
from pages.scorecard.reading import anchor
from vocabulary.outputs import Of

FIELD: Final = "at:"
"""What the names of fields begin with; the path follows as JSON."""
PARTS: Final = ("score", "grade", "readiness", "priority")
TITLES: Final = {
    ("score",): "Score",
    ("score", "fit"): "Fit",
    ("score", "engagement"): "Engagement",
    ("grade",): "Grade",
    ("readiness",): "Stages and urgency",
    ("priority",): "Priority",
}
OF_ACCOUNTS: Final = " of accounts"
BETWEEN: Final = " \u203a "
"""What stands between the names of a group, a rule and a field."""
OPERATORS: Final = ("in", "is")
"""What goes without saying; in a table of points it is a value, such as a country."""
NAMES: Final = ("name", "is")
"""What names an entry of a list."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A field of a form that could not be used, with what was typed there."""

    field: str
    """The name of the field; empty if no single one is to blame."""
    typed: str
    mistake: Mistake


@dataclass(frozen=True, slots=True)
class Input:
    """A value as a field of a form."""

    value: Value
    label: str
    hint: str
    choices: Sequence[str]
    refusal: Refusal | None = None
    is_changed: bool = False
    """Whether the value is another than in the file."""

    @property
    def name(self) -> str:
        """The name of the field."""
        return _field_name(self.value.path)

    @property
    def anchor(self) -> str:
        """What the id of its message ends with."""
        return anchor(self.value.path).replace(" ", "_")

    @property
    def shown(self) -> str:
        """What the field shows: what was typed, or the value; a list has a line for each entry."""
        return "\n".join(self.value.written) if self.refusal is None else self.refusal.typed


@dataclass(frozen=True, slots=True)
class Item:
    """A rule, a group, a stage or another part with a name, and its values."""

    path: Path_
    title: str
    inside: str = ""
    """The name of the group or the profile around it."""
    inputs: list[Input] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """Where the page has it."""
        return anchor(self.path)

    @property
    def is_rule(self) -> bool:
        """Whether it is inside another named part."""
        return "rules" in self.path or "criteria" in self.path

    @property
    def is_touched(self) -> bool:
        """Whether a value of it is changed or was not taken."""
        return any(one.is_changed or one.refusal for one in self.inputs)


@dataclass(frozen=True, slots=True)
class Section:
    """A group with its rules, a profile with its criteria, or another part alone."""

    title: str
    items: list[Item] = field(default_factory=list)

    @property
    def rules(self) -> int:
        """How many rules or criteria it has."""
        return sum(item.is_rule for item in self.items)

    @property
    def is_touched(self) -> bool:
        """Whether a value in it is changed or was not taken."""
        return any(item.is_touched for item in self.items)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the card, such as fit, engagement or grade."""

    title: str
    items: list[Item] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """Where the page has it."""
        return "part-" + self.title.lower().replace(" ", "-")

    @property
    def sections(self) -> list[Section]:
        """Its items, rules with their group."""
        found: list[Section] = []
        for item in self.items:
            title = item.inside or item.title
            if not (item.is_rule and found and found[-1].title == title):
                found.append(Section(title))
            found[-1].items.append(item)
        return found


def parts(
    reading: Reading, of: Of = "leads", refused: Sequence[Refusal] = (), live: Reading | None = None
) -> list[Part]:
    """Return the values of a card as fields, in the order of the file; those of accounts first on a page about them."""
    wrong = {one.field: one for one in refused}
    before = {value.path: value.written for value in (live or reading).values}
    assert reading.document is not None
    data = reading.document.data
    levels = list(reading.card.priorities) if reading.card else []
    found: dict[str, Part] = {}
    items: dict[Path_, Item] = {}
    for value in reading.values:
        start = 1 if value.path[0] == "accounts" else 0
        if len(value.path) <= start or value.path[start] not in PARTS or value.path[-1] in NAMES:
            continue
        owner = _owner(value.path, data)
        title = _part_title(value.path, start)
        part = found.setdefault(title, Part(title))
        if owner not in items:
            items[owner] = Item(owner, _item_title(owner, data), _around_item(owner, data))
            part.items.append(items[owner])
        made = _input(value, owner, levels if start == 0 else ())
        items[owner].inputs.append(
            replace(made, refusal=wrong.get(made.name), is_changed=before.get(value.path) != value.written)
        )
    return sorted(found.values(), key=lambda part: of == "accounts" and not part.title.endswith(OF_ACCOUNTS))


def _part_title(path: Path_, start: int) -> str:
    inner = path[start:]
    titles = (TITLES[key] for length in (2, 1) if (key := tuple(map(str, inner[:length]))) in TITLES)
    return next(titles) + (OF_ACCOUNTS if start else "")


def _owner(path: Path_, data: Any) -> Path_:
    """Return the path of the nearest part around a value that has a name, or of the section that it is in."""
    found: Path_ = path[:1]
    for length, inner in enumerate(_around(path, data), 1):
        if isinstance(inner, Mapping) and (
            any(isinstance(inner.get(name), str) for name in NAMES) or _is_section(path[:length])
        ):
            found = path[:length]
    return found


def _is_section(path: Path_) -> bool:
    return path[-1] in {"bands", "balance", "matrix", "fit", "engagement", "people", "coverage"} or path[-2:-1] == (
        "matrix",
    )


def _around(path: Path_, data: Any) -> Iterator[Any]:
    for step in path:
        data = data[step]
        yield data


def _item_title(path: Path_, data: Any) -> str:
    inner: Any = data
    for step in path:
        inner = inner[step]
    name = next(
        (inner[name] for name in NAMES if isinstance(inner, Mapping) and isinstance(inner.get(name), str)), None
    )
    if name is not None:
        return str(name)
    last = str(path[-1])
    known = {"bands": "Lowest percentage of each letter", "balance": "Weights of the index"}
    return known.get(last, last if path[-2:-1] == ("matrix",) else last.capitalize())


def _around_item(path: Path_, data: Any) -> str:
    """Return the name of the group of a rule, or of the profile of a criterion."""
    outer = next((path[: path.index(option)] for option in ("rules", "criteria") if option in path), None)
    return "" if outer is None else _item_title(outer, data)


def _input(value: Value, owner: Path_, levels: Sequence[str]) -> Input:
    inner = value.path[len(owner) :]
    hint, choices = _from_schema(tuple("0" if isinstance(step, int) else step for step in value.path))
    if len(value.path) > 1 and "matrix" in value.path:
        choices = tuple(levels)
    if value.kind == "flag":
        choices = ("true", "false")
    return Input(value, _label(value, inner), hint, choices)


def _label(value: Value, inner: Path_) -> str:
    """Return what a field is called: the options inside the part that it belongs to."""
    numbers = value.kind == "text"
    told = [
        words.named(str(step))
        for before, step in zip((None, *inner), inner, strict=False)
        if (numbers or not isinstance(step, int)) and not (step in OPERATORS and before != "points")
    ]
    return ", ".join(told) or str(value.path[-1])


def called(value: Value, data: Any) -> str:
    """Return what the form calls a value: its group, its rule and the label of its field."""
    owner = _owner(value.path, data)
    names = _around_item(owner, data), _item_title(owner, data), _label(value, value.path[len(owner) :])
    return BETWEEN.join(name for name in names if name)


@cache
def _from_schema(path: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return what the schema says of a value: its description, and its choices."""
    steps: Path_ = tuple(0 if step == "0" else step for step in path)
    found = list(options_at(schema_of_cards(), steps))
    hint = next((option.description for option in found if option.description), "")
    choices = [str(one) for option in found for one in option.schema.get("enum", ())]
    return hint, tuple(dict.fromkeys(choices)) if len(found) == 1 else ()


@cache
def schema_of_cards() -> dict[str, Any]:
    """Return the JSON Schema of scorecards."""
    return schema("scorecard")


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form makes of a text, and the fields that could not be used."""

    text: str
    refused: Sequence[Refusal] = ()


def filled(text: str, form: Mapping[str, str], path: Path) -> Filled:
    """Return the text of a scorecard's file with what differs in the fields of a form.

    A text that is no YAML is returned as it is.
    """
    given = {place: one for name, one in form.items() if (place := _path_of(name)) is not None}
    if not given:
        return Filled(text)
    before = card_file.read(text, path)
    if before.root is None:
        return Filled(text, [Refusal("", "", one) for one in before.mistakes])
    by_path = {value.path: value for value in before.values}
    new, refused, file = dict[Path_, Sequence[str]](), list[Refusal](), in_short(path)
    for place, one in given.items():
        value = by_path.get(place)
        if value is None:
            gone = Mistake(file, None, words_of(place), "the text has no such value any more.")
            refused.append(Refusal(_field_name(place), one, gone))
        elif (entries := _entries(value, one)) != value.written:
            wrong = _wrong(value, entries)
            refused += [_refusal(before, value, one, Mistake(file, value.line, "", wrong))] if wrong else []
            new |= {} if wrong else {place: entries}
    return _applied(before, new, refused, path)


def _refusal(reading: Reading, value: Value, typed: str, mistake: Mistake) -> Refusal:
    subject = words_of(value.path) if reading.document is None else called(value, reading.document.data)
    return Refusal(_field_name(value.path), typed, replace(mistake, about=subject))


def _applied(before: Reading, new: Mapping[Path_, Sequence[str]], refused: list[Refusal], path: Path) -> Filled:
    """Return a text with new values, once it was made sure that it has these and nothing else."""
    file = in_short(path)
    try:
        made = changed(before.text, before.values, new)
    except Uneditable as problem:
        told = Mistake(file, None, "", f"{problem}.", "Change it in the text.")
        return Filled(before.text, [*refused, Refusal("", "", told)])
    expected = {value.path: tuple(new.get(value.path, value.written)) for value in before.values}
    if new and {value.path: value.written for value in card_file.read(made, path).values} != expected:
        these = "these values cannot be changed here: " + "; ".join(map(words_of, new)) + "."
        told = Mistake(file, None, "", these, "Change them in the text.")
        return Filled(before.text, [*refused, Refusal("", "", told)])
    return Filled(made, refused)


def words_of(path: Path_) -> str:
    """Return a path for a message."""
    return place_in_words(path, {})


def _field_name(path: Path_) -> str:
    return FIELD + orjson.dumps(path).decode()


def _path_of(name: str) -> Path_ | None:
    if not name.startswith(FIELD):
        return None
    try:
        found = orjson.loads(name.removeprefix(FIELD))
    except orjson.JSONDecodeError:
        return None
    return tuple(found) if isinstance(found, list) else None


def _entries(value: Value, given: str) -> tuple[str, ...]:
    if value.kind != "list":
        return (" ".join(given.split()),) if "\n" in given else (given.strip(),)
    return tuple(line.strip() for line in given.splitlines() if line.strip())


def _wrong(value: Value, entries: Sequence[str]) -> str:
    """Return why a value cannot be used; empty if it can. What the scorecard says of it comes later."""
    if not entries or not entries[0]:
        return "this is empty. Write a value, or take the option out in the text."
    if value.kind == "number" and not NUMBER.fullmatch(entries[0]) and not entries[0][0].isdigit():
        return f"'{entries[0]}' is not a number."
    return ""
