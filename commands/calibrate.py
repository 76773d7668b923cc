"""`leadgauge calibrate`: fit points and likelihood to past conversions."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from commands import columns, deriving
from commands.calibrate_options import Arguments, arguments, check, options
from commands.calibrate_shown import show
from config.likelihoods import save_likelihood
from scoring.card.calendar import UTC_CALENDAR

if TYPE_CHECKING:
    from calibrate import Calibration, Options
    from calibrate.inputs.deriving import Derived
    from scoring import Scorecard

EXTRA: Final = "leadgauge calibrate needs scikit-learn. Install it with: pip install 'leadgauge[calibrate]'"


class Refused(click.ClickException):
    """The input cannot be used as it is."""

    exit_code = 2


OPTIONAL: Final = frozenset({"sklearn", "scipy", "threadpoolctl"})


@click.command("calibrate")
@options
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
    args = arguments(given)
    check(args)
    try:
        result, args = _result(args)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in OPTIONAL:
            raise Refused(EXTRA) from error
        raise
    _deliver(result, args)


def _result(args: Arguments) -> "tuple[Calibration, Arguments]":
    from calibrate import CalibrationError, Options  # noqa: PLC0415 - scikit-learn is an optional extra
    from config import ConfigError  # noqa: PLC0415 - only needed to load files

    wanted = Options(**args.options)
    try:
        if args.leads is None:
            return _mirrored(args, wanted)
        return (_plain(args, wanted) if args.outcome else _dated(args, wanted)), args
    except (CalibrationError, ConfigError) as error:
        raise Refused(str(error)) from error


def _mirrored(args: Arguments, wanted: "Options") -> "tuple[Calibration, Arguments]":
    from commands.calibrate_mirror import Ask, from_mirror  # noqa: PLC0415 - needs the store and the optional extra

    ask = Ask(args.settings, args.connection, args.scorecard, args.of, args.as_of)
    result, use = from_mirror(ask, wanted)
    stands = use.likelihood_of(args.of) if args.apply else None
    return result, replace(args, scorecard=Path(use.file), likelihood=args.likelihood or stands)


def _plain(args: Arguments, wanted: "Options") -> "Calibration":
    from calibrate import from_table  # noqa: PLC0415 - as above
    from calibrate.inputs import tables  # noqa: PLC0415 - as above
    from calibrate.notes import Notes  # noqa: PLC0415 - as above

    assert args.leads is not None
    assert args.outcome is not None
    notes = Notes()
    card, text = _card(args.scorecard)
    table = tables.read(args.leads, notes)
    return from_table.run(
        table, from_table.Ask(args.outcome, args.order, _now(), card, text, _derived(args, card)), wanted, notes
    )


def _dated(args: Arguments, wanted: "Options") -> "Calibration":
    from calibrate import run  # noqa: PLC0415 - as above
    from calibrate.inputs import files  # noqa: PLC0415 - as above
    from calibrate.notes import Notes  # noqa: PLC0415 - as above

    assert args.leads is not None
    notes = Notes(units=args.of)
    card, text = _card(args.scorecard)
    paths = files.Paths(args.leads, args.outcomes, args.activities, args.history, args.accounts, args.deals)
    given = columns.columns(
        args.dates, args.wide, lead_id=args.id_, created_at=args.created, converted_at=args.converted
    )
    frames = files.read(paths, card, notes, _derived(args, card), given)
    as_of = args.as_of.on(card.calendar if card else UTC_CALENDAR) if args.as_of else frames.latest
    return run(frames, card, wanted, as_of, card_text=text, notes=notes)


def _derived(args: Arguments, card: "Scorecard | None") -> "Derived":
    from calibrate.inputs.deriving import Derived  # noqa: PLC0415 - part of the optional extra

    return Derived(deriving.sources(args.fields, card.fields if card else None), deriving.own_words(args.words))


def _card(path: Path | None) -> "tuple[Scorecard | None, str | None]":
    if path is None:
        return None, None
    from config import load_scorecard  # noqa: PLC0415 - only needed with a scorecard

    return load_scorecard(path), path.read_text(encoding="utf-8")


def _now() -> datetime:
    return datetime.now(UTC)


def _deliver(result: "Calibration", args: Arguments) -> None:
    """Write the files and print the result; it is an error if it is declined or a wanted file cannot be written."""
    refused = _applied(result, args) if args.apply else None
    missing = _proposed(result, args)
    if args.report:
        _report(args.report, result)
    if args.as_json:
        click.echo(result.json())
    else:
        show(result)
    if result.declined or refused or missing:
        raise click.ClickException(" ".join([refused or result.message, *_not_written(missing)]))


def _proposed(result: "Calibration", args: Arguments) -> list[Path]:
    """Write the proposal and its likelihood; return the files that cannot be written, because there is nothing to."""
    if args.out and result.scorecard:
        _written(args.out, result.scorecard.encode(), "the proposed scorecard")
    if args.likelihood and result.likelihood and not args.apply:
        _likelihood(args.likelihood, result)
    wanted = ((args.out, result.scorecard), (args.likelihood, result.likelihood))
    return [path for path, content in wanted if path and not content]


def _not_written(missing: list[Path]) -> list[str]:
    return [f"Not written: {', '.join(map(str, missing))}."] if missing else []


def _report(path: Path, result: "Calibration") -> None:
    """Write the report, and the page that compares scores beside it."""
    from calibrate.report import against_page, report  # noqa: PLC0415 - draws pictures

    beside = path.with_stem(f"{path.stem}-against") if result.against else None
    _written(path, report.page(result, beside.name if beside else None).encode(), "the report")
    if beside:
        _written(beside, against_page.page(result).encode(), "the comparison of scores")


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
