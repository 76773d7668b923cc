"""Brings settings and scorecards of an older version up to date, where each option stands, with comments and layout.

The next rename is one line in `CHANGES`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Literal

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.documents import Path_, composed
from config.mistakes import ConfigError, Mistake
from config.text import flow

Kind = Literal["settings", "scorecard"]
ANY: Final = "*"
"""Stands for any key, or any place in a list."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """An option has another name since a version."""

    kind: Kind
    since: str
    path: tuple[str, ...]
    """The keys that lead to it, from the top of the file; `ANY` for names that people choose."""
    name: str

    def edits(self, place: "Place", _text: str) -> Iterator["Edit"]:
        """Yield what to write in place of the old name."""
        if self.name in place.beside:
            raise Unclear(
                f"both `{self.path[-1]}` and `{self.name}` are here: the first is the old name of the second."
            )
        yield place.key.start_mark.index, place.key.end_mark.index, self.name

    def __str__(self) -> str:
        return f"`{'.'.join(self.path)}` is `{self.name}` since version {self.since}"


@dataclass(frozen=True, slots=True)
class Respelled:
    """A value of an option has another spelling since a version."""

    kind: Kind
    since: str
    path: tuple[str, ...]
    old: str
    new: str

    def edits(self, place: "Place", _text: str) -> Iterator["Edit"]:
        """Yield what to write in place of the old value."""
        if isinstance(place.value, ScalarNode) and place.value.value == self.old:
            yield place.value.start_mark.index, place.value.end_mark.index, flow(self.new)

    def __str__(self) -> str:
        return f"`{'.'.join(self.path)}: {self.old}` is `{self.new}` since version {self.since}"


@dataclass(frozen=True, slots=True)
class Removed:
    """An option no longer exists since a version."""

    kind: Kind
    since: str
    path: tuple[str, ...]
    why: str
    """What does its work now, as the end of a sentence."""

    def edits(self, place: "Place", text: str) -> Iterator["Edit"]:
        """Yield what takes its line out."""
        start = text.rfind("\n", 0, place.key.start_mark.index) + 1
        end = text.find("\n", place.value.end_mark.index)
        alone = not text[start : place.key.start_mark.index].strip()
        if not isinstance(place.value, ScalarNode) or place.value.style in {"|", ">"} or not alone:
            raise Unclear(f"`{self.path[-1]}` no longer exists: {self.why}. Remove it by hand, with all that is in it.")
        yield start, len(text) if end < 0 else end + 1, ""

    def __str__(self) -> str:
        return f"`{'.'.join(self.path)}` no longer exists since version {self.since}: {self.why}"


Change = Renamed | Respelled | Removed
Edit = tuple[int, int, str]
"""What to put in the place of which part of a text."""

CHANGES: Final[Sequence[Change]] = (Renamed("scorecard", "1.0", ("timezone",), "calendar"),)
"""What was renamed or removed, oldest first. A change sees the names that the ones before it made."""


class Unclear(ValueError):  # noqa: N818 - named for what the text is
    """A text that only its author can change."""


@dataclass(frozen=True, slots=True)
class Place:
    """An option in a file: its key, its value, and the keys beside it."""

    path: Path_
    key: ScalarNode
    value: Node
    beside: frozenset[str]


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A text as this version writes it, and the changes that were made."""

    text: str
    done: tuple[Change, ...]


def upgraded(text: str, name: str, kind: Kind, changes: Sequence[Change] = CHANGES) -> Upgraded:
    """Return the text of a file in the words of this version; raise ConfigError where only a person can tell."""
    done: list[Change] = []
    for change in changes:
        if change.kind != kind:
            continue
        made = _made(text, name, change)
        if made != text:
            text, done = made, [*done, change]
    return Upgraded(text, tuple(done))


@contextmanager
def advising(kind: Kind, changes: Sequence[Change] = CHANGES) -> Iterator[None]:
    """Let mistakes about old names say what became of them."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError([_advised(mistake, kind, changes) for mistake in error.mistakes]) from None


def _advised(mistake: Mistake, kind: Kind, changes: Sequence[Change]) -> Mistake:
    at = mistake.path.split(".")
    old = next((change for change in changes if change.kind == kind and _matches(change.path, at)), None)
    return mistake if old is None else replace(mistake, message=f"{old}.", remedy="Run `leadgauge upgrade`.")


def _matches(path: Sequence[str], at: Sequence[str]) -> bool:
    return len(path) == len(at) and all(key in (ANY, part) for key, part in zip(path, at, strict=True))


def _made(text: str, name: str, change: Change) -> str:
    edits: list[Edit] = []
    for place in _places(composed(text, name), change.path, ()):
        try:
            edits += change.edits(place, text)
        except Unclear as unclear:
            line = place.key.start_mark.line + 1
            wrong = Mistake(name, line, ".".join(map(str, place.path)), str(unclear), "Keep one of them.")
            raise ConfigError([wrong]) from None
    for start, end, written in sorted(set(edits), reverse=True):
        text = text[:start] + written + text[end:]
    return text


def _places(node: Node | None, path: Sequence[str], before: Path_) -> Iterator[Place]:
    """Yield the options at a path; what an anchor repeats comes as often, at the same marks."""
    if not path:
        return
    if isinstance(node, SequenceNode) and path[0] == ANY:
        for number, item in enumerate(node.value):
            yield from _places(item, path[1:], (*before, number))
    if not isinstance(node, MappingNode):
        return
    keys = [key for key, _ in node.value if isinstance(key, ScalarNode)]
    for key, value in node.value:
        if not isinstance(key, ScalarNode) or path[0] not in (ANY, key.value):
            continue
        if len(path) > 1:
            yield from _places(value, path[1:], (*before, key.value))
        elif path[0] != ANY:
            yield Place((*before, key.value), key, value, frozenset(other.value for other in keys))
