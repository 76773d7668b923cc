"""`leadgauge init`: settings and a scorecard to start from."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

import config
from config import ConfigError, Mistake, load_scorecard
from config.docs import schema_file
from config.drafting import SCORECARD, drafted
from config.mistakes import in_short
from config.schema import MODELS
from pipeline.surveying import access_to, surveyed
from vocabulary.survey import Survey

SHIPPED: Final = Path(config.__file__).parent
SCORECARDS: Final = (
    "b2b-saas",
    "b2b-services",
    "b2c-considered",
    "product-led",
    "account-based",
    "pardot-default",
    "hubspot-combined",
)
SETTINGS: Final = "leadgauge.yaml"
SECRETS: Final = {
    "hubspot": "HUBSPOT_TOKEN",
    "salesforce": "SALESFORCE_CONSUMER_KEY and SALESFORCE_CONSUMER_SECRET",
}


@click.command("init")
@click.option(
    "--crm", type=click.Choice(["hubspot", "salesforce"]), default="hubspot", show_default=True, help="Your CRM."
)
@click.option("--scorecard", type=click.Choice(SCORECARDS), help=f"What to start from.  [default: {SCORECARDS[0]}]")
@click.option(
    "--from-crm",
    is_flag=True,
    help="Draft both files from your CRM's own fields, values, forms, pages and won deals. It only reads.",
)
@click.option("--domain", metavar="NAME", help="With --from-crm: your My Domain (Salesforce), such as acme.my.")
@click.option("--base-url", metavar="URL", help="With --from-crm: another address of the CRM, such as a sandbox.")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=".")
def command(
    crm: str, scorecard: str | None, folder: Path, domain: str | None, base_url: str | None, *, from_crm: bool
) -> None:
    """Write settings and a scorecard to start from, with their JSON Schemas for your editor.

    With --from-crm, they are drafted from what is in your CRM, each value with its counts as a comment. Rights to read
    are enough. HUBSPOT_TOKEN, or SALESFORCE_CONSUMER_KEY and SALESFORCE_CONSUMER_SECRET, must be set.

    Existing files are never overwritten.

    Example: leadgauge init --crm salesforce --from-crm --domain acme.my scoring
    """
    if from_crm and scorecard:
        raise click.UsageError("--from-crm drafts a scorecard of its own: leave out --scorecard.")
    if not from_crm and (domain or base_url):
        raise click.UsageError("--domain and --base-url are for --from-crm.")
    if from_crm:
        _draft(crm, folder, domain, base_url)
        return
    chosen = scorecard or SCORECARDS[0]
    _write(folder, starting_files(crm, chosen))
    click.echo(_next_steps(crm, chosen, in_short(folder / SETTINGS)), err=True)


def _draft(crm: str, folder: Path, domain: str | None, base_url: str | None) -> None:
    """Look at the CRM and write what was drafted. Files that exist are named before any call is made."""
    refuse_to_overwrite(folder, {SETTINGS: "", SCORECARD: "", **_schemas()})
    access = access_to(crm, domain, base_url)
    survey = surveyed(access)
    _write(folder, {**drafted(survey, access, datetime.now(UTC).date()), **_schemas()})
    click.echo(_found(survey, in_short(folder / SETTINGS)), err=True)


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    refuse_to_overwrite(folder, texts)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(f"wrote {in_short(folder / name)}")


def _found(survey: Survey, settings: str) -> str:
    """Return what was looked at, what is missing, and what to do next."""
    option = "" if settings == SETTINGS else f" --settings {settings}"
    won = f", compared with {survey.outcome.looked:,} {survey.outcome.what}" if survey.outcome else ""
    gaps = "".join(f"Missing: {gap.part}. {gap.why} {gap.remedy}\n" for gap in survey.gaps)
    return f"""
Looked at {survey.looked:,} of {survey.total:,} leads in {survey.calls} calls{won}. Nothing was written to the CRM.
{gaps}
Next steps:
  1. Read {settings} and {SCORECARD} beside it: every guess is marked. Change what you know better.
  2. leadgauge check --read-only{option}    says what is wrong, without asking for rights to write
  3. leadgauge plan --read --html plan.html{option}    shows what would be written, on a page to forward"""


def _schemas() -> Mapping[str, str]:
    return {schema_file(subject).name: schema_file(subject).read_text(encoding="utf-8") for subject in MODELS}


def starting_files(crm: str, scorecard: str) -> Mapping[str, str]:
    """Return the text of each file to start from, by file name."""
    return {
        SETTINGS: _settings(crm, scorecard),
        f"{scorecard}.yaml": (SHIPPED / f"{scorecard}.yaml").read_text(encoding="utf-8"),
        **_schemas(),
    }


def _settings(crm: str, scorecard: str) -> str:
    """Return the settings for a scorecard, mapping only the fields that it declares, of leads, accounts and deals."""
    text = (SHIPPED / f"leadgauge-{crm}.yaml").read_text(encoding="utf-8")
    card = load_scorecard(SHIPPED / f"{scorecard}.yaml")
    of_accounts = card.accounts.fields if card.accounts is not None else {}
    for section, declared in (("fields", card.fields), ("accounts", of_accounts), ("deals", card.deals)):
        text = _only(text, section, declared)
    return text.replace("b2b-saas.yaml", f"{scorecard}.yaml")


def _only(text: str, section: str, declared: Collection[str]) -> str:
    """Return the settings with only these lines of a section, without the section if it has none of them."""
    before, head, lines, rest = re.split(rf"(    {section}:[^\n]*\n)(.*?\n)(?=\n)", text, maxsplit=1, flags=re.DOTALL)
    kept = [line for line in lines.splitlines(keepends=True) if _field(line) in declared]
    return before + "".join([head, *kept] if kept else []) + (rest if kept else rest.lstrip("\n"))


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
  4. leadgauge plan --read{option}  reads the CRM and shows what would be written
  5. leadgauge provision{option}    creates the output fields
  6. leadgauge backfill{option}     writes once you agree; `leadgauge run{option}` then keeps the scores current"""
