"""Write values and comments of a CRM or another program as YAML."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import orjson

_PLAIN: Final = re.compile(r"[^\W\d_][\w/().& +-]*|(/[\w.-]+)+|\d+[smhdw]|\d+ (ever|per [\w ]+)")
_NOT_TEXT: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_WIDTH: Final = 118
_UNPRINTABLE: Final = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class Plain(str):
    """A text that YAML reads as it is, without quotes."""

    __slots__ = ()


def scalar(value: object) -> str:
    """Return a value as YAML on one line, quoted where that is needed."""
    if isinstance(value, Plain):
        return str(value)
    if not isinstance(value, str):
        return orjson.dumps(value).decode()
    plain = _PLAIN.fullmatch(value) and not value.endswith(" ") and value.casefold() not in _NOT_TEXT
    return value if plain else _quoted(value)


def _quoted(value: str) -> str:
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", orjson.dumps(value).decode())


def flow(value: object) -> str:
    """Return nested values as YAML in flow style."""
    match value:
        case Mapping():
            return f"{{{', '.join(f'{scalar(key)}: {flow(each)}' for key, each in value.items())}}}"
        case Plain():
            return str(value)
        case str():
            return scalar(value) if not set(value) & set(",[]{}") else _quoted(value)
        case Sequence():
            return f"[{', '.join(map(flow, value))}]"
        case _:
            return scalar(value)


def block(value: Mapping[str, object], indent: int) -> Iterator[str]:
    """Yield nested sections as YAML lines; lists of sections get a line per entry."""
    space = " " * indent
    for key, each in value.items():
        if isinstance(each, Mapping) and indent < 8:  # noqa: PLR2004 - deeper sections fit on a line
            yield f"{space}{scalar(key)}:"
            yield from block(each, indent + 2)
        elif isinstance(each, list) and each and isinstance(each[0], Mapping):
            yield f"{space}{scalar(key)}:"
            yield from (f"{space}  - {flow(one)}" for one in each)
        else:
            yield f"{space}{scalar(key)}: {flow(each)}"


def comment(text: str, indent: int = 0) -> Iterator[str]:
    """Yield a text as comment lines of a readable width; line breaks of the CRM are no line breaks here."""
    words, line = " ".join(_UNPRINTABLE.sub(" ", text).split()).split(" "), ""
    start = f"{' ' * indent}#"
    for word in words:
        if line and len(start) + len(line) + len(word) + 1 > _WIDTH:
            yield f"{start}{line}"
            line = ""
        line += f" {word}"
    yield f"{start}{line}"


def beside(lines: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield lines with comments at their end, all of them in one column."""
    pairs = list(lines)
    width = max((len(line) for line, note in pairs if note), default=0)
    for line, note in pairs:
        yield f"{line:<{width}}  # {' '.join(note.split())}" if note else line


def listed(items: Sequence[str]) -> str:
    """Return items joined by commas, or `none`."""
    return ", ".join(items) or "none"
