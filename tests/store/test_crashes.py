import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, make_url

from store import Lease, Mirror, Store, StoreError
from tests.databases import on_server, started
from tests.store.filler import LEADS, PAGES, VISITS, fill, next_page, page_of
from tests.store.pages import DAY, leads, page, results
from vocabulary.writes import Pushed

ROOT = Path(__file__).parents[2]
TTL = timedelta(minutes=1)
SHORT = timedelta(milliseconds=500)


def lease_of(store: Store) -> Lease:
    return store.lease("main", holder="filler", ttl=TTL, purpose="backfill")


def whole(mirror: Mirror) -> int:
    """Return the number of pages, all complete and none beyond the cursor."""
    counts, pages = mirror.counts(), next_page(mirror)
    assert (counts.leads, counts.activities) == (pages * LEADS, pages * LEADS * VISITS)
    return pages


def content(store: Store) -> tuple[object, ...]:
    mirror, outbox = store.mirror("main"), store.outbox("main")
    frames = mirror.frames(range(256), {"job_title": "text"})
    visits = frames.activities.join(frames.touchpoints, on="touchpoint").drop("touchpoint")
    return frames.leads.sort("lead").rows(), sorted(visits.rows()), mirror.cursor("contacts"), sorted(outbox.dirty())


@pytest.fixture
def clean_run(new_database: Callable[[str], str]) -> tuple[object, ...]:
    """The result of an undisturbed run."""
    with Store.open(new_database("sqlite")) as store:
        fill(store, lease_of(store))
        return content(store)


def test_killed_in_the_middle_it_resumes_at_the_page_and_ends_as_a_clean_run(
    database_url: str, clean_run: tuple[object, ...]
) -> None:
    rng = random.Random(7)
    reached = []
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-m", "tests.store.filler", database_url], cwd=ROOT, stdout=subprocess.PIPE
        ) as filler:
            assert filler.stdout
            filler.stdout.readline()
            time.sleep(rng.uniform(0.05, 0.5))
            filler.kill()
        with Store.open(database_url) as store:
            reached.append(whole(store.mirror("main")))
    assert reached == sorted(reached)
    with Store.open(database_url) as store:
        fill(store, lease_of(store))
        assert whole(store.mirror("main")) == PAGES
        assert content(store) == clean_run


def test_a_power_cut_costs_the_last_pages_and_nothing_else(tmp_path: Path) -> None:
    """SQLite's log cut off anywhere leaves a database of complete pages, up to its cursor."""
    rng = random.Random(7)
    with Store.open(f"sqlite:///{tmp_path}/x.db") as store:
        lease = lease_of(store)
        store._database.scrub()
        for number in range(8):
            store.mirror("main").save(page_of(number), lease)
        log = (tmp_path / "x.db-wal").read_bytes()
        for cut in sorted(rng.sample(range(len(log)), 12)):
            shutil.copy(tmp_path / "x.db", tmp_path / "cut.db")
            (tmp_path / "cut.db-wal").write_bytes(log[:cut])
            with sqlite3.connect(tmp_path / "cut.db") as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            connection.close()
            with Store.open(f"sqlite:///{tmp_path}/cut.db") as cut_off:
                assert whole(cut_off.mirror("main")) <= 8
            for file in tmp_path.glob("cut.db*"):
                file.unlink()


def test_a_commit_is_on_disk_before_it_is_believed(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/x.db") as store, store._database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_full_disk_keeps_nothing_half_written_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/x.db") as store:
        lease, mirror = lease_of(store), store.mirror("main")
        mirror.save(page_of(0), lease)
        with (
            disk_of(store, pages=60),
            pytest.raises(StoreError, match=r"has no space left on its disk\. Free some space"),
        ):
            fill(store, lease)
        before = whole(mirror)
        mirror.save(page_of(before), lease)
        assert whole(mirror) == before + 1


@contextmanager
def disk_of(store: Store, pages: int) -> Iterator[None]:
    """Limit the database's file to a number of pages, like a full disk."""

    def limit(connection: object, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]

    engine = store._database.engine
    event.listen(engine, "checkout", limit)
    try:
        yield
    finally:
        event.remove(engine, "checkout", limit)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1000000")


def test_a_database_locked_for_a_while_is_waited_for(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/x.db", patience=timedelta(seconds=20)) as store:
        lease, other = (
            lease_of(store),
            sqlite3.connect(tmp_path / "x.db", check_same_thread=False, isolation_level=None),
        )
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.5, lambda: other.execute("ROLLBACK"))
        release.start()
        store.mirror("main").save(page_of(0), lease)
        release.join()
        other.close()


def test_a_database_locked_for_too_long_is_named(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/x.db", patience=SHORT) as store:
        lease, other = lease_of(store), sqlite3.connect(tmp_path / "x.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is locked by another process"):
            store.mirror("main").save(page_of(0), lease)
        assert store.status("main").counts.leads == 0, "readers continue during a write"
        other.close()


def test_postgresql_restarted_in_between_is_reconnected(
    new_database: Callable[[str], str], postgresql_server: object
) -> None:
    url = new_database("postgresql")
    with Store.open(url, patience=timedelta(seconds=20)) as store:
        lease = lease_of(store)
        for number in range(6):
            cut_off(url)
            store.mirror("main").save(page_of(number), lease)
        assert whole(store.mirror("main")) == 6


def test_connections_cut_at_any_moment_lose_and_double_nothing(
    new_database: Callable[[str], str], clean_run: tuple[object, ...]
) -> None:
    url, done = new_database("postgresql"), threading.Event()

    def cutting() -> None:
        rng = random.Random(7)
        while not done.wait(rng.uniform(0.02, 0.2)):
            cut_off(url)

    with Store.open(url, patience=timedelta(seconds=60)) as store:
        lease, cutter = lease_of(store), threading.Thread(target=cutting)
        cutter.start()
        try:
            fill(store, lease)
        finally:
            done.set()
            cutter.join()
        assert content(store) == clean_run


def cut_off(url: str) -> None:
    """Close all connections to a database, like a server restart."""
    name = make_url(url).database
    on_server(
        make_url(url).set(database="postgres"),
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    )


def test_a_stopped_postgresql_is_named_and_used_again_once_it_runs() -> None:
    with tempfile.TemporaryDirectory(prefix="leadgauge-postgresql-") as folder:
        with started(Path(folder)) as url:
            store = Store.open(url.render_as_string(hide_password=False), patience=SHORT)
            lease = lease_of(store)
            store.mirror("main").save(page_of(0), lease)
        with pytest.raises(StoreError, match=r"cannot be reached|is shutting down|closed the connection"):
            store.mirror("main").save(page_of(1), lease)
        with started(Path(folder)):
            store.mirror("main").save(page_of(1), lease)
            assert whole(store.mirror("main")) == 2
            store.close()


SENDER = """
import sys
from datetime import timedelta
from store import Store
store = Store.open(sys.argv[1])
lease = store.lease("main", holder="filler", ttl=timedelta(minutes=1), purpose="sync")
outbox = store.outbox("main")
run = store.runs("main").start("sync", lease)
outbox.sending(outbox.pending(10), run, lease)
print("sent", flush=True)
sys.stdin.read()
"""


def test_killed_between_push_and_answer_the_rows_are_known_to_be_uncertain(database_url: str) -> None:
    with Store.open(database_url) as store:
        lease = lease_of(store)
        store.mirror("main").save(page(leads=leads({"lead": "1"}, {"lead": "2"})), lease)
        run, outbox = store.runs("main").start("sync", lease), store.outbox("main")
        outbox.stage(results({"lead": "1"}, {"lead": "2"}), run, lease, scored_at=DAY)
        outbox.sending(outbox.pending(10), run, lease)
        outbox.record([Pushed("1"), Pushed("2")], run, lease)
        outbox.stage(results({"lead": "1", "lead_grade": "A"}, {"lead": "2"}), run, lease, scored_at=DAY)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", SENDER, database_url], cwd=ROOT, **pipes) as sender:
        assert sender.stdout
        assert sender.stdout.readline() == b"sent\n"
        sender.kill()
    with Store.open(database_url) as store:
        lease, outbox = lease_of(store), store.outbox("main")
        assert outbox.pending(10) == [], "the run is not yet known to be dead"
        store.runs("main").start("sync", lease)
        (row,) = outbox.pending(10)
        assert row.lead == "1"
        assert {"lead_grade", "lead_score", "lead_readiness"} <= set(row.values), "all values are sent again"
