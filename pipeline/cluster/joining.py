"""Joining a cluster: a client of its scheduler, made once per process, with workers that may take part."""

import atexit
import logging
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from threading import Lock
from typing import Any, Final

from config.cluster import LOCAL, Certificates
from pipeline.cluster.cluster import Cluster
from pipeline.cluster.errand import differing, versions
from pipeline.cluster.working import DATABASE, facts

_ONE_THREAD: Final = {
    "POLARS_MAX_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
}
"""A worker uses one processor, so that as many workers as processors do not crowd each other, and is not profiled.

It keeps what it hands over in memory: files of it would be about people.
"""
_AT_REST: Final = {
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.worker.memory.monitor-interval": "1s",
}
"""How often the scheduler and workers look at themselves: 50 times a second would take 5 % of a processor each."""
_MEMORY: Final = {
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 256 << 20,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 32 << 20,
}
"""From what size on memory goes back to the system: what glibc settles on by itself.

Dask has workers give back all of more than 64 KB at once (https://distributed.dask.org/en/stable/worker-memory.html,
2026-12-01); with arrays that are made and dropped all the time, scoring took twice the CPU.
"""
_CLOSING: Final = 5
"""Seconds for a scheduler to answer a goodbye."""

_joined: Final[dict[Cluster, Any]] = {}
_lock: Final = Lock()

logger: Final = logging.getLogger(__name__)


class NotJoined(Exception):  # noqa: N818 - named for what happened
    """The cluster cannot be used now; the message says why."""


def joined(cluster: Cluster) -> Any:
    """Return a client whose workers may all take part, made on first use; raise `NotJoined`."""
    with _lock:
        client = _joined.get(cluster)
        if client is None or client.status != "running":
            client = _joined[cluster] = _join(cluster)
    try:
        _verify(_asked(client, cluster.options.wait.total_seconds()))
    except (OSError, TimeoutError) as error:
        leave(cluster)
        seconds = f"{cluster.options.wait.total_seconds():.0f} s"
        raise NotJoined(f"no worker has registered within {seconds}, or one does not answer") from error
    return client


def _asked(client: Any, wait: float) -> Mapping[str, Any]:
    """Return what each worker says of itself; raise TimeoutError if there is none, or one is suspended.

    Through `sync`, since the public methods wait for a suspended process without end.
    """
    client.sync(client._wait_for_workers, 1, timeout=wait, callback_timeout=wait)  # noqa: SLF001 - as above
    asked: Mapping[str, Any] = client.sync(client._run, facts, on_error="return", callback_timeout=wait)  # noqa: SLF001 - as above
    return asked


def leave(cluster: Cluster) -> None:
    """Close the client, so that the next use makes a new one."""
    with _lock:
        client = _joined.pop(cluster, None)
    if client is not None:
        _close(client)


@atexit.register
def _leave_all() -> None:
    for cluster in list(_joined):
        leave(cluster)


def _close(client: Any) -> None:
    with suppress(Exception):  # whatever a scheduler that is gone answers, nothing of ours depends on it
        client.close(timeout=_CLOSING)
    if (own := getattr(client, "leadgauge_workers", None)) is not None:
        with suppress(Exception):  # likewise
            own.close(timeout=_CLOSING)


def _join(cluster: Cluster) -> Any:
    try:
        distributed: Any = import_module("distributed")  # an extra, and a second of imports
    except ImportError as error:
        raise NotJoined("distributed is not installed: run `pip install 'leadgauge[cluster]'`") from error
    options, wait = cluster.options, cluster.options.wait.total_seconds()
    try:
        if options.dask == LOCAL:
            return _with_own_workers(distributed, cluster)
        security = None if options.tls is None else distributed.Security(**_proofs(options.tls))
        return distributed.Client(options.dask, security=security, timeout=wait, set_as_default=False)
    except (OSError, TimeoutError, ValueError, RuntimeError) as error:
        raise NotJoined(f"the scheduler did not answer ({type(error).__name__}: {error})") from error


def _with_own_workers(distributed: Any, cluster: Cluster) -> Any:
    """Start workers on this machine: the scheduler and they prove to each other by certificates made for this start."""
    dask: Any = import_module("dask")
    with dask.config.set(_AT_REST | _MEMORY):  # handed on to the workers
        workers = distributed.LocalCluster(
            n_workers=cluster.options.workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            security=True,
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # else it takes port 8787, or warns if that is taken
            silence_logs=logging.ERROR,
            env=_ONE_THREAD | {DATABASE: cluster.database_url},
        )
    client = distributed.Client(workers, set_as_default=False)
    client.leadgauge_workers = workers
    return client


def _proofs(tls: Certificates) -> dict[str, Any]:
    files = {"tls_ca_file": tls.ca, "tls_client_cert": tls.certificate, "tls_client_key": tls.key}
    for file in files.values():
        if not file.is_file():
            raise NotJoined(f"there is no file {file}; see `cluster.tls` in the settings")
    return {name: str(file) for name, file in files.items()} | {"require_encryption": True}


def _verify(found: Mapping[str, Any]) -> None:
    """Raise `NotJoined` if a worker may not take part."""
    for worker, its in found.items():
        if isinstance(its, BaseException):
            raise NotJoined(
                f"the worker {worker} has another leadgauge, or none ({type(its).__name__}); install the same leadgauge"
                " on all machines"
            )
        if wrong := differing(versions(), its, worker):
            raise NotJoined(wrong)
        if its["database"] != "yes":
            raise NotJoined(f"the worker {worker} lacks the environment variable {DATABASE}, the database's address")
