"""A stable sample of the leads, kept in memory to try scorecards on: always the same leads, whole buckets of them."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Final

import polars as pl

from pipeline import clock
from pipeline.compute import Chunk, Material, gathered, with_accounts
from pipeline.job import ActiveScorecard, Job
from pipeline.trial import in_place_of
from scoring import Scorecard, Scored

SIZE: Final = 3_000
"""About how many leads a preview is computed for: enough for a few per mille, and ready within a second."""
KEPT: Final = 4
"""How many samples are kept, each of one connection and its fields."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the leads of a sample are scored from, read at one moment."""

    material: Material
    leads: int
    total: int
    as_of: datetime
    ids: frozenset[str]
    _lock: Lock = field(default_factory=Lock)
    _scored: OrderedDict[str, Scored] = field(default_factory=OrderedDict)

    @property
    def everybody(self) -> bool:
        """Whether it holds all leads."""
        return self.leads == self.total

    def scored(self, active: ActiveScorecard) -> Scored:
        """Return the results with their lines by a scorecard, of leads and of accounts."""
        key = active.card.digest if active.of == "leads" else active.scorer.card.digest
        with self._lock:
            if key not in self._scored:
                self._scored[key] = self._computed(active)
                while len(self._scored) > KEPT:
                    self._scored.popitem(last=False)
            self._scored.move_to_end(key)
            return self._scored[key]

    def _computed(self, active: ActiveScorecard) -> Scored:
        frames, previous, related = self.material.frames, self.material.previous, self.material.related
        places = active.scorer.touchpoints().known(frames.touchpoints)
        found = active.scorer.score(
            frames.leads, frames.activities, places, self.as_of, previous, related, explain=True
        )
        mine = pl.col("lead").is_in(list(self.ids))
        return replace(found, results=found.results.filter(mine), lines=found.lines.filter(mine))


@dataclass
class Samples:
    """The samples of all connections. Used from many threads at once."""

    _kept: OrderedDict[tuple[object, ...], Sample] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, job: Job, active: ActiveScorecard) -> Sample:
        """Return the sample for a scorecard, read anew after a pass changed something."""
        card, change = active.scorer.card, job.store.changes(job.name)
        firms = None if card.accounts is None else tuple(card.accounts.fields.items())
        by = None if card.accounts is None else card.accounts.by_domain
        key = (job.name, active.prefix, change, tuple(card.fields.items()), tuple(card.deals.items()), firms, by)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = _read(job, active)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]


def buckets_of(job: Job, most: int) -> tuple[range, int, int]:
    """Return the first buckets that together hold up to so many leads, how many that is, and how many there are."""
    counts = job.mirror.bucket_counts()
    held = 0
    for bucket, leads in enumerate(counts):
        if held and held + leads > most:
            return range(bucket), held, sum(counts)
        held += leads
    return job.mirror.buckets, held, held


def chunk_of(job: Job, active: ActiveScorecard, buckets: range) -> tuple[Chunk, frozenset[str]]:
    """Return the chunk that the leads of some buckets are scored in, and these leads."""
    ids = job.mirror.people(buckets, {})["lead"].to_list()
    return with_accounts(job, active, ids), frozenset(ids)


def _read(job: Job, active: ActiveScorecard) -> Sample:
    buckets, leads, total = buckets_of(job, SIZE)
    chunk, ids = chunk_of(job, active, buckets)
    return Sample(gathered(job, active, chunk), leads, total, clock.now(), ids)


def of_leads(job: Job, box: ActiveScorecard) -> ActiveScorecard:
    """Return the scorecard that a part about accounts belongs to."""
    return next(active for active in job.scorecards if box is active or box is active.accounts)


def edited(job: Job, box: ActiveScorecard, card: Scorecard) -> ActiveScorecard:
    """Return an edited scorecard in the place of the one in use."""
    return in_place_of(of_leads(job, box), card)


__all__ = ["Sample", "Samples", "buckets_of", "chunk_of", "edited", "of_leads"]
