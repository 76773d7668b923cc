"""`leadgauge score`: score leads from files, without a CRM or a database."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeVar, cast

import click
import polars as pl

from commands import columns, deriving, score_checks, score_inputs
from commands.common import capacity_option, told
from commands.memory import give_back
from commands.moments import Moment, When
from commands.score_calls import Calls, calls_of
from commands.score_inputs import NAME, Lacking, LeadTable, Unknown, listed
from commands.score_parts import PART, Parts
from config import ConfigError, load_scorecard
from config.likelihoods import LikelihoodError
from connectors.files import Columns, FileError, Order, Writer
from connectors.files.sources import STREAM
from meaning.derive import FieldSource, OwnWords
from scoring import Likelihood, Related, Scorecard, Scored, Scorer
from scoring.asking import activity_fields
from scoring.card.accounts import ACCOUNT_ID
from scoring.explanation import LINES
from scoring.history import Touchpoints
from scoring.likelihood import HIGH, LOW, WHY_LIKELY
from scoring.results import EVERYTHING, RESULTS, previous_stages
from scoring.touchpoints import TouchpointIndex
from vocabulary.outputs import LIKELIHOOD, OUTPUTS, field_of

if TYPE_CHECKING:
    from scoring.chunks import Chunks
    from scoring.gathering import Gathered

SHOWN: Final = ("lead", "part", "type", "name", "points", "count", "latest")

T = TypeVar("T")


class Refused(click.ClickException):
    """The input cannot be used as it is."""

    exit_code = 2


@click.command()
@click.option("--scorecard", required=True, type=click.Path(path_type=Path), help="The scorecard (YAML).")
@click.option("--leads", required=True, help="CSV or Parquet: id and the declared fields.")
@click.option(
    "--activities",
    help="CSV or Parquet: lead_id, id, kind, occurred_at, url, name, seconds, value, mail, sent_at. Needed if the"
    " scorecard has rules on activities.",
)
@columns.ID
@columns.CREATED
@columns.DATES
@columns.ACTIVITY
@click.option("--deals", help="CSV or Parquet: id, lead_id, account_id and the declared fields of deals.")
@click.option("--accounts", help="CSV or Parquet: id and the declared fields of accounts.")
@click.option(
    "--accounts-previous", help="CSV or Parquet: id, account_readiness: the stages of accounts computed last."
)
@click.option("--accounts-out", help="Write the results of the accounts to this file.")
@click.option("--accounts-explain", help="Write the explanation lines of the accounts to this file.")
@click.option(
    "--as-of",
    type=Moment(),
    help="The time to score for: an ISO time, in UTC unless it has an offset, or a day, which begins in the"
    " scorecard's zone; by default now.",
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
@click.option(
    "--accounts-likelihood",
    type=click.Path(path_type=Path),
    help="The likelihood file that `calibrate --of accounts` wrote.",
)
@click.option(
    "--at-a-time",
    type=click.IntRange(1),
    default=PART,
    show_default=True,
    help="How many leads are in memory at a time; the others wait in a folder beside --out. With accounts, all are.",
)
@capacity_option
def command(  # noqa: PLR0913, PLR0917 - one argument per option
    scorecard: Path,
    leads: str,
    activities: str | None,
    id_: str | None,
    created: str | None,
    dates: Order | None,
    wide: tuple[tuple[str, str], ...],
    deals: str | None,
    accounts: str | None,
    accounts_previous: str | None,
    accounts_out: str | None,
    accounts_explain: str | None,
    as_of: When | None,
    out: str,
    explain: str | None,
    previous: str | None,
    likelihood: Path | None,
    accounts_likelihood: Path | None,
    fields: tuple[str, ...],
    words: Path | None,
    at_a_time: int,
    capacity: int | None,
    *,
    for_excel: bool,
) -> None:
    """Score leads from files, without a CRM or a database.

    Files are CSV or Parquet, by their extension; `-` is standard input or output, as CSV.

    \b
    Example:
      leadgauge score --scorecard b2b-saas.yaml --leads leads.csv --activities activities.parquet --out scores.csv
    """  # noqa: D301 - click reads the character
    ins, outs = (leads, activities, deals, accounts, previous, accounts_previous), (out, explain)
    of_accounts = (accounts_out, accounts_explain)
    score_checks.refuse_shared_streams(*ins, outs=(*outs, *of_accounts))
    score_checks.refuse_overwriting(*ins, str(scorecard), outs=(*outs, *of_accounts))
    try:
        score_checks.refuse_excel_without_csv(*outs, *of_accounts, for_excel=for_excel)
        card = load_scorecard(scorecard)
        score_checks.refuse_accounts(card, (accounts, accounts_previous), (*of_accounts, accounts_likelihood))
        fitted = score_checks.fitted(likelihood, card), score_checks.fitted(accounts_likelihood, card.company)
        moment = as_of.on(card.calendar) if as_of else datetime.now(UTC)
        score_checks.warn_of_ages(likelihood, fitted[0], moment.astimezone(card.zone).date())
        called = columns.columns(dates, wide, id=id_, created_at=created)
        score_checks.refuse_without_activities(card, activities, called)
        with ExitStack() as stack:
            job = _Job(card, moment, *fitted, columns=called)
            job.parts = Parts(stack, folder_of(out), at_a_time, whole=card.accounts is not None)
            job.calls = calls_of(capacity, fitted[0])
            job.own = deriving.own_words(words)
            job.read_leads(leads, previous, deriving.sources(fields, card.fields))
            score_checks.warn_of_lacking(leads, card, fitted[0], job.lacking, listed=activities is not None)
            job.read_related(deals, accounts, accounts_previous)
            job.read_activities(activities)
            job.write(_Outs(out, explain), _Outs(*of_accounts), for_excel=for_excel)
    except (ConfigError, FileError, LikelihoodError) as error:
        raise Refused(str(error)) from error


LEFT_OUT: Final = (
    "lead_next_step",
    "lead_score_trend",
    "lead_expires_at",
    *(output.name for output in OUTPUTS if output.lasting),
)
"""Outputs that follow from what was computed before, which files do not remember, or that need a second scoring."""

CHANCES: Final = (LIKELIHOOD, LOW, HIGH, WHY_LIKELY)
"""The likelihood, its interval, null where the file does not say it, and the sentence about both."""

PARALLEL: Final = 2
"""How many chunks are computed at a time; more would need more memory."""


@dataclass(frozen=True, slots=True)
class _Outs:
    """Where results and explanation lines go; those of None are not written."""

    results: str | None
    lines: str | None


class _Job:
    """One run of the command."""

    def __init__(
        self,
        card: Scorecard,
        as_of: datetime,
        likelihood: Likelihood | None,
        of_accounts: Likelihood | None,
        *,
        columns: Columns,
    ) -> None:
        self.columns, self.as_of, self.own = columns, as_of, OwnWords()
        dated = not columns.activities
        self.scorer = Scorer(card, likelihood, EVERYTHING, of_accounts=of_accounts, silence=dated)
        self.parts: Parts
        self.calls: Calls | None = None
        self.lacking: Lacking
        self.has_wide = False
        self.previous: pl.DataFrame | None = None
        self.related = Related()
        self.only: _Part | None = None
        """The part, while there is only one and what its leads did is read."""
        self.machines = 0
        of_machines = set() if card.counts_machines else {"url"}
        self.index = TouchpointIndex(activity_fields(card) | {NAME} | of_machines)

    def read_leads(self, path: str, previous: str | None, derived: Mapping[str, FieldSource]) -> None:
        """Read the leads and their previous stages."""
        table = LeadTable(path, self.scorer.card, derived, self.own, self.columns)
        self.lacking = table.lacking
        for batch in table.batches():
            self.has_wide = batch.activities is not None
            self.parts.add(batch.leads, batch.activities)
        self.parts.complete(path)
        converted = table.converted()
        if self.calls and converted:
            self.calls.converted = converted.leads
        self.previous = score_inputs.read_previous(previous, self.scorer.card, self.columns)

    def read_related(self, deals: str | None, accounts: str | None, previous: str | None) -> None:
        """Read deals and accounts."""
        card = self.scorer.card
        found = score_inputs.read_accounts(accounts, card, self.columns)
        stages = score_inputs.read_previous(previous, card, self.columns, "accounts")
        self.related = Related(self._deals(deals), found, stages)
        if accounts is not None and found is not None:
            self._tell_strangers(accounts, found)

    def _tell_strangers(self, path: str, accounts: pl.DataFrame) -> None:
        """Say which accounts leads name that are not in the file."""
        leads = self.scorer.with_accounts(self.parts.take(0)[0], self.related)
        strangers = leads.join(accounts, on=ACCOUNT_ID, how="anti")[ACCOUNT_ID].drop_nulls()
        if len(strangers):
            names = strangers.unique(maintain_order=True)
            told(f"{path}: {len(names)} accounts of {len(strangers)} leads are not in it: {listed(names)}")

    def _deals(self, path: str | None) -> pl.DataFrame | None:
        """Return the deals, and say so where the figures of the scorecard lack them."""
        card, company = self.scorer.card, self.scorer.company
        if path is None:
            if self.scorer.figures.of_deals or (company and company.scorer.figures.of_deals):
                told(f"{card.name} has figures of deals. Without --deals, no lead has any.")
            return None
        deals = score_inputs.read_deals(path, card, self.columns)
        strangers = deals["lead"].filter(~self.parts.known(deals["lead"])).drop_nulls()
        if len(strangers):
            leads = strangers.unique(maintain_order=True)
            told(f"{path}: {len(strangers)} deals of {len(leads)} unknown leads ignored: {listed(leads)}")
        return deals

    def read_activities(self, path: str | None) -> None:
        """Read what the leads did, if there is a file of it."""
        if path is None:
            if not self.has_wide and score_checks.asks(self.scorer.card):
                raise FileError(
                    f"{self.scorer.card.name} has rules on activities, and --leads has no column of them. Give a file"
                    " with --activities, or name columns with --activity KIND=COLUMN."
                )
            return
        unknown = Unknown(path)
        batches = score_inputs.activity_batches(path, self.scorer.card, self.columns)
        for strangers in self._strangers(map(self.index.numbered, batches)):
            unknown.count(strangers)
        unknown.report()

    def _strangers(self, batches: Iterator[pl.DataFrame]) -> Iterator[pl.Series]:
        """Take in activities, and yield the ids of unknown leads: at once if the leads are one part."""
        if self.parts.count == 1:
            part = self.only = self._part(0)
            yield from _ahead((partial(part.gathered.add, batch) for batch in batches), parallel=1)
            return
        for batch in batches:
            yield from self.parts.sort_out(batch)
        yield from self.parts.sorted_out()

    def write(self, leads: _Outs, accounts: _Outs, *, for_excel: bool) -> None:
        """Compute the chunks, two at a time, and write them; leads in the order of their file."""
        explain = leads.lines is not None or accounts.lines is not None
        with ExitStack() as files:
            writer = partial(Writer, for_excel=for_excel)
            of_leads = _Written(files, writer, leads, partial(_results, likelihood=self.scorer.likelihood), _lines)
            shown = partial(_results_of_accounts, likelihood=self.scorer.of_accounts)
            of_accounts = _Written(files, writer, accounts, shown, _lines_of_accounts)
            for number in range(self.parts.count):
                self._write_part(self._filled(number), of_leads, of_accounts, explain=explain)
                give_back()
        if self.machines:
            told(f"{self.machines:,} opens, clicks and page views of mail scanners and privacy proxies do not count.")
        if self.calls:
            told(self.calls.sentence)

    def _write_part(self, part: "_Part", of_leads: "_Written", of_accounts: "_Written", *, explain: bool) -> None:
        later = []
        for scored in part.scored(self.scorer.touchpoints(self.index.frame), explain=explain):
            if self.calls:
                self.calls.add(scored.results)
            of_leads.write_lines(scored)
            if part.chunks.order is None:
                of_leads.write_results(scored.results)
            else:
                later.append(_compact(scored.results))
            if scored.accounts is not None:
                of_accounts.write_lines(scored.accounts)
                of_accounts.write_results(scored.accounts.results)
        if later:
            for results in part.chunks.slices_in_their_order(pl.concat(later)):
                of_leads.write_results(results)
        self.machines += sum(part.gathered.machines)

    def _filled(self, number: int) -> "_Part":
        """Return a part with everything that its leads did."""
        if self.only is not None:
            return self.only
        part = self._part(number)
        for batch in self.parts.activities(number):
            part.gathered.add(batch)
        return part

    def _part(self, number: int) -> "_Part":
        """Return a part with what the columns of its leads say that they did."""
        leads, wide = self.parts.take(number)
        part = _Part.of(self.scorer, leads, self.related, self.previous, self.as_of)
        for rows in wide:
            part.gathered.add(self.index.numbered(rows))
        return part


@dataclass
class _Part:
    """Leads that are scored in one go, and what they did."""

    scorer: Scorer
    leads: pl.DataFrame
    stages: pl.DataFrame
    chunks: "Chunks"
    around: Sequence[Related]
    gathered: "Gathered"

    @classmethod
    def of(
        cls, scorer: Scorer, leads: pl.DataFrame, related: Related, previous: pl.DataFrame | None, as_of: datetime
    ) -> Self:
        """Return leads with their accounts and previous stages, in chunks."""
        leads = scorer.with_accounts(leads, related)
        chunks = scorer.chunks(leads, related)
        gathered = scorer.gather(leads["lead"], as_of, chunks, recognise=True)
        around = scorer.apart(leads, related, chunks)
        return cls(scorer, leads, previous_stages(leads, previous), chunks, around, gathered)

    def scored(self, places: Touchpoints, *, explain: bool) -> Iterator[Scored]:
        """Yield the chunks in order; the next two are computed while one is written."""
        numbers = range(len(self.chunks))
        return _ahead((partial(self._one, places, number, explain=explain) for number in numbers), PARALLEL)

    def _one(self, places: Touchpoints, number: int, *, explain: bool) -> Scored:
        leads, stages = (self.chunks.take(frame, number) for frame in (self.leads, self.stages))
        history = self.gathered.take(number, places)
        return self.scorer.chunk(leads, history, stages, related=self.around[number], explain=explain, details=False)


class _Written:
    """The files of results and of explanation lines while they are written.

    Lines are too many to wait for the others; results can be written in any order.
    """

    def __init__(
        self,
        files: ExitStack,
        writer: Callable[[str, pl.Schema], Writer],
        outs: _Outs,
        shown: Callable[[pl.DataFrame], pl.DataFrame],
        told: Callable[[pl.DataFrame], pl.DataFrame],
    ) -> None:
        """Open the files; `shown` and `told` make of results and of lines what is written."""
        self._shown, self._told = shown, told
        schemas = (shown(RESULTS.to_frame()).schema, told(LINES.to_frame()).schema)
        paths = zip((outs.results, outs.lines), schemas, strict=True)
        self._results, self._lines = (
            None if path is None else files.enter_context(writer(path, schema)) for path, schema in paths
        )

    def write_results(self, results: pl.DataFrame) -> None:
        """Write the results of some leads or accounts."""
        if self._results:
            self._results.write(self._shown(results))

    def write_lines(self, scored: Scored) -> None:
        """Write the explanation lines of a chunk."""
        if self._lines:
            self._lines.write(self._told(scored.lines))


def folder_of(out: str) -> Path:
    """Return the folder in which the results are written, which has room for them; that of the process for a stream."""
    return Path.cwd() if out == STREAM else Path(out).parent


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


def _compact(results: pl.DataFrame) -> pl.DataFrame:
    """Return the same without what its texts were made of, which they would otherwise keep in memory."""
    return cast("pl.DataFrame", pl.from_arrow(results.to_arrow(compat_level=pl.CompatLevel.oldest())))


def _results(results: pl.DataFrame, likelihood: Likelihood | None = None) -> pl.DataFrame:
    named = results.rename({"lead": "id"}).drop(LEFT_OUT)
    if likelihood is None:
        return named.drop(CHANCES)
    others = [name for name in named.columns if name not in CHANCES[1:]]
    after = others.index(CHANCES[0]) + 1
    return named.select(*others[:after], *CHANCES[1:], *others[after:])


def _results_of_accounts(results: pl.DataFrame, likelihood: Likelihood | None = None) -> pl.DataFrame:
    named = _results(results, likelihood)
    return named.rename({name: field_of(name, "accounts") for name in named.columns if name != "id"})


def _lines(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.select(SHOWN).rename({"lead": "id"})


def _lines_of_accounts(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of accounts, whose names can be ids of people: not worth a category each."""
    return _lines(lines).with_columns(pl.col("name").cast(pl.String))
