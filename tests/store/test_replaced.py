"""A database deleted or replaced while open is reported before the next write and never written to."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from store import Lease, Store, StoreError
from tests.databases import on_server
from tests.store.pages import leads, page

MINUTE = timedelta(minutes=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "x.db"


def opened(file: Path) -> tuple[Store, Lease]:
    store = Store.open(f"sqlite:///{file}")
    return store, store.lease("main", holder="ours", ttl=MINUTE, purpose="run")


def remove(file: Path) -> None:
    for part in file.parent.glob(f"{file.name}*"):
        part.unlink()


def test_a_deleted_file_is_not_written_and_not_made_anew(file: Path) -> None:
    store, lease = opened(file)
    remove(file)
    for work in (
        lambda: store.mirror("main").save(page(leads=leads({"lead": "1"})), lease),
        lambda: store.note("main", "a", "b"),
        lambda: store.lease("main", holder="other", ttl=MINUTE, purpose="run"),
        store.verify,
    ):
        with pytest.raises(StoreError, match=r"x\.db is gone .*\. Nothing was written\. Put it back, or restart"):
            work()
    store.close()
    assert not file.exists()


def test_a_file_in_place_of_ours_is_not_written(file: Path, tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path}/other.db").close()
    store, lease = opened(file)
    remove(file)
    shutil.copy(tmp_path / "other.db", file)
    before = file.read_bytes()
    with pytest.raises(StoreError, match=r"x\.db was replaced by another file while leadgauge was running"):
        store.mirror("main").save(page(leads=leads({"lead": "1"})), lease)
    store.close()
    assert file.read_bytes() == before


def test_a_file_that_is_put_back_is_worked_with_again(file: Path) -> None:
    store, lease = opened(file)
    file.rename(file.with_suffix(".away"))
    with pytest.raises(StoreError, match="is gone"):
        store.verify()
    file.with_suffix(".away").rename(file)
    store.mirror("main").save(page(leads=leads({"lead": "1"})), lease)
    store.close()


def test_another_database_under_the_same_name_on_the_server_is_not_written(
    new_database: Callable[[str], str], postgresql_server: URL
) -> None:
    url, other = new_database("postgresql"), new_database("postgresql")
    Store.open(other).close()
    store = Store.open(url)
    lease = store.lease("main", holder="ours", ttl=MINUTE, purpose="run")
    name, theirs = make_url(url).database, make_url(other).database
    on_server(postgresql_server, f'DROP DATABASE "{name}" WITH (FORCE)')
    on_server(postgresql_server, f'CREATE DATABASE "{name}" TEMPLATE "{theirs}"')
    for work in (
        lambda: store.mirror("main").save(page(leads=leads({"lead": "1"})), lease),
        lambda: store.lease("main", holder="ours", ttl=MINUTE, purpose="run"),
        store.verify,
    ):
        with pytest.raises(StoreError, match="was replaced by another one while leadgauge was running"):
            work()
    store.close()


def test_every_database_has_an_identity_of_its_own(new_database: Callable[[str], str]) -> None:
    identities = set()
    for kind in ("sqlite", "postgresql") * 2:
        with Store.open(new_database(kind)) as store:
            identities.add(store.identity)
    assert len(identities) == 4
