"""Runs: what was done when, by whom, and how it ended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import orjson
from sqlalchemy import RowMapping, Select, insert, select, update

from store.sql.database import Database, micros, moment
from store.sql.leases import Lease, Transaction
from store.sql.schema import runs
from vocabulary.outside import clean

_MESSAGE: Final = 2000
State = Literal["running", "done", "refused", "held", "stopped", "failed", "broken off"]


@dataclass(frozen=True, slots=True)
class Run:
    """One pass: its kind, its counts and how it ended."""

    run: int
    kind: str
    holder: str
    state: State
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, Any]
    message: str


class Runs:
    """The runs of one connection."""

    def __init__(
        self, database: Database, connection: int, clock: Callable[[], datetime], land: Callable[[Transaction], object]
    ) -> None:
        """`land`: makes the rows pending again that a run that broke off was sending."""
        self._database, self._id, self._clock, self._land = database, connection, clock, land

    def start(self, kind: str, lease: Lease) -> int:
        """Open a run and return its number.

        A run that a dead process left open is marked as broken off, and the rows that it was sending are pending
        again: whether they reached the CRM is not known.
        """
        return lease.write(self._id, lambda tx: self._start(tx, kind, lease.holder))

    def progress(self, run: int, counts: Mapping[str, Any], lease: Lease) -> None:
        """Note how far the run has come."""
        self._set(run, lease, counts=_dumped(counts))

    def finish(self, run: int, state: State, counts: Mapping[str, Any], lease: Lease, message: str = "") -> None:
        """Close the run; its message may hold a CRM's words."""
        now = micros(self._clock())
        self._set(
            run, lease, state=state, counts=_dumped(counts), message=clean(message, limit=_MESSAGE), finished_at=now
        )

    def get(self, run: int) -> Run | None:
        """Return a run of this connection by its number."""
        return next(iter(self._read(self._mine().where(runs.c.run == run))), None)

    def last(self, kind: str | None = None) -> Run | None:
        """Return the latest run, or the latest of a kind."""
        mine = self._mine().limit(1)
        return next(iter(self._read(mine.where(runs.c.kind == kind) if kind else mine)), None)

    def last_with(self, count: str) -> Run | None:
        """Return the latest run that noted this among its counts, however many have failed since."""
        noted = runs.c.counts.contains(f'"{count}":', autoescape=True)
        return next(iter(self._read(self._mine().where(noted).limit(1))), None)

    def list(self, limit: int = 20) -> Sequence[Run]:
        """Return the latest runs, newest first."""
        return self._read(self._mine().limit(limit))

    def _start(self, tx: Transaction, kind: str, holder: str) -> int:
        now = micros(self._clock())
        left = (runs.c.connection == self._id, runs.c.state == "running")
        tx.sql.execute(update(runs).where(*left).values(state="broken off", finished_at=now))
        self._land(tx)
        row = {"connection": self._id, "kind": kind, "holder": holder, "state": "running", "started_at": now}
        return int(tx.sql.execute(insert(runs).values(row).returning(runs.c.run)).scalar_one())

    def _set(self, run: int, lease: Lease, **values: Any) -> None:
        this = update(runs).where(runs.c.connection == self._id, runs.c.run == run).values(values)
        lease.write(self._id, lambda tx: tx.sql.execute(this))

    def _mine(self) -> Select[Any]:
        return select(runs).where(runs.c.connection == self._id).order_by(runs.c.run.desc())

    def _read(self, statement: Select[Any]) -> Sequence[Run]:
        return [_run(row) for row in self._database.read(lambda sql: sql.execute(statement).mappings().all())]


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
