"""What pydantic found wrong, in the words of the person who wrote the file."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.documents import Document, Path_
from config.mistakes import Mistake

SHORTHANDS: Final = {"scorecards": "scorecard"}
"""Options that have a shorter form, which is read as the longer one."""

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
BOUNDS: Final = {
    "greater_than": ("gt", "must be above"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be below"),
    "less_than_equal": ("le", "must be at most"),
}
LENGTHS: Final = {
    "too_short": "min_length",
    "too_long": "max_length",
    "string_too_short": "min_length",
    "string_too_long": "max_length",
}


def translate(problem: ValidationError, document: Document, model: type[BaseModel]) -> list[Mistake]:
    """Turn all errors of a model into mistakes, one for each place and cause."""
    schema = model.model_json_schema(by_alias=True)
    return [_mistake(error, document, schema) for error in problem.errors(include_url=False)]


def _mistake(error: ErrorDetails, document: Document, schema: dict[str, Any]) -> Mistake:
    path = path_in(document.data, error)
    options = list(options_at(schema, path[:-1] if error["type"] == "extra_forbidden" else path))
    message, remedy = _words(error, path, options)
    return document.mistake(path, message, remedy)


def path_in(data: Any, error: ErrorDetails) -> Path_:
    """Find the place in the file that an error is about: pydantic also names the branch of a union in its path."""
    path: list[str | int] = []
    for part in error["loc"]:
        known = SHORTHANDS.get(str(part), part) if not _has(data, part) else part
        if _has(data, known):
            path.append(known)
            data = data[known]
    if error["type"] == "missing":
        path.append(error["loc"][-1])
    return tuple(path)


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, Mapping):
        return part in data
    return isinstance(data, list) and isinstance(part, int) and part < len(data)


def _words(error: ErrorDetails, path: Path_, options: Sequence["Option"]) -> tuple[str, str]:
    """Say what is wrong and what to write instead."""
    kind, context = error["type"], error.get("ctx", {})
    written = _written(error["input"], path)
    if kind in TYPES:
        return f"{written} {TYPES[kind]}.", _what_belongs_here(options)
    if kind in BOUNDS:
        bound, words = BOUNDS[kind]
        return (
            f"{written} {words} {context[bound]}.",
            f"Write a number that is {words.removeprefix('must be ')} {context[bound]}.",
        )
    if kind in LENGTHS:
        return _length(kind, context, written)
    match kind:
        case "missing":
            return "this option is missing.", f"Add `{path[-1]}: …`." + _described(options)
        case "extra_forbidden":
            return "there is no such option here.", _suggestion(
                str(path[-1]), [name for option in options for name in option.properties]
            )
        case "literal_error" | "enum":
            return f"{written} is not possible here.", _suggestion(
                str(error["input"]), re.findall(r"'([^']*)'", context["expected"])
            )
        case "union_tag_invalid":
            return f"'{context['tag']}' is not possible here.", _suggestion(
                context["tag"], re.findall(r"'([^']*)'", context["expected_tags"])
            )
        case "union_tag_not_found":
            return (
                "the option that selects the kind is missing.",
                f"Add {context['discriminator'].replace(chr(39), '`')}.",
            )
        case "string_pattern_mismatch":
            return f"{written} is not written as it must be.", _what_belongs_here(
                options
            ) or f"It must match {context['pattern']}."
        case "scorecard":
            return _sentence(context["message"]), _remedy(context["remedy"])
        case "value_error":
            return _split(str(context.get("error", error["msg"])))
        case _:
            return f"{error['msg'][:1].lower()}{error['msg'][1:]}.", _what_belongs_here(options)


def _length(kind: str, context: dict[str, Any], written: str) -> tuple[str, str]:
    bound = context[LENGTHS[kind]]
    word = "at least" if "short" in kind else "at most"
    what = "characters" if kind.startswith("string") else "entries"
    return f"{written} is too {'short' if 'short' in kind else 'long'}.", f"Write {word} {bound} {what}."


def _split(text: str) -> tuple[str, str]:
    """Part what a validator says into what is wrong and what to write instead: at a colon, or after a sentence."""
    parted = re.match(r"(?P<wrong>.+?)(?:: |; |[.] (?=[A-Z]))(?P<remedy>.+)", text, re.DOTALL)
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
    close = get_close_matches(written.lower(), [choice.lower() for choice in choices], n=1, cutoff=0.6)
    if close:
        return f"Did you mean `{next(choice for choice in choices if choice.lower() == close[0])}`?"
    return f"Possible are {', '.join(f'`{choice}`' for choice in choices)}." if choices else "Take it out."


def _described(options: Sequence["Option"]) -> str:
    return "".join(f" {option.description}" for option in options[:1] if option.description)


def _what_belongs_here(options: Sequence["Option"]) -> str:
    """Describe the option in the words of its documentation, with an example."""
    described = _described(options).strip()
    examples = [str(example) for option in options for example in option.examples][:3]
    return " ".join(part for part in (described, f"For example {', '.join(examples)}." if examples else "") if part)


class Option:
    """What the schema says about one place of a file."""

    def __init__(self, schema: Mapping[str, Any], description: str = "") -> None:
        self.schema = schema
        self.description = str(schema.get("description", "")) or description

    @property
    def properties(self) -> Mapping[str, Any]:
        """The options inside this one."""
        found: Mapping[str, Any] = self.schema.get("properties", {})
        return found

    @property
    def examples(self) -> Sequence[Any]:
        """How it may be written."""
        found: Sequence[Any] = self.schema.get("examples", ())
        return found


def options_at(schema: dict[str, Any], path: Path_) -> Iterator[Option]:
    """Yield what a JSON Schema allows at a place, one for each branch."""
    here = [Option(schema)]
    for part in path:
        here = [inner for option in here for branch in _branches(option, schema) for inner in _inside(branch, part)]
    yield from (branch for option in here for branch in _branches(option, schema))


def _branches(option: Option, root: Mapping[str, Any]) -> Iterator[Option]:
    schema = option.schema
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
        yield from _branches(
            Option({**target, **{k: v for k, v in schema.items() if k != "$ref"}}, option.description), root
        )
        return
    inner = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    if not inner:
        yield option
    for branch in inner:
        yield from _branches(Option(branch, option.description), root)


def _inside(option: Option, part: str | int) -> Iterator[Option]:
    schema = option.schema
    if isinstance(part, int):
        places = schema.get("prefixItems", ())
        inner = places[part] if part < len(places) else schema.get("items")
    else:
        inner = option.properties.get(part, schema.get("additionalProperties", _first_pattern(schema)))
    if isinstance(inner, Mapping):
        yield Option(inner)


def _first_pattern(schema: Mapping[str, Any]) -> Any:
    return next(iter(schema.get("patternProperties", {}).values()), None)
