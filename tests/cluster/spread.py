"""Scoring a filled mirror on a cluster or without one, and everything that came of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from json import dumps
from typing import Any

from sqlalchemy import URL, create_engine, text

from config.settings import Settings
from pipeline.cluster.cluster import Cluster
from pipeline.compute import Whom
from pipeline.first import Asking
from pipeline.job import Job
from pipeline.judging import Judging
from pipeline.planning.html import render
from pipeline.planning.plan import plans
from store import Lease, Staged, Store
from tests.pauses import Hurried

AS_OF = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Filled:
    """Settings, and the database with a mirror."""

    settings: Settings
    url: URL


@dataclass
class Scoring:
    """One scoring of everyone in a copy of the filled database."""

    job: Job
    lease: Lease
    run: int
    counts: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)
    after: Callable[[int], None] = lambda _: None
    """Called after each chunk, with how many there were."""

    def do(self, whom: Whom = "everyone", as_of: datetime = AS_OF) -> list[str]:
        """Score everyone, or who is due; return why results are held."""
        (active,) = self.job.scorecards
        judging = Judging(
            self.job,
            active,
            self.run,
            self.lease,
            Asking(self.job, self.lease, yes=True),
            as_of,
            whom=whom,
            own=True,
            accept=False,
            rewrite=False,
            mends=False,
            staged=self._staged,
        )
        reasons = list(judging.judge())
        self.said += judging.said
        return reasons

    def _staged(self, done: Staged) -> None:
        for name in ("computed", "pending", "band_changed", "first", "unchanged"):
            self.counts[name] += getattr(done, name)
        self.counts["chunks"] += 1
        self.after(self.counts["chunks"])


@contextmanager
def scoring(filled: Filled, url: str, cluster: Cluster | None = None, holder: str = "test") -> Iterator[Scoring]:
    """Open a job on a copy, with its lease and a run."""
    with Store.open(url) as store:
        job = Job("main", filled.settings.connections["main"], store, Hurried(), offline=True, cluster=cluster)
        lease = store.lease("main", holder=holder, ttl=timedelta(minutes=5), purpose="test")
        yield Scoring(job, lease, job.runs.start("refresh", lease))


def planned(
    filled: Filled, url: str, cluster: Cluster | None = None, after: Callable[[], object] = lambda: None
) -> tuple[dict[str, str], list[str]]:
    """Return the plans of a copy, each figure and the page by name, and what was said about the cluster.

    `after` is called after each chunk.
    """
    said: list[str] = []
    with Store.open(url) as store:
        job = Job("main", filled.settings.connections["main"], store, Hurried(), offline=True, cluster=cluster)
        found: dict[str, str] = {}
        for plan in plans(job, AS_OF, 50, say=said.append, scored_so_far=lambda _: after() and None):
            figures = plan.as_json() | {"page": render(plan, AS_OF)}
            found |= {f"{plan.scorecard}: {name}": dumps(figure) for name, figure in figures.items()}
    return found, said


def differing(one: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    """Return the names of what differs, since a comparison of all of it would take pytest minutes."""
    return [name for name in {**one, **other} if one.get(name) != other.get(name)]


def outcome(url: str) -> dict[str, list[Any]]:
    """Return every row that scoring leaves: results, marks of what changed, and outboxes."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        found = {
            table: sorted(map(repr, connection.execute(text(f"SELECT * FROM {table}")).all()))
            for table in ("results", "stale", "outboxes", "chunks")
        }
    engine.dispose()
    return found
