"""Passes and daemons as separate processes that can be killed, forked from one with all imports loaded."""

import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import forkserver, get_context, set_forkserver_preload
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from apscheduler.triggers.interval import IntervalTrigger

import connectors.hubspot.connector
import connectors.salesforce.connector  # noqa: F401 - imported here, a process forked from this one has it at once
from commands.common import start_log, stop_on_signal
from config import load_settings
from pipeline.daemon import scheduler
from pipeline.daemon.connection import DaemonConnection
from pipeline.daemon.health import Health
from pipeline.daemon.listening import Listener
from pipeline.daemon.metrics import Metrics
from pipeline.daemon.reloading import Reloader
from pipeline.daemon.scheduler import Lane
from pipeline.job import Job, opened
from pipeline.lease import TTL, leased
from pipeline.passes import BACKFILL, RECONCILE, SYNC, Pass
from tests.pauses import Hurried

SELDOM = 600
"""Seconds between two passes of a daemon that listens: a `sync` would hide what the feed has lost."""
PAUSE = 0.2
"""Seconds after which a daemon listens anew."""
KINDS = {kind.name: kind for kind in (BACKFILL, SYNC, RECONCILE)}


@dataclass(frozen=True)
class Order:
    """The task of a process: a pass or the daemon, at a given moment, with its log in a file."""

    kind: str
    settings: Path
    moment: datetime
    parallel: int
    log: Path
    environment: dict[str, str]
    ttl: timedelta = TTL
    listens: bool = False
    """Whether the daemon listens to the feed, so that it makes passes of its own only at the start."""

    def process(self) -> ForkServerProcess:
        """Return the process, not yet started."""
        return get_context("forkserver").Process(target=obey, args=(self,))


def prepare(library: str = "") -> None:
    """Start the process that all others are forked from, unless it runs; it preloads a library."""
    set_forkserver_preload([__name__])
    os.environ["LD_PRELOAD"] = library
    forkserver.ensure_running()
    del os.environ["LD_PRELOAD"]


def obey(order: Order) -> None:
    """Carry out an order in this process as a command would, with its log and errors in the file."""
    os.environ.update(order.environment)
    sys.dont_write_bytecode = True  # on a full disk, Python 3.11 leaves half a .pyc behind
    with order.log.open("ab") as log:
        os.dup2(log.fileno(), sys.stderr.fileno())
    warnings.filterwarnings("error", category=DeprecationWarning)
    try:
        settings = load_settings(order.settings)
        start_log(settings.log)
        with stop_on_signal(Hurried()) as stop, opened(settings, None, stop, now=lambda: order.moment) as job:
            _WORK.get(order.kind, _pass)(job, order)
    except Exception as error:
        if not hasattr(error, "exit_code"):
            raise
        sys.stderr.write(f"leadgauge: {error}\n")
        raise SystemExit(error.exit_code) from None


def _pass(job: Job, order: Order) -> None:
    with leased(job, order.kind, ttl=order.ttl) as lease:
        Pass(job, KINDS[order.kind], lease, parallel=order.parallel).run()


def _daemon(job: Job, order: Order) -> None:
    """Run the daemon like `leadgauge run`, with a pass every second, until SIGTERM."""
    reloader = Reloader(order.settings, load_settings(order.settings), job.store, job.stop)
    lane, often = Lane(job.name), IntervalTrigger(seconds=SELDOM if order.listens else 1)
    renew = partial(reloader.discard, job.name)
    current = partial(_reloaded, reloader, job)
    metrics, health = Metrics(), Health([job.name], "")
    connection = DaemonConnection(job.name, current, metrics, health, lane, renew=renew)
    kinds = (SYNC,) if order.listens else (SYNC, RECONCILE)
    lane.add(scheduler.Task(kind.name, often, partial(connection.do, kind), at_once=True) for kind in kinds)
    if order.listens:
        connection.listener = Listener(job.name, lane, metrics, health, pause=lambda _failures: PAUSE)
        lane.between = connection.feed
    scheduler.run([lane], job.stop)
    connection.close()
    reloader.close()


def _reloaded(reloader: Reloader, job: Job) -> Job:
    """Return the job from the current settings on disk, at the moment of the order."""
    found = reloader.job(job.name)()
    found.now = job.now
    return found


_WORK: dict[str, Callable[[Job, Order], None]] = {"daemon": _daemon}
