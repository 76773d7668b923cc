from collections.abc import Iterator
from datetime import timedelta

import pytest

from store import Lease, Mirror, Outbox, Runs, Store
from store.mirror.removals import Removals
from tests.databases import (  # noqa: F401 - fixtures
    database_url,
    empty_database_url,
    new_database,
    postgresql_server,
    template,
)

TTL = timedelta(minutes=1)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:  # noqa: F811 - the fixture
    with Store.open(database_url, patience=timedelta(seconds=5)) as opened:
        yield opened


@pytest.fixture
def lease(store: Store) -> Lease:
    return store.lease("main", holder="test", ttl=TTL, purpose="test")


@pytest.fixture
def mirror(store: Store) -> Mirror:
    return store.mirror("main")


@pytest.fixture
def outbox(store: Store) -> Outbox:
    return store.outbox("main", priorities=["P1", "P2", "P3", "P4"])


@pytest.fixture
def removals(store: Store) -> Removals:
    return store.removals("main")


@pytest.fixture
def runs(store: Store) -> Runs:
    return store.runs("main")


@pytest.fixture
def run(runs: Runs, lease: Lease) -> int:
    return runs.start("backfill", lease)
