"""The names of priorities, best first, and their sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from scoring.card.base import CardModel
from scoring.card.mistakes import CardMistake, Path, refuse
from scoring.card.naming import name_mistakes

LONGEST_NAME, LONGEST_SENTENCE = 100, 255
"""Characters that every CRM takes for a choice and its description."""


class Level(CardModel):
    """One priority: its name, and what sales is to do."""

    name: str
    sentence: str | None = None


def _line(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def _levels(raw: Any) -> Any:
    """Return a list of names, or a mapping from names to sentences, as levels."""
    if isinstance(raw, tuple) and all(isinstance(one, Level) for one in raw):
        return raw
    written = list(_written(raw))
    refuse("names", _mistakes(written))
    return tuple(Level(name=_line(name), sentence=text and _line(text)) for _, name, text in written)


def _written(raw: Any) -> Iterator[tuple[Path, Any, Any]]:
    """Yield the path, name and sentence of each entry."""
    if isinstance(raw, Mapping):
        yield from (((name,), name, text) for name, text in raw.items())
    elif isinstance(raw, Sequence) and not isinstance(raw, str):
        for number, one in enumerate(raw):
            if isinstance(one, Mapping):
                yield from (((number, *path), name, text) for path, name, text in _written(one))
            else:
                yield (number,), one, None


def priority_names(raw: Any) -> tuple[str, ...]:
    """Return the names that an option gives, best first, though it may contain mistakes."""
    if raw is None:
        return tuple(one.name for one in USUAL)
    return tuple(_line(name) for _, name, _ in _written(raw) if isinstance(name, str))


def _mistakes(written: Sequence[tuple[Path, Any, Any]]) -> Iterator[CardMistake]:
    if not written:
        yield CardMistake((), "there are no names", "write a list of names, or `name: sentence` lines, best first")
    for path, name, text in written:
        if not isinstance(name, str) or not 0 < len(_line(name)) <= LONGEST_NAME:
            remedy = f"write a text of up to {LONGEST_NAME} characters, in quotes if it looks like a number"
            yield CardMistake(path, f"{name!r} is not the name of a priority", remedy, name)
        elif text is not None and not (isinstance(text, str) and 0 < len(_line(text)) <= LONGEST_SENTENCE):
            remedy = f"write a text of up to {LONGEST_SENTENCE} characters, or nothing"
            yield CardMistake(path, f"what '{name}' says is not a sentence", remedy, text)
    if all(isinstance(name, str) for _, name, _ in written):
        places, names = [path for path, _, _ in written], [_line(name) for _, name, _ in written]
        yield from name_mistakes(names, "priorities", places)


def _as_written(levels: tuple[Level, ...]) -> list[str | dict[str, str]]:
    """Return levels as a list, in which their order counts wherever it goes."""
    return [{one.name: one.sentence} if one.sentence else one.name for one in levels]


_SENTENCES: Final = {"type": "object", "additionalProperties": {"type": ["string", "null"]}, "minProperties": 1}
_SCHEMA: Final = {
    "anyOf": [
        _SENTENCES,
        {"type": "array", "minItems": 1, "items": {"anyOf": [{"type": "string"}, {**_SENTENCES, "maxProperties": 1}]}},
    ]
}

Levels = Annotated[tuple[Level, ...], BeforeValidator(_levels), PlainSerializer(_as_written), WithJsonSchema(_SCHEMA)]
"""The priorities of a scorecard, best first."""

USUAL: Final = tuple(Level(name=name) for name in ("P1", "P2", "P3", "P4"))
"""The priorities of a scorecard that names none."""
