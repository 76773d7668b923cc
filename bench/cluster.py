"""What a cluster costs beside one process: `python -m bench.cluster [LEADS] [WORKERS] [CHUNK]` prints one line.

Fills a private PostgreSQL, copies it, and scores everyone for the first time in both: in one process, and by worker
processes of this machine. CPU is that of leadgauge, Dask's scheduler and the workers, without their start (given
apart) and without PostgreSQL, which does the same in both. The results are compared bit for bit.
"""

import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psutil
from sqlalchemy import URL

from bench.pages import settings_in
from bench.store import fill
from config import load_settings
from config.cluster import ClusterOptions
from pipeline.cluster import joining
from pipeline.cluster.cluster import Cluster
from store import Store
from tests.cluster.spread import Filled, outcome, scoring
from tests.databases import on_server, started
from tests.many import asked

NAME: Final = "bench"
PAGE: Final = 5_000


@dataclass(frozen=True)
class Spent:
    """Seconds of CPU, of a clock, and of the start of a cluster."""

    cpu: float
    wall: float
    after_first: float
    """CPU after the first chunk, when every process has imported and opened what it needs."""
    start_cpu: float = 0.0
    start_wall: float = 0.0


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


def scored(filled: Filled, url: str, cluster: Cluster | None = None) -> Spent:
    """Score everyone in a copy."""
    began, busy = time.perf_counter(), cpu()
    if cluster is not None:
        joining.joined(cluster)
    start = (cpu() - busy, time.perf_counter() - began)
    with scoring(filled, url, cluster) as one:
        first: list[float] = []
        one.after = lambda chunks: first.append(cpu()) if chunks == 1 else None
        began, busy = time.perf_counter(), cpu()
        one.do()
        assert not one.said, one.said
        return Spent(cpu() - busy, time.perf_counter() - began, cpu() - first[0], *start)


def main(leads: int, workers: int, chunk: int) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        server = stack.enter_context(started(Path(stack.enter_context(TemporaryDirectory(prefix="bench-postgresql-")))))
        for name in (NAME, "alone", "spread"):
            on_server(server, f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{NAME}"' if name != NAME else ""))
            if name == NAME:
                with Store.open(address(server, NAME)) as store:
                    lease = store.lease("main", holder="bench", ttl=timedelta(hours=2), purpose="bench")
                    fill(store.mirror("main"), lease, leads, PAGE)
                    lease.release()
        filled = Filled(load_settings(settings_in(folder)), server)
        alone = scored(filled, address(server, "alone"))
        options = ClusterOptions(dask="local", workers=workers, chunk=chunk)
        cluster = Cluster(options, address(server, "spread"))
        spread = scored(filled, address(server, "spread"), cluster)
        joining.leave(cluster)
        same = outcome(address(server, "alone")) == outcome(address(server, "spread"))
        print(
            f"leads={leads} workers={workers} chunk={chunk} same={same} "
            f"alone_cpu_s={alone.cpu:.1f} alone_s={alone.wall:.1f} cluster_cpu_s={spread.cpu:.1f} "
            f"cluster_s={spread.wall:.1f} overhead={spread.cpu / alone.cpu - 1:+.0%} "
            f"after_first_chunk: alone_cpu_s={alone.after_first:.1f} cluster_cpu_s={spread.after_first:.1f} "
            f"start_cpu_s={spread.start_cpu:.1f} start_s={spread.start_wall:.1f} "
            f"mirror_bytes_per_lead={size(server, NAME) // leads} all_bytes_per_lead={size(server, 'alone') // leads}"
        )


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [100_000, 2, 50_000][len(given) :]))
