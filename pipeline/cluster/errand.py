"""What travels to a worker with each chunk: how to score, and what the worker must be like; for which run, if one."""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.metadata import version
from typing import Final, Self

from pipeline.job import ActiveScorecard, Job, Recipe
from pipeline.one_chunk import Orders
from store import Loan
from store.sql.migrating import HEAD

PACKAGES: Final = ("leadgauge", "polars", "numpy")
"""What must be the same everywhere, so that all workers compute the same to the last bit."""


class Refused(Exception):  # noqa: N818 - named for what happened
    """A worker may not take part: it would score differently, or in another database."""


def versions() -> Mapping[str, str]:
    """Return the versions that matter in this process."""
    return {name: version(name) for name in PACKAGES} | {"schema": HEAD}


def differing(ours: Mapping[str, str], theirs: Mapping[str, str], worker: str) -> str | None:
    """Return in words how a worker's versions differ from those of the process that gives out the work."""
    found = [f"{name} {theirs.get(name)} instead of {ours[name]}" for name in ours if theirs.get(name) != ours[name]]
    if not found:
        return None
    return f"the worker {worker} has {', '.join(found)}; install the same leadgauge on all machines"


@dataclass(frozen=True, slots=True)
class Errand:
    """How a worker scores chunks. It carries no secret and nothing about people, and logs show little."""

    connection: str
    database: str
    """The identity of the database that the worker must have opened."""
    recipe: bytes = field(repr=False)
    digest: str
    label: str
    versions: Mapping[str, str]

    @classmethod
    def of(cls, job: Job, active: ActiveScorecard) -> Self:
        """Return the errand of a job's scorecard."""
        use = next(use for use in job.connection.scorecards if use.prefix == active.prefix)
        recipe = pickle.dumps(job.recipe(use))
        return cls(job.name, job.store.identity, recipe, digest_of(recipe), active.label, versions())

    def unpacked(self) -> Recipe:
        """Return what the scorecard is activated from; raise `Refused` if it is not what was sent."""
        if digest_of(self.recipe) != self.digest:
            raise Refused("the scorecard arrived damaged")
        recipe: Recipe = pickle.loads(self.recipe)  # noqa: S301 - the scheduler runs code anyway; its digest was verified
        return recipe

    def verify(self, active: ActiveScorecard) -> None:
        """Raise `Refused` if a worker made another scorecard of it."""
        if active.label != self.label:
            raise Refused(f"the worker understands the scorecard as {active.label} instead of {self.label}")


@dataclass(frozen=True, slots=True)
class Staging:
    """An errand whose results a worker stages, for one run and under the lease that is lent to it."""

    errand: Errand
    loan: Loan = field(repr=False)
    orders: Orders = field(repr=False)


def digest_of(content: bytes) -> str:
    """Return the digest by which content is recognised."""
    return blake2b(content, digest_size=16).hexdigest()
