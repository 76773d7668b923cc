"""Reads a YAML file as plain data and keeps the line of each value.

It follows YAML 1.2, so `NO` is Norway. Numbers remember how they were written, so a text field keeps `007`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from config.mistakes import ConfigError, Mistake, in_short
from config.naming import named
from connectors.plain_files import NotPlain, read_text
from vocabulary.outside import clean

Path_ = tuple[str | int, ...]
"""Keys and list positions that lead from the top of a document to a value."""

SHOWN: Final = 60
"""A message quotes at most this many characters of a wrong value."""
MOST_VALUES: Final = 200_000
"""No hand-written file has more values; only anchors that multiply each other exceed this."""
SHORT: Final = 65_536
"""The nodes of shorter texts are kept: a pass reads its settings and scorecards several times, 70 ms each."""


class WrittenInt(int):
    """A whole number that remembers how it was written."""

    written: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read `12`, `1_000`, `007` or `0x1F`."""
        digits = text.replace("_", "")
        number = cls(digits, 0 if re.match(r"[-+]?0[box]", digits) else 10)
        number.written = text
        return number

    def __str__(self) -> str:
        return self.written


class WrittenFloat(float):
    """A number that remembers how it was written."""

    written: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read `1.50`, `1e3` or `.inf`."""
        number = cls(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
        number.written = text
        return number

    def __str__(self) -> str:
        return self.written


@dataclass(frozen=True, slots=True)
class Document:
    """The data of a YAML file and the line of each value."""

    file: str
    data: dict[str, Any]
    lines: Mapping[Path_, int]

    def line(self, path: Path_) -> int | None:
        """Return the line of a value, or of the nearest enclosing one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def mistake(self, path: Path_, message: str, remedy: str = "") -> Mistake:
        """Return a mistake that points at the value at this path."""
        dotted = ".".join(map(str, path))
        return Mistake(self.file, self.line(path), dotted, message, remedy, about=named(path, self.data))


def read_document(path: Path) -> Document:
    """Read a YAML file. Raise ConfigError if it is not a UTF-8 YAML mapping."""
    name = in_short(path)
    return document_of(_text(path, name), name)


def document_of(text: str, name: str) -> Document:
    """Read YAML that is or will be in a file of this name. Raise ConfigError if it is no mapping."""
    return document_from(composed(text, name), name)


def document_from(root: Node | None, name: str) -> Document:
    """Read the nodes of a file of this name. Raise ConfigError if they are no mapping."""
    if not isinstance(root, MappingNode):
        what = "is empty" if root is None else "has no options"
        raise ConfigError(
            [
                Mistake(
                    name,
                    None,
                    "",
                    f"the file {what}.",
                    "Write options as `key: value`, or start with `leadgauge init`.",
                )
            ]
        )
    builder = _Builder(name)
    try:
        data = builder.build(root, ())
    except RecursionError:
        raise _too_deep(name) from None
    if builder.mistakes:
        raise ConfigError([replace(wrong, about=named(place, data)) for place, wrong in builder.mistakes])
    return Document(name, data, builder.lines)


def _text(path: Path, name: str) -> str:
    try:
        return read_text(path)
    except NotPlain as problem:
        raise ConfigError([Mistake(name, None, "", f"{problem.reason}.", problem.remedy)]) from None


def composed(text: str, name: str) -> Node | None:
    """Return the nodes of a text with their places in it; None if it is empty. Raise ConfigError if it is no YAML.

    They are shared by all who ask for the same text, and not to be changed.
    """
    try:
        node = _kept(text) if len(text) <= SHORT else _nodes(text)
    except MarkedYAMLError as problem:
        raise ConfigError([_broken(problem, name)]) from None
    except ReaderError as problem:
        line = text.count("\n", 0, problem.position) + 1
        raise ConfigError([Mistake(name, line, "", "there is a control character here.", "Delete it.")]) from None
    except RecursionError:
        raise _too_deep(name) from None
    except (YAMLError, ValueError) as problem:
        raise ConfigError(
            [
                Mistake(
                    name,
                    None,
                    "",
                    f"this is not YAML ({type(problem).__name__}).",
                    "Compare it with one of the examples.",
                )
            ]
        ) from None
    return node


def _nodes(text: str) -> Node | None:
    node: Node | None = YAML(typ="safe", pure=True).compose(text)
    return node


@lru_cache(maxsize=16)
def _kept(text: str) -> Node | None:
    return _nodes(text)


def _too_deep(name: str) -> ConfigError:
    return ConfigError([Mistake(name, None, "", "the values are nested too deeply.", "Remove some levels.")])


def _broken(problem: MarkedYAMLError, name: str) -> Mistake:
    mark = problem.problem_mark or problem.context_mark
    message = " ".join(str(part) for part in (problem.context, problem.problem) if part).replace("\n", " ")
    remedy = "Indent with spaces, not tabs." if "\\t" in message else "Check the indentation, quotes and colons here."
    if mark is None:
        return Mistake(name, None, "", f"this is not YAML: {message}.", remedy)
    return Mistake(name, mark.line + 1, "", f"this is not YAML: {message}.", remedy, column=mark.column + 1)


@dataclass(slots=True)
class _Builder:
    """Turns YAML nodes into plain data, collecting lines and mistakes."""

    name: str
    lines: dict[Path_, int] = field(default_factory=dict)
    mistakes: list[tuple[Path_, Mistake]] = field(default_factory=list)
    open: list[Node] = field(default_factory=list)
    values: int = 0

    def build(self, node: Node, path: Path_) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        self.values += 1
        if self.values > MOST_VALUES or any(node is outer for outer in self.open):
            raise ConfigError(
                [
                    self._mistake(
                        node, path, "anchors refer to themselves or expand to too many values.", "Write the values out."
                    )
                ]
            )
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        self.open.append(node)
        built = self._mapping(node, path) if isinstance(node, MappingNode) else self._sequence(node.value, path)
        self.open.pop()
        return built

    def _sequence(self, items: list[Node], path: Path_) -> list[Any]:
        return [self.build(item, (*path, place)) for place, item in enumerate(items)]

    def _mapping(self, node: MappingNode, path: Path_) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for merged in reversed(self._merged(node)):
            more = self.build(merged, path)
            built |= more if isinstance(more, dict) else {}
        for key, value in self._own_pairs(node, path):
            self.lines[(*path, key.value)] = key.start_mark.line + 1
            built[key.value] = self.build(value, (*path, key.value))
        return built

    def _own_pairs(self, node: MappingNode, path: Path_) -> Iterator[tuple[ScalarNode, Node]]:
        first: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self._note(key, path, "a key must be plain text.", "Put it in quotes if it contains { or [.")
            elif key.value in first:
                where = f"this key is already used on line {first[key.value]}."
                self._note(key, (*path, key.value), where, "Keep one of them.")
            elif not _is_merge(key):
                first[key.value] = key.start_mark.line + 1
                yield key, value

    def _merged(self, node: MappingNode) -> list[Node]:
        merged = [value for key, value in node.value if isinstance(key, ScalarNode) and _is_merge(key)]
        return [part for value in merged for part in (value.value if isinstance(value, SequenceNode) else [value])]

    def _scalar(self, node: ScalarNode, path: Path_) -> Any:
        try:
            return _value(node)
        except ValueError:
            said = f"'{clean(node.value, limit=SHOWN)}' is not a number."
            self._note(node, path, said, "Put it in quotes if it is text.")
            return None

    def _note(self, node: Node, path: Path_, message: str, remedy: str) -> None:
        self.mistakes.append((path, self._mistake(node, path, message, remedy)))

    def _mistake(self, node: Node, path: Path_, message: str, remedy: str) -> Mistake:
        return Mistake(self.name, node.start_mark.line + 1, ".".join(map(str, path)), message, remedy)


def _is_merge(key: ScalarNode) -> bool:
    return key.value == "<<" and key.style is None


def _value(node: ScalarNode) -> Any:
    """Return a scalar with its YAML 1.2 type; a date stays text."""
    text: str = node.value
    match str(node.tag).removeprefix("tag:yaml.org,2002:"):
        case "null":
            return None
        case "bool" if text.lower() in {"true", "false"}:
            return text.lower() == "true"
        case "int":
            return WrittenInt.read(text)
        case "float":
            return WrittenFloat.read(text)
        case _:
            return text
