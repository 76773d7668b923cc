"""Who is due: a sweep over leads whose moment has come writes what one over all leads writes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring import Scorecard, Scorer
from scoring.outlook import NUMBERS, Told
from store import Lease, Mirror, Outbox, Runs, Store, Tolerances
from tests.examples import up_to
from tests.scoring.comparing import frames, related
from tests.scoring.drawing import AS_OF, cards, people
from tests.store.pages import DAY, activities, day, leads, page, results
from vocabulary.outputs import BY_NAME
from vocabulary.writes import Pushed, Refusal

BEGIN = AS_OF - timedelta(days=12)
ANN = {"lead": "1"}


class Sweeper:
    """Scores, stages and writes the results of one scorecard: of all leads, or of those who are due."""

    def __init__(self, store: Store, world: "World", prefix: str, *, everyone: bool) -> None:
        self.world, self.everyone, self.run = world, everyone, store.runs("main").start("refresh", world.lease)
        self.outbox = store.outbox("main", prefix, priorities=world.card.priorities)
        self.prefix, self.scorer, self.looked_at = prefix, Scorer(world.card), 0
        self.touchpoints = self.scorer.touchpoints()

    def sweep(self, at: datetime, refused: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
        """Score who has to be, and return what is written."""
        world = self.world
        chosen = world.ids if self.everyone else sorted({*self.outbox.dirty(), *self.outbox.due(at)})
        self.looked_at += len(chosen)
        if chosen:
            self._stage(chosen, at)
        rows = self.outbox.pending(100, at)
        self.outbox.sending(rows, self.run, world.lease)
        answers = [Pushed(row.lead, refusal=NO if row.lead in refused else None) for row in rows]
        self.outbox.record(answers, self.run, world.lease, at)
        plain = [(row.lead, {name.removeprefix(self.prefix): one for name, one in row.values.items()}) for row in rows]
        return sorted(plain, key=lambda one: one[0])

    def _stage(self, chosen: list[str], at: datetime) -> None:
        world = self.world
        found = world.mirror.frames(chosen, {})
        least = {name: world.tolerances.least[BY_NAME[name].unit] for name in NUMBERS}
        told = Told(self.outbox.told(chosen, NUMBERS).drop("told_at"), least)
        scored = self.scorer.score(
            world.leads.filter(pl.col("lead").is_in(chosen)),
            found.activities,
            self.touchpoints.known(found.touchpoints),
            at,
            self.outbox.previous(chosen),
            world.related,
            told,
        )
        self.outbox.stage(
            scored.results.select("lead", *[name for name in BY_NAME if name in scored.results.columns]),
            self.run,
            world.lease,
            scored_at=at,
            change=found.change,
            tolerances=world.tolerances,
            anew=scored.anew,
            due=scored.due,
        )


NO = Refusal("INVALID", "no")


class World:
    """Drawn people in a mirror, whose activities become known as they happen, or before."""

    def __init__(self, store: Store, card: dict[str, Any], drawn: list[Any], band: float) -> None:
        self.card, self.tolerances = Scorecard.model_validate(card), Tolerances(dead_band=band)
        self.lease: Lease = store.lease("main", holder="test", ttl=timedelta(hours=1), purpose="test")
        self.mirror: Mirror = store.mirror("main")
        self.leads, done, _ = frames(drawn, card["fields"])
        self.related, self.ids = related(card, drawn), self.leads["lead"].to_list()
        known = done.filter(pl.col("occurred_at").is_not_null() & pl.col("kind").is_not_null())
        self.done = (
            known.drop("id")
            .with_row_index("id")
            .with_columns(pl.col("id").cast(pl.String), ahead=pl.col("id") % 3 == 0)
        )
        self.mirror.save(page(leads=leads(*({"lead": one} for one in self.ids))), self.lease)
        self.seen = BEGIN - timedelta(days=10_000)

    def live(self, until: datetime) -> None:
        """Tell what happened by then, and a part of what will."""
        first = self.seen < BEGIN
        new = pl.col("occurred_at").is_between(self.seen, until, closed="right") & ~pl.col("ahead")
        rows = self.done.filter(new | (pl.col("ahead") & pl.lit(first)))
        self.seen = until
        columns = ("lead", "id", "kind", "occurred_at", "url", "name")
        if len(rows):
            self.mirror.save(page(activities=activities(*rows.select(columns).to_dicts())), self.lease)


def check(card: dict[str, Any], drawn: list[Any], band: float, steps: list[int], refused: list[set[str]]) -> None:
    """Check that both sweeps write the same at each time."""
    with TemporaryDirectory() as folder, Store.open(f"sqlite:///{Path(folder) / 'due.db'}") as store:
        world = World(store, card, drawn, band)
        full = Sweeper(store, world, "full_", everyone=True)
        part = Sweeper(store, world, "part_", everyone=False)
        at = BEGIN
        for hours, no in zip([0, *steps], [set[str](), *refused], strict=False):
            at += timedelta(hours=hours)
            world.live(at)
            assert part.sweep(at, sorted(no)) == full.sweep(at, sorted(no)), at
        assert part.looked_at <= full.looked_at


drawn = given(
    cards(),
    people,
    st.sampled_from([0, 1, 3, 10]),
    st.lists(st.sampled_from([1, 5, 24, 24, 24, 50, 24 * 7, 24 * 40]), min_size=2, max_size=9),
    st.lists(st.sampled_from([set[str](), set[str](), {"0"}, {"0", "1"}]), min_size=9, max_size=9),
)


@settings(max_examples=up_to(25), deadline=None, suppress_health_check=list(HealthCheck))
@drawn
def test_a_sweep_over_those_due_writes_what_a_full_one_writes(
    card: dict, drawn: list, band: float, steps: list, refused: list
) -> None:
    check(card, drawn, band, steps, refused)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=up_to(600), deadline=None, suppress_health_check=list(HealthCheck))
@drawn
def test_many_more_sweeps_over_those_due_write_what_full_ones_write(
    card: dict, drawn: list, band: float, steps: list, refused: list
) -> None:
    check(card, drawn, band, steps, refused)


def staged(outbox: Outbox, runs: Runs, lease: Lease, due_at: int | None, **row: Any) -> None:
    due = pl.DataFrame({"lead": ["1"], "due_at": [due_at]}, schema={"lead": pl.String, "due_at": pl.Int64})
    outbox.stage(results(ANN | row), runs.start("sync", lease), lease, scored_at=DAY, due=due)


def test_a_lead_is_due_from_its_moment_on(mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease) -> None:
    mirror.save(page(leads=leads(ANN)), lease)
    for due_at, told in ((None, []), (int(day(3).timestamp() * 1e6), ["1"])):
        staged(outbox, runs, lease, due_at)
        run = runs.start("sync", lease)
        outbox.sending(outbox.pending(10, DAY), run, lease)
        outbox.record([Pushed("1")], run, lease, now=DAY)
        assert outbox.due(day(3)) == told
    assert outbox.due(day(2.9)) == []


def test_a_lead_that_waits_to_be_written_is_due(mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease) -> None:
    mirror.save(page(leads=leads(ANN)), lease)
    staged(outbox, runs, lease, None)
    assert outbox.pending_count(DAY) == 1
    assert outbox.due(DAY) == ["1"]


def test_without_a_moment_a_lead_is_due_at_once(mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease) -> None:
    mirror.save(page(leads=leads(ANN)), lease)
    run = runs.start("sync", lease)
    outbox.stage(results(ANN), run, lease, scored_at=DAY)
    outbox.sending(outbox.pending(10, DAY), run, lease)
    outbox.record([Pushed("1")], run, lease, now=DAY)
    assert outbox.due(DAY) == ["1"]
