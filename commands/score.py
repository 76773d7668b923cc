"""`leadgauge score`: score leads from files, without a CRM or a database."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
import polars as pl

from commands import deriving
from commands.common import told
from config import ConfigError, load_scorecard
from config.likelihoods import LikelihoodError, load_likelihood
from connectors.files import STREAM, FileError, Table, Writer, ending
from connectors.files.parsing import parse
from connectors.odd import masked
from meaning.derive import FieldSource, OwnWords
from scoring import Likelihood, Related, Scorecard, Scored, Scorer
from scoring.asking import activity_fields
from scoring.card.values import as_time
from scoring.explanation import LINES
from scoring.history import Touchpoints
from scoring.results import RESULTS, previous_stages
from scoring.touchpoints import TouchpointIndex
from vocabulary.fields import FieldType
from vocabulary.outputs import OUTPUTS

if TYPE_CHECKING:
    from scoring.gathering import Gathered

ACTIVITY: Final[dict[str, FieldType]] = {"lead_id": "text", "id": "text", "kind": "text", "occurred_at": "time"}
NAME: Final = "name"
"""The detail of an activity that *why now* shows, whether the card asks for it or not."""
DETAILS: Final[dict[str, FieldType]] = {"url": "text", "name": "text", "seconds": "number", "value": "number"}
SHOWN: Final = ("lead", "part", "type", "name", "points", "count", "latest")
NAMED: Final = 5
"""How many leads a message names at most."""


T = TypeVar("T")


class Refused(click.ClickException):
    """The input cannot be used as it is."""

    exit_code = 2


class Time(click.ParamType[datetime]):
    """An ISO time, in UTC unless it has an offset."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the time."""
        try:
            return as_time(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.option("--scorecard", required=True, type=click.Path(path_type=Path), help="The scorecard (YAML).")
@click.option("--leads", required=True, help="CSV or Parquet: id and the declared fields.")
@click.option(
    "--activities", required=True, help="CSV or Parquet: lead_id, id, kind, occurred_at, url, name, seconds, value."
)
@click.option("--deals", help="CSV or Parquet: id, lead_id, account_id and the declared fields of deals.")
@click.option(
    "--as-of", type=Time(), help="The time to score for (ISO time, UTC unless it has an offset); by default now."
)
@click.option("--out", required=True, help="Write the results to this file.")
@click.option("--explain", help="Write the explanation lines to this file.")
@click.option(
    "--for-excel",
    is_flag=True,
    help="Write CSV for a spreadsheet: texts that it would run as formulas start with an apostrophe.",
)
@deriving.FIELD
@deriving.WORDS
@click.option("--previous", help="CSV or Parquet: id, lead_readiness: the stages computed last.")
@click.option("--likelihood", type=click.Path(path_type=Path), help="The likelihood file that `calibrate` wrote.")
def command(  # noqa: PLR0913, PLR0917 - one argument per option
    scorecard: Path,
    leads: str,
    activities: str,
    deals: str | None,
    as_of: datetime | None,
    out: str,
    explain: str | None,
    previous: str | None,
    likelihood: Path | None,
    fields: tuple[str, ...],
    words: Path | None,
    *,
    for_excel: bool,
) -> None:
    """Score leads from files, without a CRM or a database.

    Files are CSV or Parquet, by their extension; `-` is standard input or output, as CSV.

    \b
    Example:
      leadgauge score --scorecard b2b-saas.yaml --leads leads.csv --activities activities.parquet --out scores.csv
    """  # noqa: D301 - click reads the character
    _refuse_shared_streams(leads, activities, deals, previous, outs=(out, explain))
    _refuse_overwriting(leads, activities, deals, previous, str(scorecard), outs=(out, explain))
    try:
        _refuse_excel_without_csv(out, explain, for_excel=for_excel)
        card = load_scorecard(scorecard)
        fitted = _fitted(likelihood, card)
        job = _Job(card, as_of or datetime.now(UTC), fitted)
        job.own = deriving.own_words(words)
        job.read(leads, activities, previous, deriving.sources(fields, card.fields))
        job.read_deals(deals)
        job.write(out, explain, for_excel=for_excel)
    except (ConfigError, FileError, LikelihoodError) as error:
        raise Refused(str(error)) from error


def _refuse_shared_streams(*ins: str | None, outs: Sequence[str | None]) -> None:
    for paths, stream in ((ins, "input"), (outs, "output")):
        if list(paths).count(STREAM) > 1:
            raise click.UsageError(f"Standard {stream} (-) can be used for one file only.")


def _refuse_excel_without_csv(*outs: str | None, for_excel: bool) -> None:
    if for_excel and all(path is None or ending(path) != "csv" for path in outs):
        raise click.UsageError("--for-excel needs a CSV output. Leave it out, or write to FILE.csv.")


def _refuse_overwriting(*ins: str | None, outs: Sequence[str | None]) -> None:
    """Raise UsageError if an output is also an input, or is named twice."""
    given = [Path(path).resolve() for path in (*ins, *outs) if path not in {None, STREAM}]
    for out in outs:
        if out not in {None, STREAM} and given.count(Path(out).resolve()) > 1:
            raise click.UsageError(f"{out} is named twice. Write to a different file.")


def _fitted(path: Path | None, card: Scorecard) -> Likelihood | None:
    if path is None:
        return None
    fitted = load_likelihood(path)
    if not fitted.fits(card):
        raise LikelihoodError(
            f"{path}: was fitted on different points than '{card.name}' has now. Run `calibrate` again."
        )
    return fitted


LEFT_OUT: Final = ("lead_next_step", "lead_score_trend", *(output.name for output in OUTPUTS if output.lasting))
"""Outputs that follow from what was computed before, which files do not remember, or that need a second scoring."""

PARALLEL: Final = 2
"""How many chunks are computed at a time; more would need more memory."""


class _Job:
    """One run of the command."""

    def __init__(self, card: Scorecard, as_of: datetime, likelihood: Likelihood | None) -> None:
        self.scorer, self.as_of = Scorer(card, likelihood), as_of
        self.own = OwnWords()
        self.leads: pl.DataFrame
        self.stages: pl.DataFrame
        self.gathered: Gathered
        self.related = Related()
        self.index = TouchpointIndex(activity_fields(card) | {NAME})

    def read(self, leads: str, activities: str, previous: str | None, derived: Mapping[str, FieldSource]) -> None:
        """Read the leads, their previous stages, and their activities."""
        self.leads = _read_leads(leads, self.scorer.card, derived, self.own)
        self.stages = previous_stages(self.leads, _read_previous(previous, self.scorer.card))
        self.gathered = self.scorer.gather(self.leads["lead"], self.as_of)
        unknown = _Unknown(activities)
        numbered = map(self.index.numbered, _activity_batches(activities, self.scorer.card))
        for strangers in _ahead((partial(self.gathered.add, batch) for batch in numbered), parallel=1):
            unknown.count(strangers)
        unknown.report()

    def read_deals(self, path: str | None) -> None:
        """Read the leads' deals, and say so where the figures of the scorecard lack them."""
        card = self.scorer.card
        if path is None:
            if self.scorer.figures.of_deals:
                told(f"{card.name} has figures of deals. Without --deals, no lead has any.")
            return
        deals = _read_deals(path, card)
        strangers = deals.join(self.leads, on="lead", how="anti").drop_nulls("lead")
        if strangers.height:
            leads = strangers["lead"].unique(maintain_order=True)
            told(f"{path}: {strangers.height} deals of {len(leads)} unknown leads ignored: {_listed(leads)}")
        self.related = Related(deals)

    def write(self, out: str, explain: str | None, *, for_excel: bool) -> None:
        """Compute the chunks, two at a time, and write them in order."""
        with ExitStack() as files:
            writer = partial(Writer, for_excel=for_excel)
            results = files.enter_context(writer(out, _results(RESULTS.to_frame(), self.scorer.likelihood).schema))
            lines = files.enter_context(writer(explain, _shown(LINES.to_frame()).schema)) if explain else None
            for scored in self._scored(explain=explain is not None):
                results.write(_results(scored.results, self.scorer.likelihood))
                if lines:
                    lines.write(_shown(scored.lines))

    def _scored(self, *, explain: bool) -> Iterator[Scored]:
        """Yield the chunks in order; the next two are computed while one is written."""
        places = self.scorer.touchpoints(self.index.frame)
        numbers = range(len(self.gathered.chunks))
        return _ahead((partial(self._one, places, number, explain=explain) for number in numbers), PARALLEL)

    def _one(self, places: Touchpoints, number: int, *, explain: bool) -> Scored:
        leads, stages = (self.gathered.chunks.take(frame, number) for frame in (self.leads, self.stages))
        history = self.gathered.take(number, places)
        return self.scorer.chunk(leads, history, stages, related=self.related, explain=explain, details=False)


def _ahead(calls: Iterator[Callable[[], T]], parallel: int) -> Iterator[T]:
    """Yield the results of calls in order, running up to `parallel` of them ahead of the consumer."""
    with ThreadPoolExecutor(parallel) as pool:
        running: deque[Future[T]] = deque()
        for call in calls:
            running.append(pool.submit(call))
            if len(running) > parallel:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _results(results: pl.DataFrame, likelihood: Likelihood | None) -> pl.DataFrame:
    named = results.rename({"lead": "id"}).drop(LEFT_OUT)
    return named if likelihood else named.drop("lead_likelihood")


def _shown(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.select(SHOWN).rename({"lead": "id"})


def _read_leads(path: str, card: Scorecard, derived: Mapping[str, FieldSource], own: OwnWords) -> pl.DataFrame:
    created: dict[str, FieldType] = {} if "created_at" in card.fields else {"created_at": "time"}
    columns = dict.fromkeys(column for source in derived.values() for column in source.paths)
    plain: dict[str, FieldType] = {name: kind for name, kind in card.fields.items() if name not in derived}
    required: dict[str, FieldType] = {"id": "text", **{name: plain.get(name, "text") for name in columns}}
    table = Table(path, required, {**plain, **created}, filled=("id",), zone=card.zone.key)
    _report(table, unasked=created)
    leads = _with_derived(path, table.whole(), card, derived, own).rename({"id": "lead"})
    twice = leads.filter(pl.col("lead").is_duplicated())["lead"].unique(maintain_order=True)
    if len(twice):
        raise FileError(f"{path}: {len(twice)} ids occur more than once: {_listed(twice)}. Keep one row per lead.")
    return leads


def _with_derived(
    path: str, leads: pl.DataFrame, card: Scorecard, derived: Mapping[str, FieldSource], own: OwnWords
) -> pl.DataFrame:
    """Return the leads with the derived fields, and say how many texts could not be read."""

    def text(column: str) -> pl.Expr:
        return pl.col(column).cast(pl.String)

    values = {name: source.value(card.fields[name], text, parse, own) for name, source in derived.items()}
    found = leads.with_columns(value.alias(name) for name, value in values.items())
    for name, source in derived.items():
        unread = leads.with_columns(found[name].alias("#")).filter(source.unread(pl.col("#"), text))
        if source.reports and unread.height:
            example = unread.select(pl.coalesce([text(column) for column in source.paths])).item(0, 0)
            message = f"{path}: {unread.height} values of {name} are unreadable, such as {masked(example)}"
            told(f"{message}; they count as missing.")
    declared = [name for name in found.columns if name in card.fields or name in {"id", "created_at"}]
    return found.select(declared)


def _read_previous(path: str | None, card: Scorecard) -> pl.DataFrame | None:
    if path is None:
        return None
    table = Table(path, {"id": "text", "lead_readiness": "text"}, {"as_of": "time"}, filled=("id",), zone=card.zone.key)
    for note in table.notes:
        told(f"{path} {note}.")
    return table.whole().rename({"id": "lead"})


def _read_deals(path: str, card: Scorecard) -> pl.DataFrame:
    required: dict[str, FieldType] = {"id": "text", "lead_id": "text"}
    fields: dict[str, FieldType] = {**card.deals}
    table = Table(path, required, {"account_id": "text", **fields}, filled=("id",), zone=card.zone.key)
    _report(table, unasked={"account_id"})
    deals = table.whole().rename({"id": "deal", "lead_id": "lead", "account_id": "account"}, strict=False)
    twice = deals.filter(pl.struct("deal", "lead").is_duplicated())["deal"].unique(maintain_order=True)
    if len(twice):
        raise FileError(
            f"{path}: {len(twice)} deals occur more than once for a lead: {_listed(twice)}."
            " Keep one row per deal and lead."
        )
    return deals


def _activity_batches(path: str, card: Scorecard) -> Iterator[pl.DataFrame]:
    asked = activity_fields(card)
    details = {name: kind for name, kind in DETAILS.items() if name in {*asked, NAME}}
    table = Table(path, ACTIVITY, details, zone=card.zone.key)
    _report(table, unasked=DETAILS.keys() - asked)
    missing = [
        pl.lit(None, pl.Float64).alias(name)
        for name in ("seconds", "value")
        if name in asked and name not in table.columns
    ]
    for batch in table.batches():
        yield batch.with_columns(*missing).rename({"lead_id": "lead"})


def _report(table: Table, unasked: Collection[str]) -> None:
    """Say how the file was read, which columns were ignored, and which fields it lacks.

    Nothing is said about columns that the scorecard does not ask for, but that belong there.
    """
    for note in table.notes:
        told(f"{table.path} {note}.")
    ignored = [name for name in table.ignored if name not in unasked]
    if ignored:
        told(f"{table.path}: columns ignored: {', '.join(ignored)}")
    lacking = [
        f"{name} (did you mean {near}?)" if near else name
        for name, near in table.lacking.items()
        if name not in unasked
    ]
    if lacking:
        told(f"{table.path}: no column for {', '.join(lacking)}; they count as empty.")


class _Unknown:
    """Counts the activities of unknown leads."""

    def __init__(self, path: str) -> None:
        self.path, self.activities = path, 0
        self.leads = pl.Series("lead", [], pl.String)

    def count(self, strangers: pl.Series) -> None:
        """Count activities, given the lead id of each."""
        self.activities += len(strangers)
        self.leads = pl.concat([self.leads, strangers.unique(maintain_order=True)]).unique(maintain_order=True)

    def report(self) -> None:
        """Print how many activities were ignored, if any."""
        if self.activities:
            text = f"{self.activities} activities of {len(self.leads)} unknown leads ignored: {_listed(self.leads)}"
            told(f"{self.path}: {text}")


def _listed(names: pl.Series) -> str:
    shown = ", ".join(f"'{name}'" if name is not None else "(blank)" for name in names.head(NAMED))
    return shown + (", …" if len(names) > NAMED else "")
