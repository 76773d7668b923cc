"""`leadgauge init`: settings and a scorecard to start from."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

import config
from config import ConfigError, Mistake, load_scorecard
from config.docs import schema_file
from config.mistakes import in_short
from config.schema import MODELS

SHIPPED: Final = Path(config.__file__).parent
SCORECARDS: Final = ("b2b-saas", "b2b-services", "b2c-considered", "pardot-default", "hubspot-combined")
SETTINGS: Final = "leadgauge.yaml"
SECRETS: Final = {
    "hubspot": "HUBSPOT_TOKEN",
    "salesforce": "SALESFORCE_CONSUMER_KEY and SALESFORCE_CONSUMER_SECRET",
}


@click.command("init")
@click.option(
    "--crm", type=click.Choice(["hubspot", "salesforce"]), default="hubspot", show_default=True, help="Your CRM."
)
@click.option(
    "--scorecard", type=click.Choice(SCORECARDS), default=SCORECARDS[0], show_default=True, help="What to start from."
)
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=".")
def command(crm: str, scorecard: str, folder: Path) -> None:
    """Write settings and a scorecard to start from, with their JSON Schemas for your editor.

    Existing files are never overwritten.

    Example: leadgauge init --crm salesforce --scorecard b2b-services scoring
    """
    texts = starting_files(crm, scorecard)
    refuse_to_overwrite(folder, texts)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(f"wrote {in_short(folder / name)}")
    click.echo(_next_steps(crm, scorecard, in_short(folder / SETTINGS)), err=True)


def starting_files(crm: str, scorecard: str) -> Mapping[str, str]:
    """Return the text of each file to start from, by file name."""
    return {
        SETTINGS: _settings(crm, scorecard),
        f"{scorecard}.yaml": (SHIPPED / f"{scorecard}.yaml").read_text(encoding="utf-8"),
        **{schema_file(subject).name: schema_file(subject).read_text(encoding="utf-8") for subject in MODELS},
    }


def _settings(crm: str, scorecard: str) -> str:
    """Return the settings for a scorecard, mapping only the fields that it declares."""
    text = (SHIPPED / f"leadgauge-{crm}.yaml").read_text(encoding="utf-8")
    declared = load_scorecard(SHIPPED / f"{scorecard}.yaml").fields
    before, fields, rest = re.split(r"(?<=    fields:)(.*?\n(?=\n))", text, maxsplit=1, flags=re.DOTALL)
    kept = [line for line in fields.splitlines(keepends=True) if _field(line) in {*declared, ""}]
    return before.replace("b2b-saas.yaml", f"{scorecard}.yaml") + "".join(kept) + rest


def _field(line: str) -> str:
    found = re.match(r"\s*(\w+):", line)
    return found[1] if found else ""


def refuse_to_overwrite(folder: Path, names: Mapping[str, str]) -> None:
    """Raise ConfigError naming the files that exist already."""
    there = [folder / name for name in names if (folder / name).exists()]
    if there:
        remedy = "Choose another folder, or move it away."
        raise ConfigError([Mistake(in_short(path), None, "", "this file exists already.", remedy) for path in there])


def _next_steps(crm: str, scorecard: str, settings: str) -> str:
    option = "" if settings == SETTINGS else f" --settings {settings}"
    return f"""
Next steps:
  1. Set {SECRETS[crm]} in the environment.
  2. Edit {settings} (the names of the fields in your CRM) and {scorecard}.yaml (what matters to you).
  3. leadgauge check{option}        says what is wrong, and what the CRM lacks
  4. leadgauge provision{option}    creates the output fields
  5. leadgauge plan{option}         shows what would change
  6. leadgauge backfill{option}     scores every lead; `leadgauge run{option}` then keeps the scores current"""
