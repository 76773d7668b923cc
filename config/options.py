"""What a JSON Schema says about one place of a file: which options, how described, how written."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.documents import Path_


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
    def title(self) -> str:
        """The name of the section, as the schema gives it: `ActivityRule`."""
        return str(self.schema.get("title", ""))

    @property
    def names(self) -> Mapping[str, Any]:
        """What the names of the options inside this one must be like, where they are free."""
        found: Mapping[str, Any] = self.schema.get("propertyNames", {})
        return found

    def choices(self, name: str) -> Sequence[str]:
        """Return the values that the option `name` inside this one may have."""
        inner = self.properties.get(name, {})
        return [str(choice) for choice in inner.get("enum", [inner[key] for key in ("const",) if key in inner])]

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
    if not inner or "properties" in schema:
        yield option
    for branch in inner:
        yield from _branches(Option(branch, option.description), root)


def _inside(option: Option, part: str | int) -> Iterator[Option]:
    """Yield what one step further in is: entries and free names are described by what holds them."""
    if isinstance(part, int):
        inner, described = _entry(option.schema, part), option.description
    elif part in option.properties:
        inner, described = option.properties[part], ""
    else:
        inner, described = option.schema.get("additionalProperties", _first_pattern(option.schema)), option.description
    if isinstance(inner, Mapping):
        yield Option(inner, described)


def _entry(schema: Mapping[str, Any], place: int) -> Any:
    places = schema.get("prefixItems", ())
    return places[place] if place < len(places) else schema.get("items")


def _first_pattern(schema: Mapping[str, Any]) -> Any:
    return next(iter(schema.get("patternProperties", {}).values()), None)
