"""How daemons share many connections: `python -m bench.connections [CONNECTIONS] [LEADS] [DAEMONS]` prints one line.

Starts some `leadgauge run` with the same settings: many connections to one sandbox, on a private PostgreSQL. It looks
every second at who holds what, while one is killed, another one joins, one is suspended as if its machine were gone,
and wakes up again. The figures of a daemon at rest are those of the one that holds most, after all first passes.
"""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

import psutil

from pipeline.lease import TTL
from tests.databases import on_server, started
from tests.many import held, multiply, passes, sessions
from tests.stage import HubSpotStage, Opener, Stage

REST: Final = 60.0
PATIENCE: Final = 1800.0
LOG: Final = Path("build/connections.log")
SHOWN: Final = 8
"""How many moments of a division are printed at most."""


@dataclass
class Watched:
    """The daemons, and what was seen of them."""

    stage: Stage
    connections: int
    log: IO[str]
    stack: ExitStack
    daemons: list[subprocess.Popen[str]] = field(default_factory=list)
    seen: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)
    """How many connections each daemon held, by the seconds since the last event, where that changed."""
    most: int = 0
    """The most that one daemon held once they had been divided for the first time."""
    threads: int = 0
    sessions: int = 0
    files: int = 0
    settled: bool = False
    began: float = 0.0

    @property
    def database(self) -> str:
        """The address of the PostgreSQL."""
        assert self.stage.database is not None
        return self.stage.database

    def start(self) -> subprocess.Popen[str]:
        """Start one more daemon."""
        process = self.stack.enter_context(self.stage.start("run", log=self.log))
        self.daemons.append(process)
        return process

    def look(self) -> list[int]:
        """Return how many connections each daemon holds, and remember it."""
        found = held(self.database)
        counts = [found[process.pid] for process in self.daemons]
        if not self.seen or self.seen[-1][1] != tuple(counts):
            self.seen.append((time.monotonic() - self.began, tuple(counts)))
        if self.settled:
            self.most = max(self.most, *counts)
        alive = [psutil.Process(process.pid) for process in self.daemons if process.poll() is None]
        self.threads = max(self.threads, *(process.num_threads() for process in alive))
        self.files = max(self.files, *(process.num_fds() for process in alive))
        self.sessions = max(self.sessions, sessions(self.database))
        return counts

    def until(self, true: Callable[[list[int]], bool]) -> float:
        """Look every second until it is true of what the daemons hold; return how many seconds that took."""
        self.began, self.seen = time.monotonic(), []
        while not true(self.look()):
            if time.monotonic() - self.began > PATIENCE:
                raise SystemExit(f"Not within {PATIENCE:.0f} s: {self.story()}")
            time.sleep(1.0)
        return time.monotonic() - self.began

    def even(self, who: Sequence[int]) -> Callable[[list[int]], bool]:
        """Return whether these daemons hold everything, none more than its share."""
        share = -(-self.connections // len(who))

        def true(counts: list[int]) -> bool:
            theirs = [counts[one] for one in who]
            return sum(theirs) == self.connections and max(theirs) <= share

        return true

    def story(self) -> str:
        """Return how the connections were divided since the last event: a few moments, the first and the last too."""
        step = max(1, -(-len(self.seen) // SHOWN))
        few = [*self.seen[:-1:step], self.seen[-1]]
        return ",".join(f"{at:.0f}s:{'/'.join(map(str, counts))}" for at, counts in few)


@contextmanager
def opened(connections: int, leads: int) -> Iterator[Watched]:
    """Open a sandbox, a PostgreSQL, and settings with so many connections."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        server = stack.enter_context(started(Path(stack.enter_context(TemporaryDirectory(prefix="bench-postgresql-")))))
        on_server(server, 'CREATE DATABASE "bench"')
        url = server.set(drivername="postgresql", database="bench").render_as_string(hide_password=False)
        stage = Opener(stack, folder).hubspot(leads)
        assert isinstance(stage, HubSpotStage)
        stage.configure(database=url)
        stage.provision()
        multiply(stage, connections)
        LOG.parent.mkdir(exist_ok=True)
        log = stack.enter_context(LOG.open("w"))
        yield Watched(stage, connections, log, stack)


def at_rest(watched: Watched) -> str:
    """Return what a daemon with most connections needs while nothing is due."""
    counts = watched.look()
    process = psutil.Process(watched.daemons[counts.index(max(counts))].pid)
    before = process.cpu_times()
    time.sleep(REST)
    after = process.cpu_times()
    cpu = after.user + after.system - before.user - before.system
    return (
        f"rest_connections={max(counts)} rest_rss_mb={process.memory_info().rss // 2**20} "
        f"rest_threads={process.num_threads()} rest_files={process.num_fds()} rest_cpu={cpu / REST:.1%} "
        f"rest_sessions={sessions(watched.database)}"
    )


def main(connections: int, leads: int, daemons: int) -> None:
    logging.disable(logging.WARNING)
    with opened(connections, leads) as watched:
        for _ in range(daemons):
            watched.start()
        told = [f"connections={connections} leads_each={leads} daemons={daemons} lease_s={TTL.total_seconds():.0f}"]

        def event(name: str, *who: int) -> None:
            seconds = watched.until(watched.even(who))
            told.append(f"{name}_s={seconds:.0f} {name}={watched.story()}")

        first, *others = range(daemons)
        event("divided", first, *others)
        watched.settled = True
        seconds = watched.until(lambda _: passes(watched.database) == connections)
        told.append(f"first_passes_s={seconds:.0f}")
        time.sleep(10.0)
        told.append(at_rest(watched))
        watched.daemons[first].kill()
        watched.daemons[first].wait()
        event("killed", *others)
        last = watched.start()
        event("joined", *others, daemons)
        last.send_signal(signal.SIGSTOP)
        event("suspended", *others)
        last.send_signal(signal.SIGCONT)
        event("awake", *others, daemons)
        told.append(f"most_held={watched.most} most_share={watched.most / connections:.0%}")
        told.append(f"most_threads={watched.threads} most_files={watched.files} most_sessions={watched.sessions}")
        print(" ".join(told))
        for process in watched.daemons:
            process.terminate()


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [200, 10, 3][len(given) :]))
