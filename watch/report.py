"""The report: what all looks at one scorecard found."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl

from pipeline.job import ActiveScorecard, Job
from scoring import outputs
from vocabulary.outputs import LIKELIHOOD, SCORE
from watch import (
    amounts,
    card_changes,
    cohorts,
    conversion,
    drift,
    experiment,
    inflation,
    likelihood,
    rules,
    touches,
    verdicts,
)
from watch.cohorts import SCALES
from watch.reading import Chunk, Ground
from watch.sample import Sample
from watch.tables import Figure, Finding, Section, Told, parts_of

RECORDS_SCHEMA: Final = pl.Schema({"lead": pl.String(), "at": pl.Datetime("us", "UTC"), "what": pl.String()})


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the leads of one scorecard, and what to do about its score."""

    connection: str
    scorecard: str
    label: str
    """The scorecard with its version."""
    as_of: datetime
    leads: int
    horizon_days: int
    findings: Sequence[Finding]
    figures: Sequence[Figure]
    sections: Sequence[Section]
    measures: Mapping[str, Mapping[str, float]]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, without what is only for the eye."""
        return {
            "connection": self.connection,
            "scorecard": self.scorecard,
            "version": self.label,
            "as_of": self.as_of.isoformat(),
            "leads": self.leads,
            "horizon_days": self.horizon_days,
            "findings": [asdict(one) for one in self.findings],
            "figures": [asdict(one) for one in self.figures],
            "measures": {name: dict(values) for name, values in self.measures.items()},
            "sections": [_section(one) for one in self.sections],
        }


def _section(one: Section) -> dict[str, Any]:
    tables = {table.name: [dict(row) for row in table.rows] for table in one.tables}
    return {"name": one.name, "title": one.title, "said": list(one.said), "tables": tables}


def report(
    job: Job,
    active: ActiveScorecard,
    as_of: datetime,
    *,
    by_person: bool = False,
    pulse: Callable[[], None] = lambda: None,
) -> Report:
    """Return the report on one scorecard: reads the database only. Raise `Stopped` once the job is stopped.

    `by_person`: whether it shows how soon each owner reaches out, which the settings have to allow. `pulse`: called
    now and then while it works.
    """
    if by_person and job.connection.report.person is None:
        raise NotAllowed(job.name)
    ground = Ground(job, active, as_of, pulse)
    looks = list(_looks(ground, by_person=by_person)) if ground.began else [_nothing(ground)]
    return Report(
        job.name,
        active.name,
        active.card.label,
        as_of,
        ground.people.height,
        ground.horizon.days,
        [finding for look in looks for finding in look.findings],
        [figure for look in looks for figure in look.figures],
        [look.section for look in looks],
        {name: values for look in looks for name, values in look.measures.items()},
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What the chunks of leads add up to."""

    counts: Mapping[str, pl.DataFrame]
    crossed: pl.DataFrame
    """Who reached the first priority, and when."""
    moved: pl.DataFrame
    """How the card moved leads, by run."""
    drawn: pl.DataFrame
    """What became of the leads whose place was drawn, by month and half."""
    touched: pl.DataFrame
    """Who reached the first priority lately, and when sales touched them."""
    owned: pl.DataFrame
    """Whose the deals are, and which priority these leads had when they were made."""
    judged: pl.DataFrame
    """What sales said about leads, and which priority they had then."""
    standing: pl.DataFrame
    """How many open leads have which priority now, and since which run."""

    @classmethod
    def of(cls, ground: Ground, given: "Given", *, by_person: bool) -> "Seen":
        """Look at all leads, some buckets at a time."""
        parts = [_part(chunk, given, by_person=by_person) for chunk in ground.chunks()]
        counts = {name: cohorts.added([part.counts[name] for part in parts]) for name in parts[0].counts}
        drawn = cohorts.added([part.drawn for part in parts])
        return cls(counts, **{name: pl.concat([getattr(part, name) for part in parts]) for name in _ROWS}, drawn=drawn)


_ROWS: Final = ("crossed", "moved", "touched", "owned", "judged", "standing")


@dataclass(frozen=True, slots=True)
class Given:
    """What is read once for all chunks: deals, their leads, and what sales said."""

    deals: pl.DataFrame
    pairs: pl.DataFrame
    said: pl.DataFrame

    @classmethod
    def of(cls, ground: Ground) -> "Given":
        """Read it."""
        made = amounts.deals(ground)
        return cls(made, ground.job.mirror.deal_leads() if made.height else made, verdicts.latest(ground))


def _part(chunk: Chunk, given: Given, *, by_person: bool) -> Seen:
    return Seen(
        counts=conversion.seen(chunk),
        crossed=chunk.crossings,
        moved=card_changes.seen(chunk),
        drawn=experiment.seen(chunk),
        touched=touches.seen(chunk, by_person=by_person),
        owned=amounts.seen(chunk, given.deals, given.pairs),
        judged=verdicts.seen(chunk, given.said),
        standing=inflation.seen(chunk),
    )


def _looks(ground: Ground, *, by_person: bool) -> Iterator[Told]:
    given = Given.of(ground)
    seen = Seen.of(ground, given, by_person=by_person)
    yield conversion.told(ground, seen.counts, orders(ground.active))
    if ground.priorities:
        yield experiment.told(ground, seen.drawn)
    yield likelihood.told(ground, seen.counts[LIKELIHOOD])
    if ground.priorities:
        yield touches.told(ground, seen.touched, by_person=by_person)
        yield verdicts.told(ground, seen.judged)
        yield amounts.told(ground, amounts.credited(given.deals, seen.owned, ground.priorities), given.deals.height)
        yield inflation.told(ground, seen.counts["priority"], seen.crossed, seen.standing)
    sample, number = Sample(ground), conversion.score_of(seen.counts)
    yield rules.told(sample)
    yield drift.told(sample, seen.counts[number or SCORE], number)
    if ground.priorities:
        yield card_changes.told(ground, card_changes.of(ground), seen.moved, ground.people.height)
    if ground.active.accounts is not None:
        yield of_accounts()


def of_accounts() -> Told:
    """Return what the report says where the card scores accounts too."""
    said = (
        "The card scores accounts too. The report is about leads only: which accounts converted, by their priority or"
        " grade, is not in it. What an account has and why: `leadgauge explain ACCOUNT`, and the pages."
    )
    return Told(Section("accounts", "Accounts", [said]))


def _nothing(ground: Ground) -> Told:
    """Return what to do where nothing was written yet."""
    if ground.people.is_empty():
        said = "Nothing to say yet: no lead was read. `leadgauge backfill` reads and scores them."
    else:
        said = (
            "Nothing to say yet: nothing was written to the CRM, and the report is about what people saw there. Look at"
            " `leadgauge plan`; then run `leadgauge backfill`."
        )
    return Told(Section("nothing", "Nothing to say yet", [said]))


def orders(active: ActiveScorecard) -> dict[str, Sequence[str]]:
    """Return the values of each scale of a scorecard, best first."""
    choices = {output.name: output.choices for output in outputs(active.card)}
    found = {scale: choices[name] for scale, name in SCALES.items() if name in choices}
    return {scale: values if scale != "stage" else values[::-1] for scale, values in found.items()}


def _by_chunk(listing: Callable[..., pl.DataFrame]) -> "Listing":
    """Return what lists the records of all leads, from what lists those of some buckets."""
    return lambda ground, *parts: pl.concat([listing(chunk, *parts) for chunk in ground.chunks()])


Listing = Callable[..., pl.DataFrame]
LISTINGS: Final[Mapping[str, Listing]] = {
    conversion.NAME: _by_chunk(conversion.records),
    experiment.NAME: _by_chunk(experiment.records),
    card_changes.NAME: _by_chunk(card_changes.records),
    touches.NAME: touches.records,
    verdicts.NAME: verdicts.records,
    amounts.NAME: amounts.records,
    inflation.NAME: _by_chunk(inflation.records),
    rules.NAME: lambda ground, *parts: rules.records(Sample(ground), *parts),
}
"""By the first part of its key: what lists the records behind a figure."""


class NotAllowed(Exception):  # noqa: N818 - named for the problem
    """The settings do not allow figures by person."""

    exit_code = 2

    def __init__(self, connection: str) -> None:
        super().__init__(
            f"{connection}: figures by person are not switched on. Name the field with the owner of a lead as `person`"
            " under `report` of the connection, if your people agree to that."
        )


class NoSuchFigure(Exception):  # noqa: N818 - named for the problem
    """A key of records that no figure of the report has."""

    exit_code = 2

    def __init__(self, key: str) -> None:
        super().__init__(f"No figure has the key '{key}'. `leadgauge report --json` shows the keys, under `records`.")


def records(job: Job, active: ActiveScorecard, as_of: datetime, key: str) -> pl.DataFrame:
    """Return the records behind a figure: `lead`, `at` and `what`; raise `NoSuchFigure`."""
    name, *parts = parts_of(key)
    ground = Ground(job, active, as_of)
    if name not in LISTINGS:
        raise NoSuchFigure(key)
    try:
        found = LISTINGS[name](ground, *parts)
    except (TypeError, ValueError, KeyError, StopIteration, pl.exceptions.PolarsError) as error:
        raise NoSuchFigure(key) from error
    return found.cast(RECORDS_SCHEMA).sort("at", "lead")
