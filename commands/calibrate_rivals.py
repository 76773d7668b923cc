"""Finds the scores that `calibrate --against` names among the fields of a mirror, or says what has to be added."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from calibrate.errors import CalibrationError
from calibrate.options import Options
from config.settings import AnyConnection, ScorecardUse
from connectors.files.headings import plain_name
from meaning.derive import FieldSource
from pipeline.job import Job
from vocabulary.outputs import Of

READ: Final = "Then read it, which needs only rights to read: leadgauge plan --read"
TRACKED: Final = "In Salesforce, switch on Set History Tracking for the field; the history begins with its next change."


def named(job: Job, use: ScorecardUse, options: Options, history: pl.DataFrame, of: Of) -> Options:
    """Return the options with the scorecard's names of the scores.

    Raises CalibrationError for a score that the mirror does not read, or of which it has no history.
    """
    if not options.against:
        return options
    if of == "accounts":
        raise CalibrationError("--against: a mirror keeps no history of accounts. Give files with --history.")
    found = {asked: _field(asked, job, use) for asked in options.against}
    constant = {plain_name(one) for one in options.at_creation}
    for asked, field in found.items():
        if not {plain_name(asked), field} & constant and history.filter(pl.col("field") == field).is_empty():
            raise CalibrationError(_no_history(asked, field, job))
    against = {field: options.against[asked] for asked, field in found.items()}
    return replace(options, against=against)


def _field(asked: str, job: Job, use: ScorecardUse) -> str:
    """Return the field of the scorecard that has a name, or that is mapped to a property of this name."""
    declared = {plain_name(name): name for name in use.card.fields}
    mapped = {path.lower(): name for name in use.card.fields for path in _paths(job.connection, name)}
    field = declared.get(plain_name(asked)) or mapped.get(asked.lower())
    if field is None:
        raise CalibrationError(_how_to_read(asked, job, use))
    return field


def _paths(connection: AnyConnection, field: str) -> Iterator[str]:
    """Yield the properties that a field is mapped to as they are."""
    given = connection.fields.get(field)
    texts = [given] if isinstance(given, str) else [given.Lead, given.Contact] if given else []
    for source in (FieldSource.parse(text) for text in texts if text):
        if source.derivation is None:
            yield source.paths[0]


def _how_to_read(asked: str, job: Job, use: ScorecardUse) -> str:
    """Return what to add so that a score is read with its history."""
    field = plain_name(asked)
    card = _block({"fields": {field: "number"}})
    settings = _block({"history": "true", "fields": {field: asked}})
    return (
        f"--against {asked}: the mirror of {job.name} does not read it. Add it to the scorecard {Path(use.file).name} "
        f"(text instead of number for a choice):\n{card}\nand to the connection {job.name} in the settings, with the "
        f"name that it has in the CRM:\n{settings}\n{READ}"
    )


def _no_history(asked: str, field: str, job: Job) -> str:
    said = f"--against {asked}: the mirror of {job.name} has no history of {field}, and its value of today may know the"
    if not job.connection.history:
        settings = _block({"history": "true"})
        return f"{said} outcome. Add to the connection {job.name} in the settings:\n{settings}\n{READ}"
    tracked = f" {TRACKED}" if job.connection.crm == "salesforce" else ""
    own = " It has to be a property of the lead or contact itself." if job.connection.crm == "hubspot" else ""
    return f"{said} outcome. Read it with `leadgauge plan --read`, which needs only rights to read.{own}{tracked}"


def _block(given: Mapping[str, str | Mapping[str, str]], indent: str = "  ") -> str:
    """Return lines of YAML."""
    lines = [
        f"{indent}{name}: {value}" if isinstance(value, str) else f"{indent}{name}:\n{_block(value, indent + '  ')}"
        for name, value in given.items()
    ]
    return "\n".join(lines)
