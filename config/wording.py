"""Puts pydantic's errors into words that the author of the file understands."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from difflib import get_close_matches
from typing import Any, Final

from pydantic_core import ErrorDetails

from config.documents import Path_
from config.options import Option
from config.text import flow
from vocabulary.fields import ALSO_CALLED
from vocabulary.units import SECONDS

UNKNOWN: Final = "extra_forbidden"
MISSING: Final = "missing"
OF_SCORECARD: Final = "scorecard"
"""Error types: an unknown option, a missing option, and a scorecard's own check."""

Words = tuple[str, str]
"""What is wrong, and what to write instead."""

SECRET: Final = re.compile(r"token|secret|password|private|credential", re.IGNORECASE)

TYPES: Final = {
    "int_type": "is not a whole number",
    "int_parsing": "is not a whole number",
    "int_from_float": "is not a whole number",
    "float_type": "is not a number",
    "float_parsing": "is not a number",
    "finite_number": "is not a finite number",
    "bool_type": "is not true or false",
    "bool_parsing": "is not true or false",
    "string_type": "is not text",
    "path_type": "is not a file name",
    "dict_type": "is not a section of `key: value` lines",
    "model_type": "is not a section of `key: value` lines",
    "mapping_type": "is not a section of `key: value` lines",
    "model_attributes_type": "is not a section of `key: value` lines",
    "list_type": "is not a list",
    "tuple_type": "is not a list",
    "set_type": "is not a list",
    "frozen_set_type": "is not a list",
}
FORM: Final = frozenset({"too_short", *(kind for kind in TYPES if kind.endswith("_type"))} - {"path_type"})
"""Errors about the form of a value: text, list or section. `too_short` is one: pydantic counts valid entries only."""

FORMS: Final = {
    "is not text": "Put it in quotes.",
    "is not a section of `key: value` lines": "Write `key: value` lines under it.",
    "is not a list": "Write its entries as `- …` lines under it.",
}
BOUNDS: Final = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
NOTHING: Final = {"datetime.timedelta(0)": "0"}
"""How pydantic writes a bound, and what people write."""
LENGTHS: Final = {
    "too_short": "min_length",
    "too_long": "max_length",
    "string_too_short": "min_length",
    "string_too_long": "max_length",
}
ALSO: Final = {
    **ALSO_CALLED,
    **dict.fromkeys(("=", "==", "eq", "equals", "equal"), "is"),
    **dict.fromkeys(("!=", "<>", "ne", "not", "not_equals"), "is_not"),
    **dict.fromkeys((">=", "gte", "ge", "min", "from"), "at_least"),
    **dict.fromkeys(("<=", "lte", "le", "max", "to"), "at_most"),
    **dict.fromkeys((">", "gt", "greater_than", "more_than", "after"), "above"),
    **dict.fromkeys(("<", "lt", "less_than", "fewer_than", "before"), "below"),
    **dict.fromkeys(("range",), "between"),
    **dict.fromkeys(("regex", "regexp", "pattern"), "matches"),
    **dict.fromkeys(("one_of", "any_of"), "in"),
}
"""What other programs call operators and types."""
COMMA: Final = re.compile(r"(?P<whole>[+-]?\d[\d.' ]*),(?P<rest>\d+\s*%?)")
"""A number with a decimal comma."""
RANGE: Final = re.compile(r"(\d+)\s*(?:-|–|\.\.|to)\s*(\d+)")  # noqa: RUF001 - people write an en dash
CONDITIONS: Final = frozenset({"lead", "match", "partial", "when", "exclude", "activity"})
"""The options that hold conditions."""
REST: Final = re.compile(r"\d+\s*[smhdw%]?")
"""What YAML makes of the part after the comma inside braces."""
SOME: Final = 20
"""An example of a number, where the option has none."""
MISSPELT: Final = 0.75
"""How alike a value and a choice with the same first letter must be for it to be a slip."""
QUOTED: Final = r"'.*?'(?!\w)|`.*?`|\{.*?\}"
PARTED: Final = re.compile(rf"(?P<wrong>(?>{QUOTED}|.)+?)(?:: |; |[.] (?=[A-Z]))(?P<remedy>.+)", re.DOTALL)


class Error:
    """A pydantic error, its path in the file, and the options allowed there."""

    def __init__(self, details: ErrorDetails, path: Path_, options: Sequence[Option]) -> None:
        self.kind, self.given = details["type"], details["input"]
        self.said, self.context = details["msg"], details.get("ctx", {})
        self.path, self.options = path, options
        self.about_key = details["loc"][-1:] == ("[key]",)

    @property
    def words(self) -> Words:
        """What is wrong and what to write instead."""
        wrong, remedy = WORDS.get(self.kind, _other)(self)
        return (wrong, point) if (point := self._number(wrong)) else (wrong, remedy)

    def _number(self, wrong: str) -> str | None:
        """Return the remedy for a range, or for a number with a decimal comma, as most of the world writes it."""
        rest = str(self.path[-1])
        if self.kind == UNKNOWN and REST.fullmatch(rest):
            return f"If it is the end of a number, write a decimal point instead of the comma, such as 40.{rest}."
        if "number" in wrong and CONDITIONS.intersection(self.path) and (range_ := RANGE.fullmatch(str(self.given))):
            return f"Write a range as {{between: [{range_[1]}, {range_[2]}]}}."
        number = COMMA.fullmatch(str(self.given)) if "number" in wrong or "percentage" in wrong else None
        if number is None or "whole" in wrong:
            return None
        return f"Write a decimal point: {re.sub('[^0-9+-]', '', number['whole'])}.{number['rest']}."

    @property
    def known(self) -> list[str]:
        """The names of the options allowed here."""
        return list(dict.fromkeys(name for option in self.options for name in option.properties))

    def owners(self, name: str) -> str:
        """Return the kinds of section allowed here that have this option, such as `activity rules`."""
        titles = [option.title for option in self.options if name in option.properties and option.title]
        return " and ".join(_plural(title) for title in dict.fromkeys(titles)) or "other sections"

    @property
    def meant(self) -> str | None:
        """The option that was probably meant."""
        return _closest(str(self.path[-1]), self.known)

    @property
    def written(self) -> str:
        """The value in the file, quoted."""
        return _written(self.given, self.path)

    @property
    def is_share(self) -> bool:
        """Whether a percentage belongs here, such as `25%`."""
        return any("%" in str(example) for option in self.options for example in option.examples)

    @property
    def number(self) -> float | None:
        """A number that is allowed here: the default, or else one within the bounds; None where none is asked for."""
        return next(filter(lambda one: one is not None, map(_number_for, self.options)), None)

    @property
    def span(self) -> tuple[float, float] | None:
        """The least and the greatest number allowed here, where both have a bound."""
        bounds = [(one.schema["minimum"], one.schema["maximum"]) for one in self.options if _has_span(one)]
        return bounds[0] if bounds else None

    @property
    def belongs(self) -> str:
        """A description of what belongs here."""
        return _what_belongs_here(self.options)


def _plural(title: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title).lower() + "s"


def _wrong_type(error: Error) -> Words:
    form = _form(error)
    if error.belongs.startswith("Write ") or not form:
        return f"{error.written} {TYPES[error.kind]}.", error.belongs
    return f"{error.written} {TYPES[error.kind]}.", f"{form} {error.belongs}".strip()


def _form(error: Error) -> str:
    """Return how a value of the right type is written, unless the examples of the option show it."""
    if "number" not in TYPES[error.kind]:
        return FORMS.get(TYPES[error.kind], "")
    return "" if "Examples: " in error.belongs or error.number is None else f"Write one such as {error.number:.12g}."


def _number_for(option: Option) -> float | None:
    """Return a number that an option allows: its default, or else one within its bounds; None if it takes none."""
    schema = option.schema
    if schema.get("type") not in {"integer", "number"}:
        return None
    low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
    high = schema.get("maximum", max(SOME, low))
    default = schema.get("default")
    return default if isinstance(default, int | float) else float(min(max(SOME, low), high))


def _has_span(option: Option) -> bool:
    return {"minimum", "maximum"} <= option.schema.keys()


def _out_of_bounds(error: Error) -> Words:
    name, words = BOUNDS[error.kind]
    limit = error.context[name]
    if error.is_share or "%" in str(error.given):
        bound = f"{error.written} must be {words} {limit * 100:g}%."
        return bound, error.belongs if "%" in str(error.given) else f"Write a percentage: {error.given}%."
    return f"{error.written} must be {words} {NOTHING.get(str(limit), limit)}.", _within(error)


def _within(error: Error) -> str:
    """Return both bounds of a number, or else what belongs here, or else an example."""
    if error.span:
        return "Write a number from {:.12g} to {:.12g}.".format(*error.span)
    return error.belongs or (f"Write one such as {error.number:.12g}." if error.number is not None else "")


def _length(error: Error) -> Words:
    short = "short" in error.kind
    textual = error.kind.startswith("string")
    what = "characters" if textual else "entries"
    bound = error.context[LENGTHS[error.kind]]
    if short and bound == 1:
        return _empty(error, textual=textual)
    return (
        f"{error.written} is too {'short' if short else 'long'}.",
        f"Write at {'least' if short else 'most'} {bound} {what}.",
    )


def _empty(error: Error, *, textual: bool) -> Words:
    if textual:
        return "this text is empty.", error.belongs or "Write one, or remove the option."
    examples = [example for option in error.options for example in option.examples]
    such = f", such as `{flow(examples[0])}`" if examples else ""
    return (
        f"this {'section' if isinstance(error.given, Mapping) else 'list'} is empty.",
        f"It needs at least one entry{such}.",
    )


def _missing(error: Error) -> Words:
    return "this option is missing.", f"Add `{error.path[-1]}: …`.{_described(error.options)}"


def _unknown(error: Error) -> Words:
    name = str(error.path[-1])
    if name in error.known:
        return f"`{name}` is not allowed here.", f"Remove it: only {error.owners(name)} have `{name}`."
    return "this option does not exist here.", _suggestion(name, error.known)


def _not_a_choice(error: Error) -> Words:
    choices = re.findall(r"'([^']*)'", error.context.get("expected", error.context.get("expected_tags", "")))
    given = str(error.context.get("tag", error.given))
    written = f"'{given}'" if "tag" in error.context else error.written
    return f"{written} is not allowed here.", _suggestion(given, choices, _misspelt)


def _no_selector(error: Error) -> Words:
    option = str(error.context["discriminator"]).strip("'")
    choices = [choice for each in error.options for choice in each.choices(option)]
    added = " or ".join(f"`{option}: {choice}`" for choice in dict.fromkeys(choices))
    return f"the option `{option}` is missing.", f"Add {added or f'`{option}: …`'}."


def _pattern(error: Error) -> Words:
    if error.about_key:
        names = [str(option.names.get("description", "")) for option in error.options]
        return f"'{error.given}' is not a valid name.", next(filter(None, names), _must_match(error))
    textual = [option for option in error.options if "pattern" in option.schema]
    return f"{error.written} has the wrong form.", _what_belongs_here(textual) or _must_match(error)


def _must_match(error: Error) -> str:
    return f"It must match {error.context['pattern']}."


def _scorecard(error: Error) -> Words:
    if not error.context["remedy"]:
        return _split(error.context["message"])
    return _sentence(error.context["message"]), _remedy(error.context["remedy"])


def _value(error: Error) -> Words:
    return _split(str(error.context.get("error", error.said)))


def _other(error: Error) -> Words:
    return _sentence(f"{error.said[:1].lower()}{error.said[1:]}"), error.belongs


def _split(text: str) -> tuple[str, str]:
    """Split a validator's message into what is wrong and what to write instead: at a colon or after a sentence.

    Quoted text and text in braces is never split.
    """
    parted = PARTED.match(text)
    return (_sentence(parted["wrong"]), _remedy(parted["remedy"])) if parted else (_sentence(text), "")


def _sentence(text: str) -> str:
    """Return the text with a full stop at its end."""
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def _remedy(text: str) -> str:
    """Return the text with a capital at its start and a full stop at its end."""
    return _sentence(text[:1].upper() + text[1:])


def _written(value: Any, path: Path_) -> str:
    """Return a value from the file in quotes, shortened if long, and hidden if it may be a secret."""
    if isinstance(value, Mapping):
        return "a section"
    if isinstance(value, list | tuple | set | frozenset):
        return "a list" if value else "an empty list"
    if value is None:
        return "nothing"
    if any(SECRET.search(str(part)) for part in path):
        return "this value"
    value = _span(value) if isinstance(value, timedelta) else value
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return f"'{text if len(text) <= 60 else text[:57] + '…'}'"  # noqa: PLR2004 - about half a line


def _span(length: timedelta) -> str:
    """Return a duration in the largest unit that leaves no rest, such as `90m`."""
    seconds = int(length.total_seconds())
    unit = next(one for one in "dhms" if seconds % SECONDS[one] == 0)
    return f"{seconds // SECONDS[unit]}{unit}"


def _suggestion(
    written: str, possible: Sequence[str], near: Callable[[str, Sequence[str]], str | None] | None = None
) -> str:
    """Return a remedy with the option that was probably meant, or with all allowed ones."""
    choices = list(dict.fromkeys(possible))
    if (other := ALSO.get(written.lower())) in choices:
        return f"Did you mean `{other}`?"
    if close := (near or _closest)(written, choices):
        return f"Did you mean `{close}`?"
    if "?" in choices and written in {"", "None"}:
        return "Put a question mark in quotes: '?'."
    return f"Write one of {', '.join(f'`{choice}`' for choice in choices)}." if choices else "Remove it."


def _closest(written: str, choices: Sequence[str], cutoff: float = 0.6) -> str | None:
    folded = {choice.lower(): choice for choice in choices}
    close = get_close_matches(written.lower(), folded, n=1, cutoff=cutoff)
    return folded[close[0]] if close else None


def _misspelt(written: str, choices: Sequence[str]) -> str | None:
    """Return the value of which this is a slip of the pen.

    Values differ in what they do, so another word that merely shares letters, such as `none` and `anyone`, is no slip.
    """
    same = [choice for choice in choices if choice[:1].lower() == written[:1].lower()]
    return _closest(written, same, MISSPELT)


def _described(options: Sequence[Option]) -> str:
    """Return a space and the first sentence of the option's description; empty if the branches differ."""
    found = {re.split(r"(?<=[.]) ", option.description)[0] for option in options}
    return f" {found.pop()}".rstrip() if len(found) == 1 else ""


def _what_belongs_here(options: Sequence[Option]) -> str:
    """Return the option's description, with examples."""
    described = _described(options).strip()
    examples = list(dict.fromkeys(str(example) for option in options for example in option.examples))[:3]
    return " ".join(part for part in (described, f"Examples: {', '.join(examples)}." if examples else "") if part)


WORDS: Final[Mapping[str, Callable[[Error], Words]]] = {
    **dict.fromkeys(TYPES, _wrong_type),
    **dict.fromkeys(BOUNDS, _out_of_bounds),
    **dict.fromkeys(LENGTHS, _length),
    MISSING: _missing,
    UNKNOWN: _unknown,
    "literal_error": _not_a_choice,
    "enum": _not_a_choice,
    "union_tag_invalid": _not_a_choice,
    "union_tag_not_found": _no_selector,
    "string_pattern_mismatch": _pattern,
    OF_SCORECARD: _scorecard,
    "value_error": _value,
}
