"""What a worker does: it opens the database itself, scores a chunk and stages the results under the borrowed lease."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from threading import local
from typing import Final

from pipeline.cluster.errand import Errand, Refused, Staging, differing, versions
from pipeline.compute import Part
from pipeline.job import ActiveScorecard
from pipeline.one_chunk import judged, told
from store import ChunkKey, Chunks, Mirror, Store

DATABASE: Final = "LEADGAUGE_DATABASE"
"""The environment variable with the database's address, which a worker must have: it is never sent."""

_here: Final = local()
"""What this thread has opened: a database by its address, and a scorecard by its digest."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a worker scores: one connection in the database that it has opened."""

    store: Store
    mirror: Mirror
    active: ActiveScorecard

    @classmethod
    def of(cls, store: Store, errand: Errand) -> "Place":
        """Return the place of an errand."""
        active = errand.unpacked().activated(store, errand.connection)
        errand.verify(active)
        return cls(store, store.mirror(errand.connection), active)


def facts() -> Mapping[str, str]:
    """Return the versions of this worker, and whether it knows the database's address."""
    return {**versions(), "database": "yes" if os.environ.get(DATABASE) else "no"}


def score_chunk(staging: Staging, key: ChunkKey) -> None:
    """Score and stage a chunk, unless that is done: the database has what became of it."""
    place = place_of(staging.errand)
    complete(place, place.store.chunks(staging.errand.connection), key, staging)


def complete(place: Place, chunks: Chunks, key: ChunkKey, staging: Staging) -> None:
    """Complete a chunk under the borrowed lease."""
    who, counts = chunks.find(key)
    if counts is None:
        stage = judged(place, place.active, Part.from_json(who).chunk(place.mirror), staging.orders)
        chunks.complete(key, place.store.borrow(staging.loan), lambda tx: told(stage(tx)))


def place_of(errand: Errand) -> Place:
    """Return where this worker scores, made on first use; raise `Refused` if it may not."""
    if wrong := differing(errand.versions, versions(), "that was asked"):
        raise Refused(wrong)
    known: tuple[str, str, Place] | None = getattr(_here, "place", None)
    if known is not None and known[:2] == (errand.connection, errand.digest):
        return known[2]
    place = Place.of(_store(errand), errand)
    _here.place = (errand.connection, errand.digest, place)
    return place


def _store(errand: Errand) -> Store:
    """Return the store, opened once; raise `Refused` if it is not the one of the errand."""
    url = os.environ.get(DATABASE)
    if not url:
        raise Refused(f"a worker lacks the environment variable {DATABASE}, the address of the database")
    store: Store | None = getattr(_here, "store", None)
    if store is None:
        store = _here.store = Store.open(url)
    if store.identity != errand.database:
        raise Refused(f"{DATABASE} of a worker names another database than the settings")
    return store
