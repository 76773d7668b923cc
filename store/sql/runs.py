"""The record of runs: what was done when, by which process, and how it ended."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import orjson
from sqlalchemy import Connection, RowMapping, Select, Update, func, insert, or_, select, update

from store.sql.database import Database, micros, moment
from store.sql.leases import Lease, Transaction
from store.sql.schema import runs
from vocabulary.outside import clean

_MESSAGE: Final = 2000
_PAGE: Final = 500
_LONGEST: Final = 7 * 86_400_000_000
"""No run that ended lately began this many microseconds before."""
_GOOD: Final = ("done", "refused", "held")
FEED: Final = "feed"
"""The kind of the many short runs that read what a feed said: they are counted, not listed, unless asked for."""
State = Literal["running", "done", "refused", "held", "stopped", "failed", "broken off"]


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its kind, its counts and how it ended."""

    run: int
    kind: str
    holder: str
    state: State
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, Any]
    message: str


@dataclass(frozen=True, slots=True)
class Fed:
    """The sum of the runs that read what a feed said."""

    passes: int = 0
    failed: int = 0
    written: int = 0
    refused: int = 0
    calls: int = 0


_LISTED: Final = runs.c.kind != FEED
_WROTE: Final = or_(_LISTED, runs.c.counts.contains('"written":', autoescape=True))
"""Runs of the feed keep only what was counted."""


class Runs:
    """The runs of one connection."""

    def __init__(
        self,
        database: Database,
        connection: int,
        clock: Callable[[], datetime],
        recover: Callable[[Transaction], object],
    ) -> None:
        """`recover`: makes the in-flight rows of a broken-off run pending again."""
        self._database, self._id, self._clock, self._recover = database, connection, clock, recover

    def start(self, kind: str, lease: Lease) -> int:
        """Start a run and return its number.

        A run left open by a dead process is marked as broken off, and its in-flight rows become pending again, since
        it is unknown whether they reached the CRM.
        """

        def begin(tx: Transaction) -> int:
            self._break_off(tx)
            return self._insert(tx, kind, lease.holder)

        return lease.write(self._id, begin)

    def start_inside(self, kind: str, lease: Lease) -> int:
        """Start a run inside another one of this process, which goes on after it with its rows in flight."""
        return lease.write(self._id, lambda tx: self._insert(tx, kind, lease.holder))

    def progress(self, run: int, counts: Mapping[str, Any], lease: Lease) -> None:
        """Save the counts of a run in progress."""
        self._set(run, lease, counts=_dumped(counts))

    def finish(
        self,
        run: int,
        state: State,
        counts: Mapping[str, Any],
        lease: Lease,
        message: str = "",
        *,
        beside: Callable[[Transaction], object] = lambda _: None,
    ) -> None:
        """Close the run. The message is cleaned, since it may contain text from the CRM.

        `beside`: what is recorded in the same transaction.
        """
        now, said = micros(self._clock()), clean(message, limit=_MESSAGE)
        closed = {"state": state, "counts": _dumped(counts), "message": said, "finished_at": now}
        this = self._this(run).values(closed)
        lease.write(self._id, lambda tx: (tx.sql.execute(this), beside(tx)))

    def get(self, run: int) -> Run | None:
        """Return a run of this connection by its number."""
        return next(iter(self._read(self._mine().where(runs.c.run == run))), None)

    def last(self, kind: str | None = None) -> Run | None:
        """Return the latest run, or the latest of a kind."""
        mine = self._mine().limit(1)
        return next(iter(self._read(mine.where(runs.c.kind == kind) if kind else mine)), None)

    def last_with(self, count: str) -> Run | None:
        """Return the latest run whose counts include this name, even if later runs failed; none of the feed."""
        noted = runs.c.counts.contains(f'"{count}":', autoescape=True)
        return next(iter(self._read(self._listed().where(noted).limit(1))), None)

    def all_with(self, count: str) -> Sequence[Run]:
        """Return all runs whose counts include this name, newest first."""
        noted = runs.c.counts.contains(f'"{count}":', autoescape=True)
        return self._read(self._mine().where(noted))

    def turns(self, count: str) -> Sequence[Run]:
        """Return the runs that noted another value under a name than the run before that noted one, oldest first.

        Page by page: a year of runs every few minutes is more than needs to be in memory at once.
        """
        noted = self._mine().where(runs.c.counts.contains(f'"{count}":', autoescape=True)).order_by(None)
        found: list[Run] = []
        last = 0
        while page := self._read(noted.where(runs.c.run > last).order_by(runs.c.run).limit(_PAGE)):
            last = page[-1].run
            for one in page:
                if not found or one.counts[count] != found[-1].counts[count]:
                    found.append(one)
        return found

    def of_kind(self, kind: str) -> Sequence[int]:
        """Return the numbers of all runs of a kind."""
        mine = select(runs.c.run).where(runs.c.connection == self._id, runs.c.kind == kind)
        return self._database.read(lambda sql: list(sql.scalars(mine)))

    def failing(self) -> tuple[datetime, int] | None:
        """Return since when runs fail, and how many did in a row; None if the latest did not."""
        good = select(func.max(runs.c.run)).where(runs.c.connection == self._id, _LISTED, runs.c.state.in_(_GOOD))
        bad = (runs.c.connection == self._id, _LISTED, runs.c.run > func.coalesce(good.scalar_subquery(), 0))
        counted = select(func.min(runs.c.started_at), func.count()).where(*bad, runs.c.state == "failed")
        since, times = self._database.read(lambda sql: sql.execute(counted).one())
        return None if since is None else (moment(since), times)

    def since(self, run: int, state: State) -> int:
        """Return the last run before this one that ended otherwise, 0 if none did: what has lasted since then."""
        others = runs.c.state.in_({*_GOOD, "failed"} - {state})
        last = select(func.max(runs.c.run)).where(runs.c.connection == self._id, _LISTED, runs.c.run < run, others)
        return self._database.read(lambda sql: sql.scalar(last) or 0)

    def list(self, limit: int = 20) -> Sequence[Run]:
        """Return the latest runs, newest first, without those of the feed."""
        return self._read(self._listed().limit(limit))

    def fed(self, since: datetime) -> Fed:
        """Return the sum of the runs that read what a feed said, since a time."""
        ended = func.coalesce(runs.c.finished_at, runs.c.started_at)
        rows = self._read(self._mine().where(runs.c.kind == FEED, ended >= micros(since)))
        sums = {name: sum(run.counts.get(name, 0) for run in rows) for name in ("written", "refused", "calls")}
        return Fed(len(rows), sum(run.state == "failed" for run in rows), **sums)

    def page(
        self, limit: int, *, before: int | None = None, kinds: Collection[str] = (), states: Collection[str] = ()
    ) -> Sequence[Run]:
        """Return the latest runs, or the latest before one, newest first; only of these kinds and states, if given.

        Those of the feed are left out unless their kind is given.
        """
        mine = (self._mine() if FEED in kinds else self._listed()).limit(limit)
        if before is not None:
            mine = mine.where(runs.c.run < before)
        if kinds:
            mine = mine.where(runs.c.kind.in_(list(kinds)))
        if states:
            mine = mine.where(runs.c.state.in_(list(states)))
        return self._read(mine)

    def finished_since(self, since: datetime) -> Sequence[int]:
        """Return the numbers of the runs that ended since a time, newest first; of the feed, those that wrote."""
        return self._database.read(lambda sql: list(self._ended(sql, micros(since))))

    def _ended(self, sql: Connection, since: int) -> Iterator[int]:
        """Look back page by page, since a year of runs is long."""
        mine = select(runs.c.run, runs.c.started_at, runs.c.finished_at).where(runs.c.connection == self._id, _WROTE)
        latest = mine.order_by(runs.c.run.desc()).limit(_PAGE)
        older = latest
        while True:
            rows = sql.execute(older).all()
            yield from (row.run for row in rows if row.finished_at is not None and row.finished_at >= since)
            if len(rows) < _PAGE or rows[-1].started_at < since - _LONGEST:
                return
            older = latest.where(runs.c.run < rows[-1].run)

    def _break_off(self, tx: Transaction) -> None:
        left = (runs.c.connection == self._id, runs.c.state == "running")
        tx.sql.execute(update(runs).where(*left).values(state="broken off", finished_at=micros(self._clock())))
        self._recover(tx)

    def _insert(self, tx: Transaction, kind: str, holder: str) -> int:
        now = micros(self._clock())
        row = {"connection": self._id, "kind": kind, "holder": holder, "state": "running", "started_at": now}
        return int(tx.sql.execute(insert(runs).values(row).returning(runs.c.run)).scalar_one())

    def _set(self, run: int, lease: Lease, **values: Any) -> None:
        this = self._this(run).values(values)
        lease.write(self._id, lambda tx: tx.sql.execute(this))

    def _this(self, run: int) -> Update:
        return update(runs).where(runs.c.connection == self._id, runs.c.run == run)

    def _listed(self) -> Select[Any]:
        return self._mine().where(_LISTED)

    def _mine(self) -> Select[Any]:
        return select(runs).where(runs.c.connection == self._id).order_by(runs.c.run.desc())

    def _read(self, statement: Select[Any]) -> Sequence[Run]:
        return [_run(row) for row in self._database.read(lambda sql: sql.execute(statement).mappings().all())]


def note(sql: Connection, connection: int, run: int, name: str, value: Any) -> None:
    """Add a value to the counts of a run that is over, unless it is None. Needs no lease, since its pass has ended."""
    this = (runs.c.connection == connection, runs.c.run == run)
    known = sql.scalar(select(runs.c.counts).where(*this, runs.c.state != "running").with_for_update())
    if known is not None and value is not None:
        sql.execute(update(runs).where(*this).values(counts=_dumped(orjson.loads(known) | {name: value})))


def _run(row: RowMapping) -> Run:
    finished = row["finished_at"]
    return Run(
        run=row["run"],
        kind=row["kind"],
        holder=row["holder"],
        state=row["state"],
        started_at=moment(row["started_at"]),
        finished_at=None if finished is None else moment(finished),
        counts=orjson.loads(row["counts"]),
        message=row["message"],
    )


def _dumped(counts: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(counts)).decode()
