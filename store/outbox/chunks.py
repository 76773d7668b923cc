"""The chunks of a run: who is scored together, and which chunks are done, for work that several processes share.

A chunk is done in the transaction that stages its results, so it is done once, whoever tries it how often. Once the
chunks are closed, none can be done any more, however late its worker is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, delete, insert, select, update

from store.sql.database import Database
from store.sql.errors import StoreError
from store.sql.leases import Lease, Transaction, Writer
from store.sql.schema import chunks

Counts = Mapping[str, Any]
"""What became of a chunk, as JSON."""


@dataclass(frozen=True, slots=True)
class ChunkKey:
    """One chunk of what a run scores by one scorecard."""

    run: int
    prefix: str
    number: int


class ChunkClosed(StoreError):  # noqa: N818 - named for what happened
    """The run no longer wants this chunk: it has ended, or was given up."""


class Chunks:
    """The chunks of one connection."""

    def __init__(self, database: Database, connection: int) -> None:
        self._database, self._id = database, connection

    def open(self, run: int, prefix: str, who: Sequence[Mapping[str, Any]], lease: Lease) -> list[ChunkKey]:
        """Note what is to be done; what earlier runs left open is closed."""
        keys = [ChunkKey(run, prefix, number) for number in range(len(who))]
        rows = [self._row(key) | {"who": _dumped(one)} for key, one in zip(keys, who, strict=True)]

        def noted(tx: Transaction) -> None:
            tx.sql.execute(delete(chunks).where(chunks.c.connection == self._id))
            if rows:
                tx.sql.execute(insert(chunks), rows)

        lease.write(self._id, noted)
        return keys

    def find(self, key: ChunkKey) -> tuple[Mapping[str, Any], Counts | None]:
        """Return who is in a chunk, and what became of them if it is done; raise `ChunkClosed`."""
        wanted = select(chunks.c.who, chunks.c.counts).where(*self._here(key))
        row = self._database.read(lambda sql: sql.execute(wanted).one_or_none())
        if row is None:
            raise _closed(key)
        return orjson.loads(row.who), row.counts and orjson.loads(row.counts)

    def complete(self, key: ChunkKey, writer: Writer, work: Callable[[Transaction], Counts]) -> Counts:
        """Do the work of a chunk and note that it is done, in one transaction; return what became of it.

        If it is done already, nothing is done. Raise `ChunkClosed` if it is no longer wanted. The row is locked first,
        so that neither another process does the same nor the chunk is closed meanwhile.
        """
        here = self._here(key)

        def done(tx: Transaction) -> Counts:
            row = tx.sql.execute(select(chunks.c.counts).where(*here).with_for_update()).one_or_none()
            if row is None:
                raise _closed(key)
            if row.counts is not None:
                return orjson.loads(row.counts)  # type: ignore[no-any-return]
            counts = work(tx)
            tx.sql.execute(update(chunks).where(*here).values(counts=_dumped(counts)))
            return counts

        return writer.write(self._id, done)

    def close(self, lease: Lease) -> None:
        """Let no chunk be done any more, after waiting for those that are being staged."""
        here = delete(chunks).where(chunks.c.connection == self._id)
        lease.write(self._id, lambda tx: tx.sql.execute(here))

    def _here(self, key: ChunkKey) -> list[ColumnElement[bool]]:
        return [chunks.c[name] == value for name, value in self._row(key).items()]

    def _row(self, key: ChunkKey) -> dict[str, Any]:
        return {"connection": self._id, "run": key.run, "prefix": key.prefix, "number": key.number}


def _closed(key: ChunkKey) -> ChunkClosed:
    return ChunkClosed(f"Chunk {key.number} of run {key.run} is no longer wanted: the run ended or was given up.")


def _dumped(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value).decode()
