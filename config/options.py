"""Looks up what a JSON Schema says about one place in a file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.documents import Path_


class Option:
    """What the schema says about one place in a file."""

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
        """The section's name in the schema, such as `ActivityRule`."""
        return str(self.schema.get("title", ""))

    @property
    def names(self) -> Mapping[str, Any]:
        """The schema of the option names inside this one, if names can be chosen freely."""
        found: Mapping[str, Any] = self.schema.get("propertyNames", {})
        return found

    def choices(self, name: str) -> Sequence[str]:
        """Return the values allowed for the option `name` inside this one."""
        inner = self.properties.get(name, {})
        return [str(choice) for choice in inner.get("enum", [inner[key] for key in ("const",) if key in inner])]

    @property
    def examples(self) -> Sequence[Any]:
        """Example values."""
        found: Sequence[Any] = self.schema.get("examples", ())
        return found


def options_at(schema: dict[str, Any], path: Path_) -> Iterator[Option]:
    """Yield what a JSON Schema allows at a path, one option per branch of a union."""
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
    """Yield the options one step further in. List entries and free names take the description of their parent."""
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
