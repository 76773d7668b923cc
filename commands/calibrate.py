"""`leadgauge calibrate`: fit points and likelihood to past conversions."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click
from rich.table import Table

from commands import columns, deriving
from commands.common import DEFAULT_SETTINGS, console
from commands.moments import Moment, When
from config.likelihoods import save_likelihood
from connectors.files import Order
from scoring.card.calendar import UTC_CALENDAR
from vocabulary.outputs import OFS, Of

if TYPE_CHECKING:
    from calibrate import Calibration, Options
    from calibrate.deriving import Derived
    from scoring import Scorecard

EXTRA: Final = "leadgauge calibrate needs scikit-learn. Install it with: pip install 'leadgauge[calibrate]'"


class Refused(click.ClickException):
    """The input cannot be used as it is."""

    exit_code = 2


@dataclass(frozen=True)
class Arguments:
    """The command line."""

    of: Of
    leads: Path | None
    accounts: Path | None
    deals: Path | None
    activities: Path | None
    outcomes: Path | None
    history: Path | None
    outcome: str | None
    order: str | None
    scorecard: Path | None
    out: Path | None
    likelihood: Path | None
    report: Path | None
    as_of: When | None
    settings: Path
    connection: str | None
    apply: bool
    as_json: bool
    id_: str | None = None
    created: str | None = None
    converted: str | None = None
    dates: Order | None = None
    fields: tuple[str, ...] = ()
    words: Path | None = None
    options: dict[str, Any] = field(default_factory=dict)


class Sign(click.ParamType[tuple[str, Literal["+", "-"]]]):
    """`FIELD=+` or `FIELD=-`."""

    name = "field=+|-"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Literal["+", "-"]]:
        """Return the field and its sign."""
        name, _, sign = str(value).rpartition("=")
        if not name or sign not in {"+", "-"}:
            self.fail(f"{value!r} is not a sign: write FIELD=+ or FIELD=-", param, ctx)
        return name, "+" if sign == "+" else "-"


OPTIONAL: Final = frozenset({"sklearn", "scipy", "threadpoolctl"})
PATH: Final = click.Path(path_type=Path, dir_okay=False)


@click.command("calibrate")
@click.option(
    "--of",
    type=click.Choice(OFS),
    default="leads",
    show_default=True,
    help="Whose points: those of leads, or those that the scorecard's section `accounts` gives to accounts.",
)
@click.option("--leads", type=PATH, help="CSV or Parquet: id, created_at and fields. With --outcome, any table.")
@click.option(
    "--activities", type=PATH, help="CSV or Parquet: lead_id, kind, occurred_at, and url, name, seconds, value."
)
@click.option("--accounts", type=PATH, help="CSV or Parquet: id and fields of accounts.")
@click.option(
    "--deals",
    type=PATH,
    help="CSV or Parquet: id, lead_id, account_id, the declared fields of deals, created_at, and won_at.",
)
@click.option(
    "--outcomes", type=PATH, help="CSV or Parquet: lead_id (with --of accounts: or account_id), converted_at."
)
@click.option(
    "--history",
    type=PATH,
    help="CSV or Parquet: lead_id (or account_id), field, since, value: earlier values of fields.",
)
@columns.ID
@columns.CREATED
@click.option(
    "--converted", metavar="COLUMN", help="The column of --leads with the time of conversion, if it is not recognised."
)
@columns.DATES
@click.option("--outcome", help="Without dates: the column of --leads that says which leads converted.")
@click.option("--order", help="Without dates: the column to sort by, oldest first; by default the row order.")
@click.option("--scorecard", type=PATH, help="The current scorecard; its other parts and its comments are kept.")
@click.option("--out", type=PATH, help="Write the proposed scorecard to this file.")
@click.option("--likelihood", type=PATH, help="Write the likelihood to this file.")
@click.option("--report", type=PATH, help="Write a report to this file, as HTML.")
@click.option(
    "--as-of",
    type=Moment(),
    help="The time of calibration: an ISO time, in UTC unless it has an offset, or a day, which begins in the"
    " scorecard's zone; by default the latest time in the data.",
)
@click.option(
    "--horizon",
    type=click.FloatRange(1, 1500),
    help="Days within which a conversion counts; by default 90, or fewer if leads convert fast.",
)
@click.option(
    "--look-back", type=click.FloatRange(1, 1500), default=180.0, show_default=True, help="Days of activity that count."
)
@click.option("--lock", "locked", multiple=True, help="A rule that keeps its points; repeatable.")
@click.option(
    "--sign", "signs", type=Sign(), multiple=True, help="FIELD=+ or FIELD=-: the field may only add, or only subtract."
)
@click.option("--include", multiple=True, help="A field to use although a safeguard would leave it out; repeatable.")
@click.option("--exclude", multiple=True, help="A field not to use; repeatable.")
@click.option(
    "--at-creation", multiple=True, help="A field without history that is set when the lead is created; repeatable."
)
@click.option(
    "--group", help="Keep rows with the same value in this column (such as the company) on one side of every split."
)
@deriving.FIELD
@deriving.WORDS
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same result.")
@click.option(
    "-s",
    "--settings",
    type=PATH,
    default=DEFAULT_SETTINGS,
    show_default=True,
    help="Without --leads: the settings file.",
)
@click.option("-c", "--connection", help="Without --leads: the connection, if the settings have several.")
@click.option("--apply", is_flag=True, help="Replace the scorecard with the proposal, if every condition is met.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(**given: Any) -> None:
    """Fit points and likelihood to past conversions, and propose them as a change to the scorecard.

    Reads the mirror of a connection, or files. Nothing is changed unless --apply is given and every condition
    for it is met.

    \b
    Examples:
      leadgauge calibrate --out proposed.yaml --report report.html
      leadgauge calibrate --leads leads.csv --activities activities.parquet --outcomes won.csv \\
        --scorecard b2b-saas.yaml --out proposed.yaml --likelihood likelihood.yaml --report report.html
      leadgauge calibrate --of accounts --leads leads.csv --accounts accounts.csv --activities activities.parquet \\
        --outcomes won.csv --scorecard account-based.yaml --report report.html
      leadgauge calibrate --leads export.csv --outcome Converted --order "Lead Number" --report report.html
    """  # noqa: D301 - click reads the character
    args = _arguments(given)
    _check(args)
    try:
        result, args = _result(args)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in OPTIONAL:
            raise Refused(EXTRA) from error
        raise
    _deliver(result, args)


OPTIONS: Final = ("horizon", "look_back", "locked", "signs", "include", "exclude", "at_creation", "group", "seed")


def _arguments(given: dict[str, Any]) -> Arguments:
    options = {name: given.pop(name) for name in OPTIONS}
    return Arguments(**given, options={**options, "signs": dict(options["signs"])})


def _check(args: Arguments) -> None:
    """Raise UsageError if options contradict each other."""
    _check_accounts(args)
    if args.leads is None and (args.activities or args.outcomes or args.outcome or args.history):
        raise click.UsageError("Files need --leads: the table of leads.")
    _check_columns(args)
    if args.deals and (args.leads is None or args.outcome or not args.scorecard):
        raise click.UsageError("--deals needs --leads, --outcomes, and --scorecard, which declares figures of deals.")
    if args.outcome and (args.activities or args.history or args.as_of or args.options["horizon"]):
        raise click.UsageError(
            "A plain table (--outcome) has no dates: --activities, --history, --as-of and --horizon need --outcomes."
        )
    if (args.fields or args.words) and not args.leads:
        raise click.UsageError(
            "--field and --words are for files: a connection has `fields` and `words` in the settings."
        )
    if args.order and not args.outcome:
        raise click.UsageError("--order needs --outcome.")
    if args.leads and args.apply and not args.scorecard:
        raise click.UsageError("--apply needs --scorecard: the file to change.")


def _check_columns(args: Arguments) -> None:
    """Raise UsageError if it is not clear what says which leads converted, and when."""
    if args.leads and args.outcome and (args.outcomes or args.converted):
        raise click.UsageError("--outcome is for a plain table, without --outcomes and --converted.")
    if args.outcomes and args.converted:
        raise click.UsageError("Give --outcomes, or --converted for a column of --leads.")
    if (args.id_ or args.created or args.converted) and not args.leads:
        raise click.UsageError("--id, --created and --converted name columns of --leads.")


def _check_accounts(args: Arguments) -> None:
    if args.accounts and (args.outcome or not args.scorecard):
        raise click.UsageError("--accounts needs --outcomes, and --scorecard with a section `accounts`.")
    if args.accounts and args.leads is None:
        raise click.UsageError("Files need --leads: the table of leads.")
    if args.of == "accounts" and args.outcome:
        raise click.UsageError("--of accounts needs dates: --outcomes instead of --outcome.")
    if args.of == "accounts" and args.leads and not args.scorecard:
        raise click.UsageError("--of accounts needs --scorecard: a file with a section `accounts`.")


def _result(args: Arguments) -> "tuple[Calibration, Arguments]":
    from calibrate import CalibrationError, Options  # noqa: PLC0415 - scikit-learn is an optional extra
    from config import ConfigError  # noqa: PLC0415 - only needed to load files

    options = Options(**args.options)
    try:
        if args.leads is None:
            return _mirrored(args, options)
        return (_plain(args, options) if args.outcome else _dated(args, options)), args
    except (CalibrationError, ConfigError) as error:
        raise Refused(str(error)) from error


def _mirrored(args: Arguments, options: "Options") -> "tuple[Calibration, Arguments]":
    from commands.calibrate_mirror import Ask, from_mirror  # noqa: PLC0415 - needs the store and the optional extra

    ask = Ask(args.settings, args.connection, args.scorecard, args.of, args.as_of)
    result, use = from_mirror(ask, options)
    likelihood = args.likelihood or use.likelihood_of(args.of)
    return result, replace(args, scorecard=Path(use.file), likelihood=likelihood)


def _plain(args: Arguments, options: "Options") -> "Calibration":
    from calibrate import from_table, tables  # noqa: PLC0415 - as above
    from calibrate.notes import Notes  # noqa: PLC0415 - as above

    assert args.leads is not None
    assert args.outcome is not None
    notes = Notes()
    card, text = _card(args.scorecard)
    table = tables.read(args.leads, notes)
    return from_table.run(
        table, from_table.Ask(args.outcome, args.order, _now(), card, text, _derived(args, card)), options, notes
    )


def _dated(args: Arguments, options: "Options") -> "Calibration":
    from calibrate import files, run  # noqa: PLC0415 - as above
    from calibrate.notes import Notes  # noqa: PLC0415 - as above

    assert args.leads is not None
    notes = Notes(units=args.of)
    card, text = _card(args.scorecard)
    paths = files.Paths(args.leads, args.outcomes, args.activities, args.history, args.accounts, args.deals)
    given = columns.columns(args.dates, lead_id=args.id_, created_at=args.created, converted_at=args.converted)
    frames = files.read(paths, card, notes, _derived(args, card), given)
    as_of = args.as_of.on(card.calendar if card else UTC_CALENDAR) if args.as_of else frames.latest
    return run(frames, card, options, as_of, card_text=text, notes=notes)


def _derived(args: Arguments, card: "Scorecard | None") -> "Derived":
    from calibrate.deriving import Derived  # noqa: PLC0415 - part of the optional extra

    return Derived(deriving.sources(args.fields, card.fields if card else None), deriving.own_words(args.words))


def _card(path: Path | None) -> "tuple[Scorecard | None, str | None]":
    if path is None:
        return None, None
    from config import load_scorecard  # noqa: PLC0415 - only needed with a scorecard

    return load_scorecard(path), path.read_text(encoding="utf-8")


def _now() -> datetime:
    return datetime.now(UTC)


def _deliver(result: "Calibration", args: Arguments) -> None:
    """Write the files and print the result; a declined calibration, or a refused --apply, is an error."""
    refused = _applied(result, args) if args.apply else None
    if args.out and result.scorecard:
        _written(args.out, result.scorecard.encode(), "the proposed scorecard")
    if args.likelihood and result.likelihood and not args.apply:
        _likelihood(args.likelihood, result)
    if args.report:
        from calibrate import report  # noqa: PLC0415 - draws pictures

        _written(args.report, report.page(result).encode(), "the report")
    if args.as_json:
        click.echo(result.json())
    else:
        show(result)
    if result.declined or refused:
        raise click.ClickException(refused or result.message)


def _applied(result: "Calibration", args: Arguments) -> str | None:
    """Replace the scorecard with the proposal, or return why the gate does not allow it."""
    if result.gate is None or not result.gate.open or result.scorecard is None or result.likelihood is None:
        reasons = result.gate.reasons if result.gate else [result.message]
        return "Not applied; the scorecard is unchanged. " + " ".join(reasons)
    assert args.scorecard is not None
    whose = "" if args.of == "leads" else f".{args.of}"
    likelihood = args.likelihood or args.scorecard.with_name(f"{args.scorecard.stem}{whose}.likelihood.yaml")
    _likelihood(likelihood, result)
    _written(args.scorecard, result.scorecard.encode(), "the scorecard")
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
    """Write a file atomically."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        raise Refused(f"{path}: cannot be written: {error.strerror}.") from error
    click.echo(f"Wrote {what} to {path}.", err=True)


def show(result: "Calibration") -> None:
    """Print the result as tables."""
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
        verdict = "Can be applied." if result.gate.open else "Cannot be applied:"
        out.print(" ".join([verdict, *result.gate.reasons]), style="green" if result.gate.open else "red")


def _rules(result: "Calibration") -> Table:
    table = Table("Rule", "Half-life", title="Points", title_justify="left")
    for heading in ("Before", "Now", "9 of 10 refits", result.of.capitalize(), "Converted", "Lift", "Same sign"):
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
    table = Table(f"On newer {result.of}", title=f"{result.test_conversions} conversions", title_justify="left")
    for heading in ("AUC", "95 %", "Top fifth holds", "Lift at 10 %", "Slope"):
        table.add_column(heading, justify="right")
    for one in result.performance:
        slope = "" if isnan(one.slope) else f"{one.slope:.2f}"
        span = f"{one.auc_low:.3f} to {one.auc_high:.3f}"
        table.add_row(one.name, f"{one.auc:.3f}", span, f"{one.wins_in_top_fifth:.0%}", f"{one.lift_10:.2f}", slope)
    return table
