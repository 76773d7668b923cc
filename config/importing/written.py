"""An imported scorecard as YAML, in the form of those that ship."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from config.importing.card import Line, MadeCard, MadeGroup, MadeSection, Note
from config.text import beside, comment, flow, scalar

ABOUT: Final[Mapping[str, str]] = {"fit": "who the lead is", "engagement": "what the lead does"}
OF_ACCOUNTS: Final[Mapping[str, str]] = {"fit": "what the company is", "engagement": "what its people do"}


def written(card: MadeCard) -> str:
    """Return the text of a scorecard."""
    lines = [
        "# yaml-language-server: $schema=scorecard.schema.json",
        "#",
        *(line for text in card.heading for line in comment(text)),
        "",
        f"scorecard: {flow(card.name)}",
        "",
        *_body(card, ABOUT),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _body(card: MadeCard, about: Mapping[str, str]) -> Iterator[str]:
    yield from _fields(card)
    yield from _top(card.top)
    if card.accounts is None:
        yield from _score(card, about)
        yield from card.tail
    else:
        yield "accounts:                   # what follows is about the companies of leads"
        yield from (f"  {line}" if line else "" for line in _body(card.accounts, OF_ACCOUNTS))


def _fields(card: MadeCard) -> Iterator[str]:
    if card.fields:
        yield "fields:"
        yield from beside(
            (f"  {flow(name)}: {type_}", card.sources.get(name, "")) for name, type_ in card.fields.items()
        )
        yield ""


def _top(options: Mapping[str, Any]) -> Iterator[str]:
    for name, option in options.items():
        if name == "figures":
            yield "figures:"
            yield from (f"  {flow(each)}: {flow(figure)}" for each, figure in option.items())
        else:
            yield f"{name}: {flow(option)}"
        yield ""


def _score(card: MadeCard, about: Mapping[str, str]) -> Iterator[str]:
    yield "score:"
    yield from _options(card.limits, 2)
    for name, section in card.sections.items():
        yield f"  {name}:{'':<{22 - len(name)}}# {about[name]}"
        yield from _section(section)
    yield ""


def _section(section: MadeSection) -> Iterator[str]:
    yield from _options(section.options, 4)
    yield "    groups:" if any(group.rules for group in section.groups) else "    groups: []"
    for group in section.groups:
        yield from _group(group)


def _group(group: MadeGroup) -> Iterator[str]:
    if not group.rules:
        yield from (line for note in group.lines if isinstance(note, Note) for line in comment(note.text, 6))
        return
    yield f"      - name: {flow(group.name)}"
    yield from _options(group.options, 8)
    yield "        rules:"
    for line in group.lines:
        yield from _line(line)


def _line(line: Line) -> Iterator[str]:
    if isinstance(line, Note):
        yield from comment(line.text, 10)
    else:
        yield f"          - {flow(line.written)}"


def _options(options: Mapping[str, Any], indent: int) -> Iterator[str]:
    yield from (f"{' ' * indent}{scalar(name)}: {flow(option)}" for name, option in options.items())
