"""Clusters for tests: a Dask scheduler and workers as processes of their own, on loopback."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import orjson

from config.cluster import ClusterOptions
from pipeline.cluster import joining
from pipeline.cluster.cluster import Cluster


@dataclass
class DaskCluster:
    """A scheduler and some workers, as `dask scheduler` and `dask worker` start them."""

    folder: Path
    database: str
    environment: dict[str, str] = field(default_factory=dict)
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    joined: list[Cluster] = field(default_factory=list)

    def __enter__(self) -> Self:
        file = ["--scheduler-file", str(self._file)]
        self.scheduler = self._dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *file)
        return self

    def add(self, count: int = 1, **environment: str) -> None:
        """Start workers."""
        file = ["--scheduler-file", str(self._file), "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        self.workers += [
            self._dask("worker", *file, LEADGAUGE_DATABASE=self.database, **environment) for _ in range(count)
        ]

    def of(self, **options: Any) -> Cluster:
        """Return the cluster of a job that uses this one."""
        given = {"dask": self.address, "chunk": 20, "wait": timedelta(minutes=3)} | options
        made = Cluster(ClusterOptions(**given), self.database)
        self.joined.append(made)
        return made

    @property
    def address(self) -> str:
        """The address of the scheduler, once it listens."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with suppress(FileNotFoundError, orjson.JSONDecodeError):
                return str(orjson.loads(self._file.read_bytes())["address"])
            time.sleep(0.1)
        raise AssertionError(f"the scheduler never listened: {self.log()}")

    def log(self) -> str:
        """Return what all processes have logged."""
        return "\n".join(file.read_text(encoding="utf-8") for file in sorted(self.folder.glob("dask-*.log")))

    def __exit__(self, *error: object) -> None:
        for cluster in self.joined:
            joining.leave(cluster)
        for process in (*self.workers, self.scheduler):
            if process is not None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()

    @property
    def _file(self) -> Path:
        return self.folder / "scheduler.json"

    def _dask(self, what: str, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        number = len(self.workers)
        log = self.folder / f"dask-{what}-{number}-{time.monotonic_ns()}.log"
        command = [sys.executable, "-m", "dask", what, *options, "--local-directory", str(self.folder)]
        command = command if what == "worker" else command[:-2]
        plain = {"POLARS_MAX_THREADS": "1", "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "60s"}
        with log.open("wb") as out:
            return subprocess.Popen(
                command, env=os.environ | plain | self.environment | environment, stdout=out, stderr=out
            )
