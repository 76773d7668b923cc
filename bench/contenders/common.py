"""What all contenders share. They run by path, some with another Python, so nothing of leadgauge is imported here.

A contender reads its job as JSON from the standard input, does it, writes the ids of what it read to the job's file,
and prints its figures as JSON. What importing its libraries takes is not counted.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

Job = dict[str, Any]
Ids = dict[str, list[Any]]


def given() -> Job:
    """Return the job, and send what goes to the hosts of the vendors to the sandbox."""
    job: Job = json.load(sys.stdin)
    send_here(job["url"])
    return job


def send_here(url: str) -> None:
    """Send all requests of the library `requests` for https hosts to the sandbox: some tools know no other host."""
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 - each tool has its own

    plain = HTTPAdapter.send

    def send(adapter: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.url.startswith("https://"):
            request.url = url + "/" + request.url.split("/", 3)[3]
        return plain(adapter, request, *args, **kwargs)

    HTTPAdapter.send = send  # type: ignore[method-assign] # one place for all of them


@contextmanager
def measured(job: Job, *packages: str) -> Iterator[Ids]:
    """Measure what is done within, and tell it; the ids that were read go into what this yields."""
    ids: Ids = {}
    before = memory_mb("VmRSS")
    clock, cpu = time.perf_counter(), spent()
    yield ids
    figures = {"cpu_s": spent() - cpu, "wall_s": time.perf_counter() - clock}
    for name in [name for name, found in ids.items() if callable(found)]:
        ids[name] = ids[name]()  # found out afterwards, so that it costs nothing
    with open(job["ids"], "w", encoding="utf-8") as file:  # noqa: PTH123 - as plain as can be
        json.dump(ids, file)
    told = "+".join(f"{package}-{version(package)}" for package in packages)
    print(json.dumps({**figures, "start_mb": before, "peak_mb": memory_mb("VmHWM"), "version": told}))


def memory_mb(which: str) -> float:
    """Return the memory of this process in MB: now or at most. What `getrusage` says is at least its parent's."""
    try:
        with open("/proc/self/status", encoding="utf-8") as lines:  # noqa: PTH123 - as plain as can be
            return next(int(line.split()[1]) for line in lines if line.startswith(which)) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def spent() -> float:
    """Return the CPU seconds of this process and of those that it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def only(ways: dict[str, Callable[[Job], None]]) -> None:
    """Do the job in the way that it names."""
    job = given()
    ways[job["way"]](job)
