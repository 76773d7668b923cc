"""A feed that a test speaks into, around the connector of a sandbox, and the passes over what it says."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from queue import Empty, Queue
from typing import Any

import polars as pl

from connectors.base import Connector, Interrupted
from pipeline import clock
from pipeline.feeding import due_pass
from pipeline.job import Job
from pipeline.lease import leased
from pipeline.passes import Ears, Host, Kind, Pass, PassOptions, Report
from store import Lease
from tests.stage import Stage
from vocabulary.feeds import DUE, Heard
from vocabulary.pages import Cursor, Page

NAP = 0.02


class Radio:
    """A feed: what is put into `said` is yielded or raised, in order, once somebody listens."""

    def __init__(self) -> None:
        self.said: Queue[Heard | Exception] = Queue()
        self.listened: list[Cursor | None] = []
        """The cursor of each time that somebody began to listen."""
        self.open = 0
        self.flood = 10**9
        """How many rows are too many for it."""
        self.read: list[pl.DataFrame] = []
        """What was read, by call."""
        self.fails: list[Exception] = []
        """What the next readings raise."""

    def say(self, *due: tuple[str, str, str, datetime | None], gap: str = "", events: int = 1) -> None:
        """Say that these are due, with a cursor that counts."""
        at = {"after": self.said.qsize() + len(self.listened) * 1000}
        self.said.put(Heard(at, pl.DataFrame(due, schema=DUE, orient="row"), events, gap))


class Tuned:
    """A connector with a feed."""

    def __init__(self, inner: Connector, radio: Radio, job: Job) -> None:
        self._inner, self._radio, self._job = inner, radio, job

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def listen(self, cursor: Cursor | None) -> Iterator[Heard]:
        self._radio.listened.append(cursor)
        self._radio.open += 1
        try:
            while True:
                if self._job.permit.is_set():
                    raise Interrupted("Asked to stop.")
                with suppress(Empty):
                    said = self._radio.said.get(timeout=NAP)
                    if isinstance(said, Exception):
                        raise said
                    yield said
        finally:
            self._radio.open -= 1

    def read_due(self, due: pl.DataFrame) -> Iterator[Page]:
        """Read leads by id, and what streams have about leads."""
        assert not self._job.permit.is_set()
        self._radio.read.append(due)
        if self._radio.fails:
            raise self._radio.fails.pop(0)
        for (stream,), rows in due.group_by("stream", maintain_order=True):
            yield from self._read(str(stream), rows["id"].to_list())

    def _read(self, name: str, ids: Sequence[str]) -> Iterator[Page]:
        stream = next(one for one in self._inner.streams() if one.name == name)
        if not stream.lists:
            yield from self._inner.pull_for(stream, ids)
            return
        found: set[str] = set()
        for page in self._inner.read_leads(ids):
            found |= {*page.leads["lead"], *page.merged}
            yield page
        if lost := [one for one in ids if one not in found]:
            yield Page(name, {}, missing=lost, aside=True)

    def floods(self, rows: int) -> bool:
        return rows >= self._radio.flood


class Between(Ears):
    """Does what is due inside a pass, wherever that lets it, after an action that makes something due."""

    def __init__(self, *acts: Any) -> None:
        self.acts = list(acts)
        self.reports: list[Report] = []

    def give_way(self, host: Host) -> None:
        if self.acts:
            self.acts.pop(0)(host)
        if host.job.ready and (work := due_pass(host.job, host.lease, host)):
            self.reports.append(work.run())

    def mark(self, rows: pl.DataFrame, lease: Lease) -> None:
        self.marked = rows


def listening(connection: dict[str, Any]) -> None:
    """Change the settings so that the feed is listened to."""
    connection.setdefault("schedule", {})["feed"] = "always"


def everything_about(job: Job, *leads: str, at: datetime | None = None) -> pl.DataFrame:
    """Return that these leads are due in every stream that can be read by lead."""
    streams = [stream.name for stream in job.connector.streams() if stream.by_lead or stream.lists]
    rows = [(stream, "lead", lead, at) for stream in streams for lead in leads]
    return pl.DataFrame(rows, schema=DUE, orient="row")


@contextmanager
def tuned(stage: Stage, radio: Radio | None = None) -> Iterator[tuple[Job, Lease]]:
    """Open a job with a feed, under a lease, by the CRM's clock."""
    with stage.job(now=lambda: stage.moment) as job, leased(job, "test", "test") as lease:
        job.connector = Tuned(job.connector, radio or Radio(), job)  # type: ignore[assignment]  # the rest is passed on
        yield job, lease


def do(job: Job, lease: Lease, kind: Kind, ears: Ears | None = None, **options: Any) -> Report:
    """Do one pass."""
    return Pass(job, kind, lease, PassOptions(**options), ears=ears or Ears()).run()


def fed(job: Job, lease: Lease, *leads: str, at: datetime | None = None) -> Report:
    """Make leads due, and do a pass over that."""
    job.due.mark(everything_about(job, *leads, at=at), lease, clock.now())
    work = due_pass(job, lease)
    assert work is not None
    return work.run()
