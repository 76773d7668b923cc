"""Scoring on a cluster gives what one process gives, whatever becomes of its workers and its scheduler."""

import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import make_url

from bench.pages import settings_in
from config import load_settings
from config.cluster import ClusterOptions
from pipeline.cluster import joining
from pipeline.cluster.cluster import Cluster
from tests.cluster.spread import AS_OF, Filled, differing, outcome, scoring
from tests.clusters import DaskCluster
from tests.databases import on_server

Copied = Callable[[], str]
pytestmark = pytest.mark.timeout(1200)
"""Each test starts several processes that import everything, which takes minutes where others use the machine."""


def alone(filled: Filled, url: str) -> dict[str, list[object]]:
    """Return what one process makes of a copy."""
    with scoring(filled, url) as one:
        one.do()
    return outcome(url)


def test_a_scheduler_that_nobody_reaches_leaves_the_work_to_this_machine_which_says_so(
    filled: Filled, copied: Copied, folder: Path
) -> None:
    url = copied()
    nowhere = DaskCluster(folder, url)
    (folder / "scheduler.json").write_text('{"address": "tcp://127.0.0.1:9"}')
    with scoring(filled, url, nowhere.of(wait="1s")) as one:
        one.do()
        note = one.job.store.status("main").notes["cluster"]
    assert differing(outcome(url), alone(filled, copied())) == []
    (said,) = one.said
    assert said.startswith("This machine scored all chunks alone instead of tcp://127.0.0.1:9: the scheduler did not")
    assert note == said


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_any_number_of_workers_gives_the_same_as_one_process(
    filled: Filled, copied: Copied, folder: Path, workers: int
) -> None:
    url = copied()
    with DaskCluster(folder, url) as dask, scoring(filled, url, dask.of()) as one:
        dask.add(workers)
        assert one.do() == []
    assert (one.said, one.counts["chunks"] > 4) == ([], True)
    assert differing(outcome(url), alone(filled, copied())) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_whatever_dies_or_stalls_loses_nothing_and_writes_nothing_late(
    filled: Filled, copied: Copied, folder: Path, seed: int
) -> None:
    dice, url = Random(seed), copied()
    expected = alone(filled, copied())
    with DaskCluster(folder, url) as dask:
        dask.add(2)
        with scoring(filled, url, dask.of(patience="5s")) as one:
            victim, harm = (
                (dask.scheduler, signal.SIGKILL),
                (dask.workers[0], signal.SIGKILL),
                (dask.workers[0], signal.SIGSTOP),
            )[seed % 3]
            assert victim is not None
            begun = threading.Event()
            one.after = lambda _: begun.set()

            def strike() -> None:
                begun.wait(600)
                time.sleep(dice.uniform(0, 0.5))
                victim.send_signal(harm)

            striking = threading.Thread(target=strike)
            striking.start()
            one.do()
            striking.join()
            assert one.counts["computed"] == len(expected["results"]), "each lead and account is counted once"
            assert differing(outcome(url), expected) == []
            one.job.runs.finish(one.run, "done", {}, one.lease)
            if seed % 2:
                one.lease.renew(timedelta(seconds=1))
                time.sleep(1.5)  # it runs out
            else:
                one.lease.release()
        with scoring(filled, url, holder="another") as later:
            before = outcome(url)
            victim.send_signal(signal.SIGCONT) if harm == signal.SIGSTOP else None
            time.sleep(2)
            assert differing(outcome(url), before) == []
            assert later.lease.holds()


@pytest.mark.slow
@pytest.mark.parametrize("card", ["account-based", "b2b-saas"])
def test_who_is_due_is_scored_on_workers_as_in_one_process(
    filled: Filled, copied: Copied, folder: Path, card: str
) -> None:
    later = AS_OF + timedelta(days=40)
    if card == "b2b-saas":
        filled = Filled(load_settings(settings_in(folder)), filled.url)
    urls = copied(), copied()
    with DaskCluster(folder, urls[1]) as dask:
        dask.add(2)
        for url, cluster in zip(urls, (None, dask.of()), strict=True):
            with scoring(filled, url) as first:
                first.do()
                first.lease.release()
            with scoring(filled, url, cluster) as one:
                one.do("due", later)
            assert one.said == []
            assert cluster is None or one.counts["chunks"] > 4
    assert differing(outcome(urls[0]), outcome(urls[1])) == []


@pytest.mark.slow
def test_a_worker_that_joins_in_place_of_one_that_died_does_the_rest(
    filled: Filled, copied: Copied, folder: Path
) -> None:
    url = copied()
    with DaskCluster(folder, url) as dask, scoring(filled, url, dask.of()) as one:
        dask.add(1)

        def kill(chunks: int) -> None:
            if chunks == 4:
                dask.workers[0].kill()
                dask.add(1)

        one.after = kill
        one.do()
    assert differing(outcome(url), alone(filled, copied())) == []
    assert one.said == []


@pytest.mark.slow
def test_a_worker_with_another_leadgauge_is_refused_in_words(filled: Filled, copied: Copied, folder: Path) -> None:
    url = copied()
    old = folder / "old" / "polars-0.1.dist-info"
    old.mkdir(parents=True)
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: polars\nVersion: 0.1\n")
    with DaskCluster(folder, url) as dask, scoring(filled, url, dask.of()) as one:
        dask.add(1, PYTHONPATH=str(old.parent))
        one.do()
    assert differing(outcome(url), alone(filled, copied())) == []
    assert "has polars 0.1 instead of" in one.said[0]


@pytest.mark.slow
def test_a_worker_of_another_database_is_refused_and_no_log_has_the_address(
    filled: Filled, copied: Copied, folder: Path
) -> None:
    url, other = copied(), copied()
    with DaskCluster(folder, url) as dask, scoring(filled, url, dask.of()) as one:
        on_server(make_url(other), "UPDATE identity SET id = 'another'")
        dask.database = other
        dask.add(1)
        one.do()
        log = dask.log()
    assert "names another database than the settings" in one.said[0]
    assert "postgresql://" not in log
    assert differing(outcome(url), alone(filled, copied())) == []


@pytest.mark.slow
def test_own_workers_of_this_machine_prove_themselves_by_certificates(filled: Filled, copied: Copied) -> None:
    url = copied()
    cluster = Cluster(ClusterOptions(dask="local", workers=2, chunk=20, wait=timedelta(minutes=5)), url)
    try:
        in_a_thread = threading.Thread(target=joining.joined, args=(cluster,))  # as the daemon does its passes
        in_a_thread.start()
        in_a_thread.join()
        with scoring(filled, url, cluster) as one:
            one.do()
            assert joining.joined(cluster).scheduler.address.startswith("tls://127.0.0.1:")
    finally:
        joining.leave(cluster)
    assert one.said == []
    assert differing(outcome(url), alone(filled, copied())) == []
