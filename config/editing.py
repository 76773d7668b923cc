"""Changes single values of a YAML file where they stand, so that its comments and its layout stay as they are."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.documents import Path_
from config.text import flow

NUMBER: Final = re.compile(r"[-+]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_NUMBERS: Final = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
_BOOLEAN: Final = "tag:yaml.org,2002:bool"
_SHORT: Final = re.compile(r"\d+(\.\d+)?\s?[smhdw%]")
"""Durations and percentages, which no YAML reads as numbers."""
_BLOCK: Final = ("|", ">")


class Uneditable(ValueError):  # noqa: N818 - named for what the value is
    """A value that cannot be changed where it stands, or that the text does not have."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value that can be changed where it stands: a number, a flag, a text, or a list of these."""

    path: Path_
    line: int
    kind: str
    """`number`, `flag`, `text` or `list`."""
    written: tuple[str, ...]
    """The value, or the entries of a list, without quotes."""
    node: Node


def values(root: Node | None) -> list[Value]:
    """Return the values of a file in its order; what an anchor repeats is there once, where it is written."""
    return list(_values(root, (), set())) if isinstance(root, MappingNode) else []


def _values(node: Node, path: Path_, seen: set[int]) -> Iterator[Value]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if (found := _value(node, path)) is not None:
        yield found
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                yield from _values(value, (*path, key.value), seen)
    elif isinstance(node, SequenceNode):
        for place, item in enumerate(node.value):
            yield from _values(item, (*path, place), seen)


def _value(node: Node, path: Path_) -> Value | None:
    line = node.start_mark.line + 1
    if isinstance(node, ScalarNode):
        return None if node.style in _BLOCK else Value(path, line, _kind(node), (node.value,), node)
    if isinstance(node, SequenceNode) and node.value and all(_is_plain(item) for item in node.value):
        return Value(path, line, "list", tuple(item.value for item in node.value), node)
    return None


def _is_plain(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.style not in _BLOCK and node.anchor is None


def _kind(node: ScalarNode) -> str:
    tag = str(node.tag)
    return "number" if tag in _NUMBERS else "flag" if tag == _BOOLEAN else "text"


def changed(text: str, known: Sequence[Value], new: Mapping[Path_, Sequence[str]]) -> str:
    """Return a text with new values at some paths, one or, in a list, several; raise `Uneditable`.

    `known`: the values of this text.
    """
    by_path = {value.path: value for value in known}
    edits: list[tuple[int, int, str]] = []
    for path, written in new.items():
        if path not in by_path:
            raise Uneditable(f"the text has no value at `{'.'.join(map(str, path))}`")
        edits += _edits(text, by_path[path], written)
    for start, end, inserted in sorted(edits, reverse=True):
        text = text[:start] + inserted + text[end:]
    return text


def _edits(text: str, value: Value, written: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield what to put in the place of which part of the text."""
    if isinstance(value.node, SequenceNode):
        yield from _list_edits(text, value.node, written)
        return
    start, end = value.node.start_mark.index, value.node.end_mark.index
    yield _after_anchor(text, value.node, start), end, _written(written[0], value.kind)


def _after_anchor(text: str, node: Node, start: int) -> int:
    """Return where a value begins behind its anchor, which stays."""
    if node.anchor is None or text[start] != "&":
        return start
    found = re.compile(r"&\S+\s+").match(text, start)
    return found.end() if found else start


def _written(value: str, kind: str) -> str:
    if kind == "number" and NUMBER.fullmatch(value):
        return value
    if (kind == "flag" and value in {"true", "false"}) or _SHORT.fullmatch(value):
        return value
    return flow(value)


def _list_edits(text: str, node: SequenceNode, written: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield what makes a list of new entries: those that stay are left as they are written."""
    numbers = all(str(item.tag) in _NUMBERS for item in node.value)
    if node.flow_style:
        old = {item.value: text[item.start_mark.index : item.end_mark.index] for item in node.value}
        inside = ", ".join(old.get(one) or _entry(one, numbers=numbers) for one in written)
        start = _after_anchor(text, node, node.start_mark.index)
        yield start, node.end_mark.index, f"[{inside}]"
        return
    yield from _block_edits(text, node.value, list(dict.fromkeys(written)), numbers=numbers)


def _block_edits(
    text: str, items: Sequence[ScalarNode], written: Sequence[str], *, numbers: bool
) -> Iterator[tuple[int, int, str]]:
    """Yield the lines to remove, and those to add behind the last entry that stays."""
    if not written:
        raise Uneditable("a list needs at least one entry")
    gone = [item for item in items if item.value not in written]
    new = [one for one in written if one not in {item.value for item in items}]
    last = items[-1]
    ends = "\r\n" if "\r\n" in text else "\n"
    start = text.rfind("\n", 0, last.start_mark.index) + 1
    dash = text[start : last.start_mark.index]  # the indentation and the dash
    if set(dash) - set(" -"):  # the list begins on the line of its key's dash, or behind an anchor
        dash = " " * (dash.rfind("-")) + "- "
    added = "".join(f"{dash}{_entry(one, numbers=numbers)}{ends}" for one in new)
    for item in gone:
        at = text.rfind("\n", 0, item.start_mark.index) + 1
        yield at, _line_end(text, item.end_mark.index), added if item is last else ""
    if last not in gone and added:
        end = _line_end(text, last.end_mark.index)
        lead = "" if text[:end].endswith("\n") else ends
        yield end, end, lead + added


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _entry(value: str, *, numbers: bool) -> str:
    return _written(value, "number" if numbers else "text")
