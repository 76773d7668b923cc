"""`leadgauge calibrate`: learn points and likelihood from conversions."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click
from rich.table import Table

from commands.common import DEFAULT_SETTINGS, console
from config.likelihoods import save_likelihood

if TYPE_CHECKING:
    from calibrate import Calibration, Options
    from scoring import Scorecard

EXTRA: Final = "leadgauge calibrate needs scikit-learn. Install it with: pip install 'leadgauge[calibrate]'"


class Refused(click.ClickException):
    """What was given cannot be used as it stands."""

    exit_code = 2


@dataclass(frozen=True)
class Asked:
    """What was asked for on the command line."""

    leads: Path | None
    activities: Path | None
    outcomes: Path | None
    history: Path | None
    outcome: str | None
    order: str | None
    scorecard: Path | None
    out: Path | None
    likelihood: Path | None
    report: Path | None
    as_of: datetime | None
    settings: Path
    connection: str | None
    apply: bool
    as_json: bool
    wishes: dict[str, Any] = field(default_factory=dict)


class Sign(click.ParamType[tuple[str, Literal["+", "-"]]]):
    """`FIELD=+` or `FIELD=-`."""

    name = "field=+|-"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Literal["+", "-"]]:
        """Return field and sign, or refuse it."""
        name, _, sign = str(value).rpartition("=")
        if not name or sign not in {"+", "-"}:
            self.fail(f"{value!r} is no sign: write FIELD=+ or FIELD=-", param, ctx)
        return name, "+" if sign == "+" else "-"


OPTIONAL: Final = frozenset({"sklearn", "scipy", "threadpoolctl"})
PATH: Final = click.Path(path_type=Path, dir_okay=False)


@click.command("calibrate")
@click.option("--leads", type=PATH, help="CSV or Parquet: id, created_at and fields. Or any table, with --outcome.")
@click.option(
    "--activities", type=PATH, help="CSV or Parquet: lead_id, kind, occurred_at, and url, name, seconds, value."
)
@click.option("--outcomes", type=PATH, help="CSV or Parquet: lead_id, converted_at.")
@click.option("--history", type=PATH, help="CSV or Parquet: lead_id, field, since, value: what fields held before.")
@click.option("--outcome", help="Without dates: the column of --leads that says who converted.")
@click.option("--order", help="Without dates: the column that tells older from newer rows; else they are in order.")
@click.option("--scorecard", type=PATH, help="The current scorecard; its other parts and comments stay as they are.")
@click.option("--out", type=PATH, help="Where the proposed scorecard goes.")
@click.option("--likelihood", type=PATH, help="Where the likelihood goes.")
@click.option("--report", type=PATH, help="Where the report goes: one HTML page.")
@click.option(
    "--as-of", type=click.DateTime(), help="The moment of calibration (UTC); the last one in the data unless given."
)
@click.option(
    "--horizon",
    type=click.FloatRange(1, 1500),
    help="Days within which a conversion counts; 90 unless given, or fewer where leads convert fast.",
)
@click.option(
    "--look-back", type=click.FloatRange(1, 1500), default=180.0, show_default=True, help="Days of activity that count."
)
@click.option("--lock", "locked", multiple=True, help="A rule whose points stay; repeatable.")
@click.option(
    "--sign", "signs", type=Sign(), multiple=True, help="FIELD=+ or FIELD=-: may only give, or only take, points."
)
@click.option("--include", multiple=True, help="A field to use although a guard leaves it out; repeatable.")
@click.option("--exclude", multiple=True, help="A field not to use; repeatable.")
@click.option("--at-creation", multiple=True, help="A field without history that is set when the lead is created.")
@click.option("--group", help="A column whose equal values stay on one side of every split, such as the company.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same result.")
@click.option(
    "-s",
    "--settings",
    type=PATH,
    default=DEFAULT_SETTINGS,
    show_default=True,
    help="Without --leads: the settings file.",
)
@click.option("-c", "--connection", help="Without --leads: which connection, where the settings have several.")
@click.option("--apply", is_flag=True, help="Put the proposal in place of the scorecard, if every condition is met.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(**given: Any) -> None:
    """Learn points and likelihood from conversions, and propose them as a change of the scorecard.

    Reads what the mirror of a connection holds, or files. Nothing is changed unless --apply is given and every
    condition for it is met.

    \b
    Examples:
      leadgauge calibrate --out proposed.yaml --report report.html
      leadgauge calibrate --leads leads.csv --activities activities.parquet --outcomes won.csv \\
        --scorecard b2b-saas.yaml --out proposed.yaml --likelihood likelihood.yaml --report report.html
      leadgauge calibrate --leads export.csv --outcome Converted --order "Lead Number" --report report.html
    """  # noqa: D301 - click reads the character
    asked = _asked(given)
    _check(asked)
    try:
        result, asked = _result(asked)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in OPTIONAL:
            raise Refused(EXTRA) from error
        raise
    _deliver(result, asked)


WISHES: Final = ("horizon", "look_back", "locked", "signs", "include", "exclude", "at_creation", "group", "seed")


def _asked(given: dict[str, Any]) -> Asked:
    wishes = {name: given.pop(name) for name in WISHES}
    as_of = given.pop("as_of")
    return Asked(
        **given, as_of=as_of.replace(tzinfo=UTC) if as_of else None, wishes={**wishes, "signs": dict(wishes["signs"])}
    )


def _check(asked: Asked) -> None:
    """Refuse what does not go together, before anything is read."""
    if asked.leads is None and (asked.activities or asked.outcomes or asked.outcome or asked.history):
        raise click.UsageError("Files need --leads: the table of leads.")
    if asked.leads and bool(asked.outcome) == bool(asked.outcomes):
        raise click.UsageError(
            "With --leads give --outcomes FILE (lead_id, converted_at), or --outcome COLUMN for a plain table."
        )
    if asked.outcome and (asked.activities or asked.history or asked.as_of or asked.wishes["horizon"]):
        raise click.UsageError(
            "A plain table (--outcome) has no dates: --activities, --history, --as-of and --horizon need --outcomes."
        )
    if asked.order and not asked.outcome:
        raise click.UsageError("--order goes with --outcome.")
    if asked.leads and asked.apply and not asked.scorecard:
        raise click.UsageError("--apply needs --scorecard: the file to change.")


def _result(asked: Asked) -> "tuple[Calibration, Asked]":
    from calibrate import CalibrationError, Options  # noqa: PLC0415 - scikit-learn is an optional extra
    from config import ConfigError  # noqa: PLC0415 - only where there are files to load

    options = Options(**asked.wishes)
    try:
        if asked.leads is None:
            return _mirrored(asked, options)
        return (_plain(asked, options) if asked.outcome else _dated(asked, options)), asked
    except (CalibrationError, ConfigError) as error:
        raise Refused(str(error)) from error


def _mirrored(asked: Asked, options: "Options") -> "tuple[Calibration, Asked]":
    from commands.calibrate_mirror import from_mirror  # noqa: PLC0415 - needs the store and the optional extra

    result, use = from_mirror(asked.settings, asked.connection, asked.scorecard, options, asked.as_of)
    return result, replace(asked, scorecard=Path(use.file), likelihood=asked.likelihood or use.likelihood)


def _plain(asked: Asked, options: "Options") -> "Calibration":
    from calibrate import from_table, tables  # noqa: PLC0415 - as above
    from calibrate.notes import Notes  # noqa: PLC0415 - as above

    assert asked.leads is not None
    assert asked.outcome is not None
    notes = Notes()
    card, text = _card(asked.scorecard)
    table = tables.read(asked.leads, notes)
    return from_table.run(table, from_table.Ask(asked.outcome, asked.order, _now(), card, text), options, notes)


def _dated(asked: Asked, options: "Options") -> "Calibration":
    from calibrate import files, run  # noqa: PLC0415 - as above
    from calibrate.notes import Notes  # noqa: PLC0415 - as above

    assert asked.leads is not None
    assert asked.outcomes is not None
    notes = Notes()
    card, text = _card(asked.scorecard)
    declared = card.fields if card else None
    frames = files.read(asked.leads, asked.activities, asked.outcomes, asked.history, declared, notes)
    as_of = asked.as_of or frames.latest
    parts = (frames.leads, frames.activities, frames.touchpoints, frames.outcomes, frames.history)
    return run(*parts, card, options, as_of, card_text=text, notes=notes)


def _card(path: Path | None) -> "tuple[Scorecard | None, str | None]":
    if path is None:
        return None, None
    from config import load_scorecard  # noqa: PLC0415 - only where there is a scorecard

    return load_scorecard(path), path.read_text(encoding="utf-8")


def _now() -> datetime:
    return datetime.now(UTC)


def _deliver(result: "Calibration", asked: Asked) -> None:
    """Write what was asked for and say what came out; declined, or not applied though asked for, is a failure."""
    refused = _applied(result, asked) if asked.apply else None
    if asked.out and result.scorecard:
        _written(asked.out, result.scorecard.encode(), "the proposed scorecard")
    if asked.likelihood and result.likelihood and not asked.apply:
        _likelihood(asked.likelihood, result)
    if asked.report:
        from calibrate import report  # noqa: PLC0415 - draws pictures

        _written(asked.report, report.page(result).encode(), "the report")
    if asked.as_json:
        click.echo(result.json())
    else:
        show(result)
    if result.declined or refused:
        raise click.ClickException(refused or result.message)


def _applied(result: "Calibration", asked: Asked) -> str | None:
    """Put the proposal in the scorecard's place if the gate is open; else return why not."""
    if result.gate is None or not result.gate.open or result.scorecard is None or result.likelihood is None:
        reasons = result.gate.reasons if result.gate else [result.message]
        return "Not applied, the scorecard stays. " + " ".join(reasons)
    assert asked.scorecard is not None
    likelihood = asked.likelihood or asked.scorecard.with_name(f"{asked.scorecard.stem}.likelihood.yaml")
    _likelihood(likelihood, result)
    _written(asked.scorecard, result.scorecard.encode(), "the scorecard")
    result.applied = True
    return None


def _likelihood(path: Path, result: "Calibration") -> None:
    assert result.likelihood is not None
    try:
        save_likelihood(result.likelihood, path)
    except OSError as error:
        raise Refused(f"{path}: cannot be written: {error.strerror}.") from error
    click.echo(f"Wrote the likelihood to {path}.", err=True)


def _written(path: Path, content: bytes, what: str) -> None:
    """Write a file as a whole: a reader sees the old or the new one."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        raise Refused(f"{path}: cannot be written: {error.strerror}.") from error
    click.echo(f"Wrote {what} to {path}.", err=True)


def show(result: "Calibration") -> None:
    """Print the findings for people."""
    out = console()
    out.print(result.message, style="bold")
    if result.rules:
        out.print(f"{result.doubling} points double the odds.")
        out.print(_rules(result))
    if result.performance:
        out.print(_performance(result))
        out.print(f"Random cross-validation would promise an AUC of {result.random_auc:.3f}.")
    for note in result.notes:
        out.print(f"{note.level}: {note.message}", style="yellow" if note.level == "warning" else None)
    if result.drift.message:
        out.print(result.drift.message)
    if result.gate:
        said = "May be applied." if result.gate.open else "Not to be applied as it is:"
        out.print(" ".join([said, *result.gate.reasons]), style="green" if result.gate.open else "red")


def _rules(result: "Calibration") -> Table:
    table = Table("Rule", "Half-life", title="Points", title_justify="left")
    for heading in ("Before", "Now", "9 of 10 refits", "Leads", "Converted", "Lift", "Same sign"):
        table.add_column(heading, justify="right")
    for rule in (*result.rules, *result.gone):
        half_life = f"{rule.half_life:g}d" if rule.half_life else ""
        span = f"{rule.low:.0f} to {rule.high:.0f}" if rule.leads else ""
        known = (
            (f"{rule.leads:,}", f"{rule.conversions:,}", f"{rule.lift:.2f}", f"{rule.same_sign:.0%}")
            if rule.leads
            else ("",) * 4
        )
        table.add_row(rule.name, half_life, f"{rule.before:g}", f"{rule.after:+g}", span, *known)
    return table


def _performance(result: "Calibration") -> Table:
    table = Table("On newer leads", title=f"{result.test_conversions} conversions", title_justify="left")
    for heading in ("AUC", "95 %", "Top fifth holds", "Lift at 10 %", "Slope"):
        table.add_column(heading, justify="right")
    for one in result.performance:
        slope = "" if isnan(one.slope) else f"{one.slope:.2f}"
        span = f"{one.auc_low:.3f} to {one.auc_high:.3f}"
        table.add_row(one.name, f"{one.auc:.3f}", span, f"{one.wins_in_top_fifth:.0%}", f"{one.lift_10:.2f}", slope)
    return table
