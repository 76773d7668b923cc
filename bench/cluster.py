"""What a cluster costs beside one process: `python -m bench.cluster [LEADS] [CHUNK] [WORKERS …]` prints lines.

Fills a private PostgreSQL, copies it for each, and scores everyone twice, plans, and reads what a calibration does: in
one process (0 workers), and by one, two or as many worker processes of this machine as are given. CPU is that of
leadgauge, Dask's scheduler and the workers, without their start (given apart) and without PostgreSQL, which does the
same for all. What the first chunk of a process costs more is in the first scoring alone. The results are compared bit
for bit.
"""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psutil
from sqlalchemy import URL

from bench.pages import settings_in
from bench.store import fill
from commands.calibrate_rows import gathered
from config import load_settings
from config.cluster import ClusterOptions
from pipeline.cluster import joining
from pipeline.cluster.cluster import Cluster
from pipeline.job import Job
from pipeline.planning.plan import plans
from store import Store
from tests.cluster.spread import AS_OF, Filled, outcome, scoring
from tests.databases import on_server, started
from tests.many import asked

NAME: Final = "bench"
PAGE: Final = 5_000

Spent = Mapping[str, tuple[float, float]]
"""Seconds of CPU and of a clock, by what was done."""


def cpu() -> float:
    """Return the CPU seconds of this process and its workers so far."""
    mine = psutil.Process()
    each = [mine, *(one for one in mine.children(recursive=True) if "postgres" not in one.name())]
    return sum(one.cpu_times().user + one.cpu_times().system for one in each)


def address(server: URL, name: str) -> str:
    return server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def size(server: URL, name: str) -> int:
    """Return the bytes that a database takes on disk."""
    return int(asked(address(server, "postgres"), f"SELECT pg_database_size('{name}') AS n")[0].n)


class Watch:
    """Measures what each step takes."""

    def __init__(self) -> None:
        self.spent: dict[str, tuple[float, float]] = {}

    @contextmanager
    def of(self, what: str) -> Iterator[None]:
        """Measure the block."""
        began, busy = time.perf_counter(), cpu()
        yield
        self.spent[what] = (cpu() - busy, time.perf_counter() - began)


def measured(filled: Filled, url: str, cluster: Cluster | None = None) -> Spent:
    """Score everyone in a copy, once more, then plan, and read what a calibration does."""
    watch, said = Watch(), list[str]()
    if cluster is not None:
        with watch.of("start"):
            joining.joined(cluster)
    for what in ("first", "again"):
        with scoring(filled, url, cluster) as one:
            with watch.of(what):
                one.do()
            said += one.said
            one.lease.release()
    with Store.open(url) as store:
        job = Job("main", filled.settings.connections["main"], store, offline=True, cluster=cluster)
        with watch.of("plan"):
            list(plans(job, AS_OF, say=said.append))
        with watch.of("read"):
            gathered(job, job.connection.scorecards[0], said.append)
    assert not said, said
    return watch.spent


def filled_in(folder: Path, server: URL, leads: int) -> Filled:
    """Fill a database; return it with settings."""
    on_server(server, f'CREATE DATABASE "{NAME}"')
    with Store.open(address(server, NAME)) as store:
        lease = store.lease("main", holder="bench", ttl=timedelta(hours=2), purpose="bench")
        fill(store.mirror("main"), lease, leads, PAGE)
        lease.release()
    return Filled(load_settings(settings_in(folder)), server)


def told(spent: Spent, alone: Spent) -> str:
    """Return what was spent, beside what one process spends."""
    return " ".join(
        f"{what}_cpu_s={cpu:.1f} {what}_s={wall:.1f}" + (f" ({cpu / alone[what][0] - 1:+.1%})" if what in alone else "")
        for what, (cpu, wall) in spent.items()
    )


def main(leads: int, chunk: int, counts: Sequence[int]) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        server = stack.enter_context(started(Path(stack.enter_context(TemporaryDirectory(prefix="bench-postgresql-")))))
        filled, alone, expected = filled_in(folder, server, leads), dict[str, tuple[float, float]](), None
        for workers in (0, *counts):
            copy = f"by_{workers}"
            on_server(server, f'CREATE DATABASE "{copy}" TEMPLATE "{NAME}"')
            options = ClusterOptions(dask="local", workers=workers or None, chunk=chunk)
            cluster = Cluster(options, address(server, copy)) if workers else None
            spent = measured(filled, address(server, copy), cluster)
            if cluster is not None:
                joining.leave(cluster)
            found = outcome(address(server, copy))
            expected = expected or found
            what = f"leads={leads} chunk={chunk} workers={workers} same={found == expected}"
            print(f"{what} {told(spent, alone)}", flush=True)
            alone = alone or spent
            on_server(server, f'DROP DATABASE "{copy}" WITH (FORCE)')
        print(f"mirror_bytes_per_lead={size(server, NAME) // leads}")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given[:2] + [200_000, 50_000][len(given) :]), given[2:] or [1, 2])
