"""What pydantic found wrong, in the words of the person who wrote the file."""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from pydantic_core import ErrorDetails

from config.documents import Path_
from config.options import Option

UNKNOWN: Final = "extra_forbidden"
MISSING: Final = "missing"
OF_SCORECARD: Final = "scorecard"
"""Names of errors: options that do not exist, options that must be given, and what a scorecard finds in itself."""

Words = tuple[str, str]
"""What is wrong, and what to write instead."""

SECRET: Final = re.compile(r"token|secret|password|private|credential", re.IGNORECASE)

TYPES: Final = {
    "int_type": "is not a whole number",
    "int_parsing": "is not a whole number",
    "int_from_float": "is not a whole number",
    "float_type": "is not a number",
    "float_parsing": "is not a number",
    "finite_number": "is not a number that one can reckon with",
    "bool_type": "is not true or false",
    "bool_parsing": "is not true or false",
    "string_type": "is not a text",
    "path_type": "is not the name of a file",
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
"""Errors about the form of a value: a text, a list, a section; pydantic counts the right entries of a list only."""

FORMS: Final = {
    "is not a whole number": "Write a whole number.",
    "is not a number": "Write a number.",
    "is not true or false": "Write true or false.",
    "is not a text": "Put quotes around it.",
    "is not a section of `key: value` lines": "Write `key: value` lines under it.",
    "is not a list": "Write its entries as `- …` lines under it.",
}
BOUNDS: Final = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
LENGTHS: Final = {
    "too_short": "min_length",
    "too_long": "max_length",
    "string_too_short": "min_length",
    "string_too_long": "max_length",
}
QUOTED: Final = r"'.*?'(?!\w)|`.*?`|\{.*?\}"
PARTED: Final = re.compile(rf"(?P<wrong>(?>{QUOTED}|.)+?)(?:: |; |[.] (?=[A-Z]))(?P<remedy>.+)", re.DOTALL)


class Error:
    """One error of pydantic, the place in the file that it is about, and the options there."""

    def __init__(self, details: ErrorDetails, path: Path_, options: Sequence[Option]) -> None:
        self.kind, self.given = details["type"], details["input"]
        self.said, self.context = details["msg"], details.get("ctx", {})
        self.path, self.options = path, options
        self.about_key = details["loc"][-1:] == ("[key]",)

    @property
    def words(self) -> Words:
        """Say what is wrong and what to write instead."""
        return WORDS.get(self.kind, _other)(self)

    @property
    def known(self) -> list[str]:
        """The options that there are."""
        return list(dict.fromkeys(name for option in self.options for name in option.properties))

    def owners(self, name: str) -> str:
        """Name the sections that could stand here and have an option: `an activity rule`."""
        titles = [option.title for option in self.options if name in option.properties and option.title]
        return " or ".join(_with_article(title) for title in dict.fromkeys(titles)) or "another section"

    @property
    def meant(self) -> str | None:
        """The option that an unknown one was probably meant to be."""
        return _closest(str(self.path[-1]), self.known)

    @property
    def written(self) -> str:
        """Quote what stands in the file."""
        return _written(self.given, self.path)

    @property
    def belongs(self) -> str:
        """Describe what belongs here."""
        return _what_belongs_here(self.options)


def _with_article(title: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title).lower()
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _wrong_type(error: Error) -> Words:
    return f"{error.written} {TYPES[error.kind]}.", error.belongs or FORMS.get(TYPES[error.kind], "")


def _out_of_bounds(error: Error) -> Words:
    name, words = BOUNDS[error.kind]
    limit = error.context[name]
    bound = f"{words} {limit * 100:g}%" if "%" in str(error.given) else f"{words} {limit}"
    return f"{error.written} must be {bound}.", f"Write a number that is {bound}."


def _length(error: Error) -> Words:
    short = "short" in error.kind
    what = "characters" if error.kind.startswith("string") else "entries"
    bound = error.context[LENGTHS[error.kind]]
    return (
        f"{error.written} is too {'short' if short else 'long'}.",
        f"Write at {'least' if short else 'most'} {bound} {what}.",
    )


def _missing(error: Error) -> Words:
    return "this option is missing.", f"Add `{error.path[-1]}: …`.{_described(error.options)}"


def _unknown(error: Error) -> Words:
    name = str(error.path[-1])
    if name in error.known:
        return f"`{name}` is not an option here.", f"Only {error.owners(name)} has it: take it out here."
    return "there is no such option here.", _suggestion(name, error.known)


def _not_a_choice(error: Error) -> Words:
    choices = re.findall(r"'([^']*)'", error.context.get("expected", error.context.get("expected_tags", "")))
    given = str(error.context.get("tag", error.given))
    written = f"'{given}'" if "tag" in error.context else error.written
    return f"{written} is not possible here.", _suggestion(given, choices)


def _no_selector(error: Error) -> Words:
    option = str(error.context["discriminator"]).strip("'")
    choices = [choice for each in error.options for choice in each.choices(option)]
    return f"the option `{option}` is missing.", _suggestion("", choices) or f"Add `{option}: …`."


def _pattern(error: Error) -> Words:
    if error.about_key:
        names = [str(option.names.get("description", "")) for option in error.options]
        return f"'{error.given}' is not a possible name.", next(filter(None, names), _must_match(error))
    textual = [option for option in error.options if "pattern" in option.schema]
    return f"{error.written} is not written as it must be.", _what_belongs_here(textual) or _must_match(error)


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
    """Part what a validator says into what is wrong and what to write instead: at a colon, or after a sentence.

    What it quotes, or shows in braces, is left whole.
    """
    parted = PARTED.match(text)
    return (_sentence(parted["wrong"]), _remedy(parted["remedy"])) if parted else (_sentence(text), "")


def _sentence(text: str) -> str:
    """End with a full stop."""
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def _remedy(text: str) -> str:
    """Begin with a capital, end with a full stop."""
    return _sentence(text[:1].upper() + text[1:])


def _written(value: Any, path: Path_) -> str:
    """Quote what stands in the file, unless it is long or may be a secret."""
    if isinstance(value, Mapping):
        return "a section"
    if isinstance(value, list | tuple | set | frozenset):
        return "a list" if value else "an empty list"
    if value is None:
        return "nothing"
    if any(SECRET.search(str(part)) for part in path):
        return "this value"
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return f"'{text if len(text) <= 60 else text[:57] + '…'}'"  # noqa: PLR2004 - about half a line


def _suggestion(written: str, possible: Sequence[str]) -> str:
    """Name the option that was probably meant, or all that are possible."""
    choices = list(dict.fromkeys(possible))
    if close := _closest(written, choices):
        return f"Did you mean `{close}`?"
    return f"Possible are {', '.join(f'`{choice}`' for choice in choices)}." if choices else "Take it out."


def _closest(written: str, choices: Sequence[str]) -> str | None:
    folded = {choice.lower(): choice for choice in choices}
    close = get_close_matches(written.lower(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def _described(options: Sequence[Option]) -> str:
    """Give the first sentence of the option's documentation, with a blank before it; none where kinds differ."""
    found = {re.split(r"(?<=[.]) ", option.description)[0] for option in options}
    return f" {found.pop()}".rstrip() if len(found) == 1 else ""


def _what_belongs_here(options: Sequence[Option]) -> str:
    """Describe the option in the words of its documentation, with an example."""
    described = _described(options).strip()
    examples = [str(example) for option in options for example in option.examples][:3]
    return " ".join(part for part in (described, f"For example {', '.join(examples)}." if examples else "") if part)


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
