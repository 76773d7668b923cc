"""`leadgauge import`: scoring models of others as scorecards."""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from commands.common import Command, told
from commands.init import refuse_to_overwrite
from config.importing.findings import Finding
from config.importing.hubspot import from_hubspot
from config.importing.imported import Imported
from config.importing.spreadsheet import from_csv
from config.mistakes import in_short

LOST: Final = 1
"""The exit code of --strict where something did not carry over."""


@click.group("import")
def command() -> None:
    """Turn a HubSpot score, or a table of points from a spreadsheet, into a scorecard.

    What does not carry over is listed on standard error, and in comments of the scorecard.

    Example: leadgauge import hubspot-score score.json scoring
    """


def _options(function: Command) -> Command:
    """Add the folder to write to, and `--strict`."""
    strict = click.option("--strict", is_flag=True, help="Exit with 1 if something did not carry over.")
    folder = click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=".")
    return folder(strict(function))


@command.command("hubspot-score")
@click.argument("file", metavar="FILE.json", type=click.Path(path_type=Path))
@click.option(
    "--name",
    "names",
    metavar="ID=NAME",
    multiple=True,
    help="The name of a form, an e-mail or a segment, or of an event type in the events API. May be repeated.",
)
@_options
def hubspot_score(file: Path, folder: Path, names: Sequence[str], *, strict: bool) -> None:
    """Turn a score of HubSpot's Lead Scoring API into a scorecard and settings.

    FILE.json is the answer to GET /marketing/lead-scoring/2027-03-beta/scores/{scoreId}. Existing files are never
    overwritten. docs/importing.md says how each part of it is read.

    \b
    Example:
      curl -H "Authorization: Bearer $HUBSPOT_TOKEN" \\
        https://api.hubapi.com/marketing/lead-scoring/2027-03-beta/scores/7 > score.json
      leadgauge import hubspot-score score.json scoring --name 5f8b1b7e=Demo
    """  # noqa: D301 - click reads the character
    _write(from_hubspot(file, _named(names)), folder, strict=strict)


@command.command("csv")
@click.argument("file", metavar="FILE.csv", type=click.Path(path_type=Path))
@_options
def table(file: Path, folder: Path, *, strict: bool) -> None:
    """Turn a table of points from a spreadsheet into a scorecard.

    The table has columns for attribute, value and points, in any order and with any of the usual headers, and
    optionally for section, group, kind, half-life, decay, window, limit and maximum. Existing files are never
    overwritten. docs/importing.md says how cells are read.

    \b
    Example:
      leadgauge import csv matrix.csv scoring
    """  # noqa: D301 - click reads the character
    _write(from_csv(file), folder, strict=strict)


def _named(names: Sequence[str]) -> Mapping[str, str]:
    wrong = [one for one in names if not re.fullmatch(r"[^=]+=.*\S.*", one)]
    if wrong:
        raise click.BadParameter(f"'{wrong[0]}' is not of the form ID=NAME.", param_hint="'--name'")
    return {id_: name.strip() for id_, _, name in (one.partition("=") for one in names)}


def _write(made: Imported, folder: Path, *, strict: bool) -> None:
    """Write the files, and say what did not carry over."""
    stem = re.sub(r"[^a-z0-9]+", "-", made.name.lower()).strip("-") or "imported"
    texts = {f"{stem}.yaml": made.card}
    if made.settings:
        texts[f"{stem}-settings.yaml"] = made.settings.replace("SCORECARD", f"{stem}.yaml")
    refuse_to_overwrite(folder, texts)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(f"wrote {in_short(folder / name)}")
    _tell(made.findings)
    told(f"Next: read {in_short(folder / stem)}.yaml, then run `leadgauge check {in_short(folder / stem)}.yaml`.")
    if strict and any(one.loses for one in made.findings):
        sys.exit(LOST)


def _tell(findings: Sequence[Finding]) -> None:
    for heading, loses in (("Did not carry over:", True), ("Changes no number:", False)):
        found = [one for one in findings if one.loses == loses]
        if found:
            told(heading)
            for one in found:
                click.echo(f"  {one}", err=True)
