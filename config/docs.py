"""Generates the option tables of `docs/scorecard.md` and `docs/settings.md`, and the JSON Schemas.

`python -m config.docs` rewrites the tables between the marks `<!-- options: Name -->` and `<!-- end -->`.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from config.kinds import KINDS
from config.schema import MODELS, Subject, schema
from meaning.derive import DERIVATIONS
from scoring.card.conditions import Test
from scoring.card.operators import OPERATORS

FOLDER: Final = Path(__file__).parent.parent / "docs"
BLOCK: Final = re.compile(r"<!-- (?P<what>[a-z]+)(?:: (?P<name>\w+))? -->\n.*?<!-- end -->", re.DOTALL)
ORDER: Final = ("text", "number", "flag", "time", "date", "list", "member_of", "grade", "stage", "urgency")


def main() -> None:
    """Rewrite the tables of both pages and both schemas."""
    for subject in MODELS:
        page = FOLDER / f"{subject}.md"
        page.write_text(rendered(page.read_text(encoding="utf-8"), subject), encoding="utf-8")
        schema_file(subject).write_text(schema_text(subject), encoding="utf-8")


def schema_file(subject: Subject) -> Path:
    """Return the path of a JSON Schema. It ships next to the scorecards, which name it in their first line."""
    return Path(__file__).parent / f"{subject}.schema.json"


def schema_text(subject: Subject) -> str:
    """Return the JSON Schema as a file."""
    return json.dumps(schema(subject), indent=2) + "\n"


def rendered(text: str, subject: Subject) -> str:
    """Return a page with up-to-date tables."""
    described = schema(subject)

    def block(match: re.Match[str]) -> str:
        mark = match[0].split("\n", 1)[0]
        return f"{mark}\n\n{TABLES[match['what']](described, match['name'])}\n\n<!-- end -->"

    return BLOCK.sub(block, text)


def shown(text: str) -> set[str]:
    """Return the names of the sections that a page documents."""
    return {match["name"] for match in BLOCK.finditer(text) if match["what"] == "options"}


def sections(subject: Subject) -> Mapping[str, Mapping[str, Any]]:
    """Return all sections with options, keyed by the name that a page uses for them."""
    described = schema(subject)
    found = {_short(name): section for name, section in described["$defs"].items() if "properties" in section}
    return {**found, "top": described}


def _short(name: str) -> str:
    """Shorten `connectors__hubspot__settings__Activities` to `hubspot_ActivitySettings`."""
    *parts, last = name.split("__")
    return f"{parts[1]}_{last}" if parts else last


def _options(described: Mapping[str, Any], name: str) -> str:
    defs = {_short(each): found for each, found in described["$defs"].items()}
    section = described if name == "top" else defs[name]
    needed = set(section.get("required", ()))
    rows = [
        (
            f"`{option}`",
            _kind(details),
            "required" if option in needed else _default(details),
            _meaning(details, defs),
        )
        for option, details in section["properties"].items()
    ]
    return f'<a id="{_anchor(name)}"></a>\n\n' + table(("option", "value", "default", "meaning"), rows)


def _meaning(details: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    referred = defs.get(_short(details.get("$ref", "").rsplit("/", 1)[-1]), {})
    return str(details.get("description") or referred.get("description", ""))


def _operators(*_: Any) -> str:
    rows = []
    for name, field in Test.model_fields.items():
        operator = name.rstrip("_")
        types = [type_ for type_ in ORDER if operator in OPERATORS[type_]] or ["all"]
        rows.append((f"`{operator}`", ", ".join(types), field.description or ""))
    return f'<a id="{_anchor(Test.__name__)}"></a>\n\n' + table(("operator", "for", "holds when"), rows)


def _kinds(*_: Any) -> str:
    return table(("kind", "the lead"), [(f"`{kind}`", meaning) for kind, meaning in KINDS.items()])


def _derivations(*_: Any) -> str:
    rows = [(f"`{one.name}(…)`", one.type, one.description) for one in DERIVATIONS]
    return table(("written", "type", "gives"), rows)


TABLES: Final[Mapping[str, Callable[[Mapping[str, Any], str], str]]] = {
    "options": _options,
    "operators": _operators,
    "kinds": _kinds,
    "derivations": _derivations,
}


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _default(details: Mapping[str, Any]) -> str:
    default = details.get("default")
    if default in (None, "", [], {}) or (isinstance(default, dict) and "$ref" in str(details)):
        return ""
    if isinstance(default, dict):
        return f"`{', '.join(f'{key}: {value}' for key, value in default.items())}`"
    if isinstance(default, list):
        return f"`{', '.join(default)}`" if all(isinstance(each, str) for each in default) else "built in"
    return f"`{_scalar(default)}`"


def _kind(details: Mapping[str, Any]) -> str:
    """Describe the kind of value in a word or two."""
    return " or ".join(dict.fromkeys(_kinds_of(details)))


def _kinds_of(details: Mapping[str, Any]) -> Iterator[str]:
    branches = [*details.get("anyOf", ()), *details.get("oneOf", ()), *details.get("allOf", ())]
    if branches:
        for branch in branches:
            yield from _kinds_of(branch)
    elif "$ref" in details:
        yield _reference(details["$ref"].rsplit("/", 1)[-1])
    elif "const" in details or "enum" in details:
        yield ", ".join(f"`{_scalar(value)}`" for value in details.get("enum", [details.get("const")]))
    elif isinstance(details.get("type"), list):
        yield " or ".join(_WORDS.get(each, each) for each in details["type"])
    elif details.get("type") == "array":
        yield _list(details)
    elif details.get("type") != "null":
        yield _plain(details)


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _reference(name: str) -> str:
    return f"[{_words(name)}](#{_anchor(name)})"


def _words(name: str) -> str:
    """Write `ActivityRule` as `activity rule`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _short(name).split("_")[-1]).lower()


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", _short(name).lower())


def _list(details: Mapping[str, Any]) -> str:
    return f"list of {_kind(details['items'])}" if details.get("items") else "list"


def _plain(details: Mapping[str, Any]) -> str:
    if details.get("type") == "object":
        return "`name: value` lines"
    if examples := details.get("examples"):
        return ", ".join(f"`{example}`" for example in examples[:3])
    return _WORDS.get(str(details.get("type")), "any value")


_WORDS: Final = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "`true`, `false`",
    "object": "section",
}

if __name__ == "__main__":
    main()
