"""What is only read, for a plan or a calibration, is the same on a cluster as in one process."""

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from json import loads
from pathlib import Path

import pytest
from sqlalchemy import URL

from calibrate import Options
from commands.calibrate_mirror import calibrated
from commands.calibrate_rows import Rows, gathered
from pipeline.cluster.cluster import Cluster
from pipeline.job import Job
from pipeline.passes import BACKFILL
from pipeline.planning.plan import plans
from store import Store
from tests.cluster.spread import Filled, differing, planned
from tests.clusters import DaskCluster
from tests.pauses import Hurried
from tests.stage import Stage

Copied = Callable[[], str]
pytestmark = pytest.mark.timeout(1200)
"""Each test starts several processes that import everything, which takes minutes where others use the machine."""


def told(rows: Rows) -> dict[str, list[str]]:
    """Return everything in rows, in an order of its own."""
    frames = {one.name: getattr(rows, one.name) for one in fields(rows)}
    return {name: [] if frame is None else sorted(map(repr, frame.iter_rows())) for name, frame in frames.items()}


def read(filled: Filled, url: str, cluster: Cluster | None = None) -> tuple[dict[str, list[str]], list[str]]:
    """Return what a calibration reads of leads from a copy, and what was said about the cluster."""
    said: list[str] = []
    with Store.open(url) as store:
        job = Job("main", filled.settings.connections["main"], store, Hurried(), offline=True, cluster=cluster)
        return told(gathered(job, job.connection.scorecards[0], said.append)), said


@pytest.mark.slow
def test_a_plan_and_a_calibration_do_without_a_scheduler_that_nobody_reaches_and_say_so(
    filled: Filled, copied: Copied, folder: Path
) -> None:
    url = copied()
    nowhere = DaskCluster(folder, url)
    (folder / "scheduler.json").write_text('{"address": "tcp://127.0.0.1:9"}')
    cluster = nowhere.of(wait=timedelta(seconds=1))
    for (alone, silent), (there, said), did in (
        (planned(filled, url), planned(filled, url, cluster), "planned"),
        (read(filled, url), read(filled, url, cluster), "read"),
    ):
        assert (differing(there, alone), silent) == ([], [])
        assert said[0].startswith(f"This machine {did} all chunks alone instead of tcp://127.0.0.1:9: the scheduler")


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_any_number_of_workers_plans_and_reads_the_same_as_one_process(
    filled: Filled, copied: Copied, folder: Path, workers: int
) -> None:
    url = copied()
    with DaskCluster(folder, url) as dask:
        dask.add(workers)
        cluster = dask.of()
        for ask in (planned, read):
            (alone, _), (spread, said) = ask(filled, url), ask(filled, url, cluster)
            assert (differing(spread, alone), said) == ([], [])


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["scheduler", "worker", "both workers"])
def test_a_plan_is_the_same_whatever_dies_in_the_middle(
    filled: Filled, copied: Copied, folder: Path, victim: str
) -> None:
    url = copied()
    expected, _ = planned(filled, url)
    with DaskCluster(folder, url) as dask:
        dask.add(2)
        dead = {"worker": dask.workers[:1], "both workers": dask.workers}.get(victim, [dask.scheduler])
        found, said = planned(filled, url, dask.of(patience="5s"), lambda: [one.kill() for one in dead if one])
    assert differing(found, expected) == []
    assert victim == "worker" or said[0].startswith("This machine planned ")


@pytest.mark.slow
def test_a_calibration_on_workers_learns_the_same_as_in_one_process_and_a_later_plan_moves_the_same(
    hubspot: Callable[..., Stage], postgresql_server: URL, new_database: Callable[[str], str], folder: Path
) -> None:
    del postgresql_server
    stage, url = hubspot(1000), new_database("postgresql")
    stage.configure(database=url)
    stage.provision()
    stage.do(BACKFILL)
    options = Options(trees=20, folds=2, bootstraps=5, max_rows=20_000)
    with DaskCluster(folder, url) as dask, stage.job() as job:
        dask.add(2)
        use, as_of = job.connection.scorecards[0], job.now()
        alone = calibrated(job, use, options, as_of)
        before = [plan.as_json() for plan in plans(job, as_of + timedelta(days=30))]
        job.cluster = dask.of(chunk=200)
        spread = calibrated(job, use, options, as_of)
        after = [plan.as_json() for plan in plans(job, as_of + timedelta(days=30))]
    assert before[0]["moved"] > 0
    assert after == before
    assert alone.rules
    one, other = (loads(each.json()) | {"card": each.scorecard} for each in (alone, spread))
    assert differing(one, other) == []
    assert alone.likelihood == spread.likelihood
