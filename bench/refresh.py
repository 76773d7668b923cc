"""Times nights through the store: `python -m bench.refresh [LEADS] [NIGHTS] [URL] [--card FILE]`.

Makes leads with 20 activities each in an SQLite file in a temporary folder (or URL), scores them by the scorecard of
the benches (or a file), writes everybody in two outboxes, and then sweeps night by night: over everybody in one, over
those who are due in the other. Prints a line for each sweep; both must write as many rows. CPU seconds are those of
this process, without making the data.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from bench.cards import scorecard
from bench.data import ACTIVITIES_PER_LEAD, AS_OF, write_activities, write_leads
from config.loading import load_scorecard
from pipeline.compute import CHUNK, Ids, buckets
from scoring import Scorecard, Scorer
from scoring.outlook import NUMBERS, Told
from store import Lease, Store, Tolerances
from vocabulary.fields import KEPT
from vocabulary.outputs import BY_NAME, COMPUTED, DEFAULTS
from vocabulary.pages import Page
from vocabulary.rows import ACTIVITIES, LEADS
from vocabulary.writes import Pushed

PER_PAGE = 2_000
PER_SHARD = 20_000
BEGIN = datetime.fromisoformat(AS_OF)
AT_A_TIME = 20_000
ALLOWED = Tolerances()


def made(folder: Path, leads: int, per_lead: int = ACTIVITIES_PER_LEAD) -> None:
    """Write the leads of the bench for scoring, and what they did, as `pages` reads them."""
    write_leads(folder / "leads.parquet", leads)
    write_activities(folder / "activities.parquet", leads, per_lead)
    _by_shard(folder)


def pages(folder: Path, card: Scorecard, leads: int) -> Iterator[Page]:
    """Yield the leads that were made, with what they did."""
    schema = {**LEADS, **{name: KEPT[kind] for name, kind in card.fields.items()}}
    everybody = pl.scan_parquet(folder / "leads.parquet").rename({"id": "lead"})
    for start in range(0, leads, PER_SHARD):
        done = _of_shard(folder, start // PER_SHARD)
        people = _shaped(everybody.slice(start, PER_SHARD).collect(), schema)
        for first in range(0, people.height, PER_PAGE):
            some = people.slice(first, PER_PAGE)
            mine = done.filter(pl.col("lead").is_between(pl.lit(some["lead"][0]), pl.lit(some["lead"][-1])))
            yield Page("contacts", {"after": first}, leads=some, activities=mine)


def _by_shard(folder: Path) -> None:
    """Write the activities, which are in the order of time, by the leads that did them, so that each is read once."""
    with pq.ParquetFile(folder / "activities.parquet") as file:
        for number in range(file.num_row_groups):
            part = pl.DataFrame(file.read_row_group(number)).rename({"lead_id": "lead"})
            numbered = part.with_columns(shard=pl.col("lead").cast(pl.Int64) // PER_SHARD)
            for (shard,), some in numbered.partition_by("shard", as_dict=True).items():
                _shaped(some, ACTIVITIES).write_parquet(folder / f"shard-{shard}-{number}.parquet")


def _of_shard(folder: Path, shard: int) -> pl.DataFrame:
    """Return the activities of some leads."""
    files = sorted(folder.glob(f"shard-{shard}-*.parquet"))
    return pl.read_parquet(files) if files else pl.DataFrame(schema=ACTIVITIES)


def _shaped(frame: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )


class Sweeper:
    """Scores and writes the leads of one outbox."""

    def __init__(self, store: Store, lease: Lease, card: Scorecard, prefix: str) -> None:
        off = [name for name in COMPUTED if name not in DEFAULTS and name not in WRITTEN]
        self.outbox = store.outbox("bench", prefix, None, off, priorities=card.priorities)
        self.mirror = store.mirror("bench")
        self.lease, self.run, self.card = lease, store.runs("bench").start("refresh", lease), card
        self.scorer = Scorer(card, wanted=sorted(self.outbox.written))
        self.touchpoints = self.scorer.touchpoints()

    def sweep(self, chosen: Sequence[str], at: datetime) -> int:
        """Score some leads, and return how many of them are written."""
        for start in range(0, len(chosen), CHUNK):
            self._stage(chosen[start : start + CHUNK], at)
        return self._write(at)

    def sweep_everybody(self, at: datetime) -> int:
        """Score all leads, and return how many of them are written."""
        for some in buckets(self):
            self._stage(some, at)
        return self._write(at)

    def _write(self, at: datetime) -> int:
        written = 0
        while rows := self.outbox.pending(AT_A_TIME, at):
            self.outbox.sending(rows, self.run, self.lease)
            self.outbox.record([Pushed(row.lead) for row in rows], self.run, self.lease, at)
            written += len(rows)
        return written

    def _stage(self, chosen: Ids, at: datetime) -> None:
        found = self.mirror.frames(chosen, self.card.fields)
        names = [name for name in NUMBERS if name in self.outbox.written]
        least = {name: ALLOWED.least[BY_NAME[name].unit] for name in names}
        told = Told(self.outbox.told(chosen, names).drop("told_at"), least)
        places = self.touchpoints.known(found.touchpoints)
        before = self.outbox.previous(chosen)
        scored = self.scorer.score(found.leads, found.activities, places, at, before, told=told)
        results = scored.results.select("lead", *COMPUTED)
        self.outbox.stage(results, self.run, self.lease, scored_at=at, change=found.change, due=scored.due)


WRITTEN = ("lead_score", "lead_urgency", "lead_priority_index", "lead_expires_at", "lead_score_status")
"""What is written beside the outputs that are written by default."""


def main(leads: int, nights: int, file: Path | None, url: str | None) -> None:
    card = Scorecard.model_validate(scorecard()) if file is None else load_scorecard(file)
    with tempfile.TemporaryDirectory() as name, Store.open(url or f"sqlite:///{name}/bench.db") as store:
        lease = store.lease("bench", holder="bench", ttl=timedelta(hours=12), purpose="bench")
        mirror = store.mirror("bench")
        mirror.declare(card.fields, lease)
        made(Path(name), leads)
        for page in pages(Path(name), card, leads):
            mirror.save(page, lease)
        everybody, due = Sweeper(store, lease, card, "full_"), Sweeper(store, lease, card, "due_")
        for sweeper in (everybody, due):
            sweeper.sweep_everybody(BEGIN)
        for night in range(1, nights + 1):
            at = BEGIN + timedelta(days=night)
            for who, sweeper in (("everybody", everybody), ("due", due)):
                began, busy = time.perf_counter(), time.process_time()
                chosen = [] if who == "everybody" else sweeper.outbox.due(at)
                looked = len(chosen) if who == "due" else leads
                written = sweeper.sweep(chosen, at) if who == "due" else sweeper.sweep_everybody(at)
                print(
                    f"night={night} who={who} leads={leads} looked_at={looked / leads:.1%} "
                    f"written={written} share_written={written / leads:.2%} "
                    f"cpu_s={time.process_time() - busy:.1f} wall_s={time.perf_counter() - began:.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("leads", type=int, nargs="?", default=100_000)
    parser.add_argument("nights", type=int, nargs="?", default=3)
    parser.add_argument("url", nargs="?")
    parser.add_argument("--card", type=Path)
    given = parser.parse_args()
    main(given.leads, given.nights, given.card, given.url)
