"""Requests: work that a command hands to the daemon that holds a connection."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import orjson
from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, or_, select, update

from store.sql.database import Database, micros, moment
from store.sql.leases import Lease, Transaction
from store.sql.schema import connections, requests
from vocabulary.outside import clean

_LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request ended: its result, or the error and the exit code for it."""

    result: Mapping[str, Any]
    error: str = ""
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """Work for the daemon."""

    number: int
    kind: str
    options: Mapping[str, Any]
    asked_by: str
    asked_at: datetime
    state: Literal["asked", "running", "done"]
    answer: Answer | None


class Requests:
    """The requests of one connection. Asking needs no lease, since another process has it."""

    def __init__(self, database: Database, connection: int, clock: Callable[[], datetime]) -> None:
        self._database, self._id, self._clock = database, connection, clock

    def ask(self, kind: str, options: Mapping[str, Any], asked_by: str) -> int:
        """Add a request and return its number."""
        adding = self._adding(kind, options, asked_by)
        return int(self._database.write(lambda sql: sql.execute(adding).scalar_one()))

    def ask_once(self, kind: str, options: Mapping[str, Any], asked_by: str) -> int:
        """Add a request unless the same is open already, whoever asked for it; return the number of the open one."""
        same = self._open_like(kind, options).with_only_columns(requests.c.request)
        here = select(connections.c.connection).where(connections.c.connection == self._id).with_for_update()

        def ask(sql: Connection) -> int:
            sql.execute(here)  # of two who ask at once, the second one sees the request of the first
            known = sql.scalar(same)
            return int(known or sql.execute(self._adding(kind, options, asked_by)).scalar_one())

        return self._database.write(ask)

    def asked(self, kind: str, options: Mapping[str, Any]) -> Request | None:
        """Return the open request of a kind with these options."""
        statement = self._open_like(kind, options)
        rows = self._database.read(lambda sql: sql.execute(statement).mappings().all())
        return next(map(_request, rows), None)

    def open(self) -> list[Request]:
        """Return the requests that are not done, oldest first."""
        mine = select(requests).where(*self._open()).order_by(requests.c.request)
        return [_request(row) for row in self._database.read(lambda sql: sql.execute(mine).mappings().all())]

    def get(self, number: int) -> Request | None:
        """Return a request by its number."""
        found = select(requests).where(requests.c.request == number)
        rows = self._database.read(lambda sql: sql.execute(found).mappings().all())
        return next(map(_request, rows), None)

    def withdraw(self, number: int) -> bool:
        """Remove a request unless the daemon has begun it; return whether it was removed."""
        mine = delete(requests).where(requests.c.request == number, requests.c.state == "asked")
        return bool(self._database.write(lambda sql: sql.execute(mine).rowcount))

    def collect(self, number: int) -> None:
        """Remove a request whose answer was read."""
        mine = delete(requests).where(requests.c.request == number)
        self._database.write(lambda sql: sql.execute(mine))

    def waiting(self) -> int:
        """Count the requests that are not done."""
        count = select(func.count()).select_from(requests).where(*self._open())
        return self._database.read(lambda sql: sql.execute(count).scalar_one())

    def take(self, lease: Lease) -> Request | None:
        """Return the oldest open request, marked as running.

        One that an earlier holder of the lease began is returned again: every kind of request can be repeated.
        """
        if not self.waiting():
            return None
        return lease.write(self._id, lambda tx: self._take(tx, lease.fence))

    def answer(self, number: int, answer: Answer, fence: int) -> None:
        """Save how a request ended that runs under the lease with this fence.

        The error is cleaned, since it may contain text from the CRM. No lease is needed: a pass that hangs loses it.
        """
        told = {"result": answer.result, "error": clean(answer.error, limit=_LONGEST), "exit_code": answer.exit_code}
        mine = update(requests).where(requests.c.request == number, requests.c.fence == fence)
        done = mine.values(state="done", answer=orjson.dumps(told, default=str).decode())
        self._database.write(lambda sql: sql.execute(done))

    def _take(self, tx: Transaction, fence: int) -> Request | None:
        oldest = select(requests).where(*self._open(), self._is_free(fence)).order_by(requests.c.request).limit(1)
        row = tx.sql.execute(oldest).mappings().first()
        if row is None:
            return None
        this = update(requests).where(requests.c.request == row["request"])
        tx.sql.execute(this.values(state="running", fence=fence))
        return _request(row)

    def _adding(self, kind: str, options: Mapping[str, Any], asked_by: str) -> Any:
        row = {
            "connection": self._id,
            "kind": kind,
            "options": _dumped(options),
            "asked_by": asked_by,
            "asked_at": micros(self._clock()),
            "state": "asked",
        }
        return insert(requests).values(row).returning(requests.c.request)

    def _open_like(self, kind: str, options: Mapping[str, Any]) -> Select[Any]:
        like = (requests.c.kind == kind, requests.c.options == _dumped(options))
        return select(requests).where(*self._open(), *like).order_by(requests.c.request).limit(1)

    def _open(self) -> tuple[Any, ...]:
        return requests.c.connection == self._id, requests.c.state != "done"

    @staticmethod
    def _is_free(fence: int) -> Any:
        return or_(requests.c.state == "asked", requests.c.fence != fence)


def _dumped(options: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(options)).decode()


def _request(row: RowMapping) -> Request:
    return Request(
        number=row["request"],
        kind=row["kind"],
        options=orjson.loads(row["options"]),
        asked_by=row["asked_by"],
        asked_at=moment(row["asked_at"]),
        state=row["state"],
        answer=Answer(**orjson.loads(row["answer"])) if row["answer"] else None,
    )
