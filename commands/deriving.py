"""Options that derive fields from the columns of a file, as the mappings of a connection do."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from connectors.plain_files import NotPlain, read_text
from meaning.derive import FieldSource, OwnWords
from vocabulary.fields import FieldType

FIELD: Final[Callable[..., Any]] = click.option(
    "--field",
    "fields",
    multiple=True,
    help="Derive a field from a column: `seniority=seniority(title)`. May be repeated; see docs/settings.md.",
)
WORDS: Final[Callable[..., Any]] = click.option(
    "--words",
    type=click.Path(path_type=Path, dir_okay=False),
    help="YAML with words of your own for derived fields, as under `words` in the settings.",
)


def sources(given: Sequence[str], declared: Mapping[str, FieldType] | None) -> dict[str, FieldSource]:
    """Return what each field is derived from; `declared`: the fields of the scorecard, if there is one."""
    return dict(_source(text, declared) for text in given)


def _source(text: str, declared: Mapping[str, FieldType] | None) -> tuple[str, FieldSource]:
    name, equals, mapping = text.partition("=")
    name = name.strip()
    if not equals or not name or (declared is not None and name not in declared):
        known = f"; the scorecard declares {', '.join(declared)}" if declared is not None else ""
        raise click.UsageError(f"--field {text}: write FIELD=DERIVATION(COLUMN){known}.")
    try:
        source = FieldSource.parse(mapping)
    except ValueError as error:
        raise click.UsageError(f"--field {text}: {error}") from None
    if declared is not None and source.derivation and not source.takes(declared[name]):
        needs = f"{source.derivation.name}(…) gives a {source.derivation.type}, the scorecard declares {declared[name]}"
        raise click.UsageError(f"--field {text}: {needs}.")
    return name, source


def own_words(path: Path | None) -> OwnWords:
    """Return the words in a file; none without a file."""
    if path is None:
        return OwnWords()
    try:
        return OwnWords.model_validate(YAML(typ="safe", pure=True).load(read_text(path)) or {})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(one) for one in first["loc"])
        raise click.UsageError(f"--words {path}: {place}: {first['msg']}.") from None
    except NotPlain as problem:
        raise click.UsageError(f"--words {path}: {problem.reason}. {problem.remedy}") from None
    except YAMLError as error:
        raise click.UsageError(f"--words {path}: is no YAML: {error}") from None
