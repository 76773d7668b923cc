"""The options of `leadgauge calibrate`, and which of them contradict each other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import click

from commands import columns, deriving
from commands.columns import Option
from commands.common import DEFAULT_SETTINGS, capacity_option
from commands.moments import Moment, When
from connectors.files import Order
from vocabulary.outputs import OFS, Of


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
    wide: tuple[tuple[str, str], ...] = ()
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


class Against(click.ParamType[tuple[str, tuple[str, ...]]]):
    """`FIELD`, or `FIELD=best,…,worst`."""

    name = "field[=best,…]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, tuple[str, ...]]:
        """Return the field, and its values in order if they are given."""
        name, given, listed = (part.strip() for part in str(value).partition("="))
        order = tuple(one.strip() for one in listed.split(",")) if given else ()
        if not name or "" in order or len({one.lower() for one in order}) < len(order) or len(order) == 1:
            self.fail(f"{value!r}: write FIELD, or FIELD=Hot,Warm,Cold with its values, the best first", param, ctx)
        return name, order


PATH: Final = click.Path(path_type=Path, dir_okay=False)
DECORATORS: Final[Sequence[Option]] = (
    click.option(
        "--of",
        type=click.Choice(OFS),
        default="leads",
        show_default=True,
        help="Whose points: those of leads, or those that the scorecard's section `accounts` gives to accounts.",
    ),
    click.option("--leads", type=PATH, help="CSV or Parquet: id, created_at and fields. With --outcome, any table."),
    click.option(
        "--activities", type=PATH, help="CSV or Parquet: lead_id, kind, occurred_at, and url, name, seconds, value."
    ),
    click.option("--accounts", type=PATH, help="CSV or Parquet: id and fields of accounts."),
    click.option(
        "--deals",
        type=PATH,
        help="CSV or Parquet: id, lead_id, account_id, the declared fields of deals, created_at, and won_at.",
    ),
    click.option(
        "--outcomes", type=PATH, help="CSV or Parquet: lead_id (with --of accounts: or account_id), converted_at."
    ),
    click.option(
        "--history",
        type=PATH,
        help="CSV or Parquet: lead_id (or account_id), field, since, value: earlier values of fields.",
    ),
    columns.ID,
    columns.CREATED,
    click.option(
        "--converted",
        metavar="COLUMN",
        help="The column of --leads with the time of conversion, if it is not recognised.",
    ),
    columns.DATES,
    columns.ACTIVITY,
    click.option("--outcome", help="Without dates: the column of --leads that says which leads converted."),
    click.option("--order", help="Without dates: the column to sort by, oldest first; by default the row order."),
    click.option("--scorecard", type=PATH, help="The current scorecard; its other parts and its comments are kept."),
    click.option("--out", type=PATH, help="Write the proposed scorecard to this file."),
    click.option("--likelihood", type=PATH, help="Write the likelihood to this file."),
    click.option("--report", type=PATH, help="Write a report to this file, as HTML."),
    click.option(
        "--as-of",
        type=Moment(),
        help="The time of calibration: an ISO time, in UTC unless it has an offset, or a day, which begins in the"
        " scorecard's zone; by default the latest time in the data.",
    ),
    click.option(
        "--horizon",
        type=click.FloatRange(1, 1500),
        help="Days within which a conversion counts; by default 90, or fewer if leads convert fast.",
    ),
    click.option(
        "--look-back",
        type=click.FloatRange(1, 1500),
        help="Days of activity that count; by default 180, or 365 or all if these tell conversions clearly better.",
    ),
    click.option("--lock", "locked", multiple=True, help="A rule that keeps its points; repeatable."),
    click.option(
        "--sign",
        "signs",
        type=Sign(),
        multiple=True,
        help="FIELD=+ or FIELD=-: the field may only add, or only subtract.",
    ),
    click.option(
        "--heed-feedback",
        is_flag=True,
        help="Give no points for what a lead is where sales rejects such leads as a bad fit clearly more often than"
        " others.",
    ),
    click.option(
        "--include", multiple=True, help="A field to use although a safeguard would leave it out; repeatable."
    ),
    click.option("--exclude", multiple=True, help="A field not to use; repeatable."),
    click.option(
        "--at-creation", multiple=True, help="A field without history that is set when the lead is created; repeatable."
    ),
    click.option(
        "--segment",
        metavar="FIELD",
        help="The field, such as the country, whose values may have points of their own, if held-out leads say that it"
        " pays. Without it, fields with 2 to 6 large values are tried.",
    ),
    click.option(
        "--group", help="Keep rows with the same value in this column (such as the company) on one side of every split."
    ),
    click.option(
        "--against",
        type=Against(),
        multiple=True,
        help="A score that you have today, to compare with ours on the same leads at the same earlier moments, by its"
        " history. Of a choice, FIELD=Hot,Warm,Cold tells the order. Repeatable.",
    ),
    capacity_option,
    deriving.FIELD,
    deriving.WORDS,
    click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same result."),
    click.option(
        "-s",
        "--settings",
        type=PATH,
        default=DEFAULT_SETTINGS,
        show_default=True,
        help="Without --leads: the settings file.",
    ),
    click.option("-c", "--connection", help="Without --leads: the connection, if the settings have several."),
    click.option("--apply", is_flag=True, help="Replace the scorecard with the proposal, if every condition is met."),
    click.option("--json", "as_json", is_flag=True, help="Print everything as JSON."),
)


def options(command: Option) -> Option:
    """Add the options, in this order in the help."""
    for decorator in reversed(DECORATORS):
        command = decorator(command)
    return command


OPTIONS: Final = (
    "horizon",
    "look_back",
    "locked",
    "signs",
    "heed_feedback",
    "include",
    "exclude",
    "at_creation",
    "segment",
    "group",
    "seed",
    "against",
    "capacity",
)


def arguments(given: dict[str, Any]) -> Arguments:
    """Return the command line."""
    options = {name: given.pop(name) for name in OPTIONS}
    named = {name: dict(options[name]) for name in ("signs", "against")}
    return Arguments(**given, options={**options, **named})


def check(args: Arguments) -> None:
    """Raise UsageError if options contradict each other."""
    _check_accounts(args)
    if args.options["heed_feedback"] and (args.leads or args.of == "accounts"):
        raise click.UsageError("--heed-feedback is for leads of a connection: files and accounts have no feedback.")
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
    if args.options["capacity"] and args.outcome and not args.options["against"]:
        raise click.UsageError("A plain table (--outcome) has no weeks: --capacity needs --outcomes, or --against.")
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
    if (args.id_ or args.created or args.converted or args.wide) and not args.leads:
        raise click.UsageError("--id, --created, --converted and --activity name columns of --leads.")
    if args.wide and args.outcome:
        raise click.UsageError("A plain table (--outcome) has no dates: --activity needs --converted or --outcomes.")


def _check_accounts(args: Arguments) -> None:
    if args.accounts and (args.outcome or not args.scorecard):
        raise click.UsageError("--accounts needs --outcomes, and --scorecard with a section `accounts`.")
    if args.accounts and args.leads is None:
        raise click.UsageError("Files need --leads: the table of leads.")
    if args.of == "accounts" and args.outcome:
        raise click.UsageError("--of accounts needs dates: --outcomes instead of --outcome.")
    if args.of == "accounts" and args.leads and not args.scorecard:
        raise click.UsageError("--of accounts needs --scorecard: a file with a section `accounts`.")
