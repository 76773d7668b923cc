"""`leadgauge run`: the daemon."""

import logging
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

import click
from apscheduler.triggers.interval import IntervalTrigger

from commands.common import leave, prepared, settings_option, stop_on_signal
from commands.single_pass import PATIENCE
from config import Settings
from config.pages import Pages
from config.settings import Schedule
from pipeline.daemon import scheduler
from pipeline.daemon.alerts import alerts
from pipeline.daemon.connection import DaemonConnection
from pipeline.daemon.health import Health
from pipeline.daemon.housekeeping import housekeeping
from pipeline.daemon.listening import Listener
from pipeline.daemon.metrics import Metrics
from pipeline.daemon.reloading import Reloader
from pipeline.daemon.scheduler import Lane, Task
from pipeline.daemon.serving import Server
from pipeline.daemon.sharing import Shares
from pipeline.daemon.turns import Turns
from pipeline.notify.delivering import Messengers
from pipeline.passes import RECONCILE, REFRESH, SWEEP, SYNC
from pipeline.process import me
from store import Store
from watch.gauges import Gauges
from watch.watcher import Watcher

if TYPE_CHECKING:
    from pipeline.daemon.receiving import Receiver

REPORT_EVERY: Final = IntervalTrigger(seconds=60)
"""How often the daemon looks whether a night's pass has ended, after which the report is made anew."""
GRACE: Final = 10.0
"""Seconds for messages to people that are being sent at the end."""

logger: Final = logging.getLogger(__name__)


@click.command("run")
@settings_option
@click.option("--once", is_flag=True, help="Sync every connection once, then exit.")
def command(settings_path: Path, *, once: bool) -> None:
    """Run the daemon: sync, refresh, sweep and reconcile every connection on its schedule, until SIGTERM or Ctrl-C.

    A second daemon on the same database stands by and takes over if the first one dies. Changes to settings and
    scorecards take effect between passes; if they have mistakes, the old ones stay in force.

    Example: leadgauge run --settings /etc/leadgauge/leadgauge.yaml
    """
    settings = prepared(settings_path)
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(settings.database_url))
        stop = stack.enter_context(stop_on_signal())
        reloader = stack.enter_context(_reloader(settings_path, settings, store, stop))
        messengers = Messengers(store, lambda: reloader.settings.connections, stop)
        health, metrics = Health(list(settings.connections), store.identity), Metrics()
        shares = None if once else Shares(store.daemons, me(), health)
        turns = Turns(lambda: reloader.settings.daemon.passes)
        connections = {
            name: _connection(name, reloader, metrics, health, shares, turns) for name in settings.connections
        }
        if shares is not None:
            stack.callback(shares.leave)
            reloader.begin()  # from the first look on, others give back what is this daemon's share
            shares.look()
            shares.wake = lambda name: connections[name].lane.woken.set()
        for connection in connections.values():
            stack.callback(connection.close)
            connection.lane.between = partial(_look, connection)
            connection.lane.add(_tasks(settings.connections[connection.name].schedule, connection))
            if not once:
                connection.listener = _listener(connection)
        if once:
            for connection in connections.values():
                connection.do(SYNC)
            messengers.look()
        else:
            server = _serving(settings, health, metrics, stack)
            receiver = _receiving(settings, connections, stack)
            if settings.pages is not None:
                _show(settings_path, store, settings.pages, stack)
            upkeep, telling = Lane("housekeeping"), Lane("alerts")
            upkeep.add(housekeeping(store, health, server, receiver))
            upkeep.add(shares.tasks() if shares is not None else ())
            watching = _watching(store, reloader, stop, metrics) if server else []
            telling.add(alerts(messengers, health, metrics))
            _run([upkeep, telling, *watching, *(connection.lane for connection in connections.values())], health, stop)
        if left := messengers.finish(PATIENCE if once else GRACE):
            logger.info("Sinks that did not answer in time get theirs after the next start: %s", ", ".join(left))
        if any(connection.has_hung_passes() for connection in connections.values()):
            leave(128 + signal.SIGTERM)


def _run(lanes: list[Lane], health: Health, stop: Event) -> None:
    health.lanes = lanes
    logger.info("leadgauge is running: %s", ", ".join(health.connections))
    if not scheduler.run(lanes, stop):
        logger.warning("leadgauge exits although some work did not stop when asked to; the next start resumes it")
        leave(128 + signal.SIGTERM)
    logger.info("leadgauge stopped")


def _connection(
    name: str, reloader: Reloader, metrics: Metrics, health: Health, shares: Shares | None, turns: Turns
) -> DaemonConnection:
    return DaemonConnection(
        name,
        reloader.job(name),
        metrics,
        health,
        Lane(name),
        stuck_after=lambda: reloader.settings.daemon.stuck_after,
        renew=lambda: reloader.discard(name),
        next_request=lambda lease: reloader.store.requests(name).take(lease),
        failed_before=lambda: reloader.store.runs(name).failing(),
        note=lambda subject, text: reloader.store.note(name, subject, text),
        shares=shares,
        turns=turns,
    )


def _look(connection: DaemonConnection) -> None:
    """Give back or take the connection, do what commands have asked for, and what is due."""
    connection.look()
    connection.feed()


def _listener(connection: DaemonConnection) -> Listener:
    return Listener(connection.name, connection.lane, connection.metrics, connection.health, connection.note)


def _watching(store: Store, reloader: Reloader, stop: Event, metrics: Metrics) -> list[Lane]:
    """Return the lane that makes the figures of the report, which `/metrics` shows."""
    lane, gauges = Lane("report"), Gauges()
    metrics.registry.register(gauges)
    watcher = Watcher(store, lambda: reloader.settings.connections, stop, gauges, lane.pulse)
    lane.add([Task("report", REPORT_EVERY, watcher.look, at_once=True)])
    return [lane]


def _show(settings_path: Path, store: Store, pages: Pages, stack: ExitStack) -> None:
    """Serve the pages until the stack closes."""
    from pages.server import address, serve  # noqa: PLC0415 - half a second of imports that few daemons need

    serving = serve(settings_path, store, pages)
    stack.callback(serving.close)
    logger.info("The pages are on %s", address(pages, serving.port))


def _serving(settings: Settings, health: Health, metrics: Metrics, stack: ExitStack) -> Server | None:
    if settings.metrics is None:
        return None
    server = Server(health, metrics.registry, settings.metrics.host, settings.metrics.port)
    server.start()
    stack.callback(server.close)
    return server


def _receiving(settings: Settings, connections: Mapping[str, DaemonConnection], stack: ExitStack) -> "Receiver | None":
    if settings.receive is None:
        return None
    from pipeline.daemon.receiving import receiving  # noqa: PLC0415 - imports HubSpot's connector, which few need

    listeners = {name: one.listener for name, one in connections.items() if one.listener is not None}
    receiver = receiving(settings.receive, settings.connections, listeners)
    receiver.start()
    stack.callback(receiver.close)
    return receiver


@contextmanager
def _reloader(path: Path, settings: Settings, store: Store, stop: Event) -> Iterator[Reloader]:
    reloader = Reloader(path, settings, store, stop)
    try:
        yield reloader
    finally:
        reloader.close()


def _tasks(schedule: Schedule, connection: DaemonConnection) -> Iterator[Task]:
    timings = {
        SYNC: schedule.sync,
        REFRESH: schedule.refresh,
        SWEEP: schedule.sweep,
        RECONCILE: schedule.reconcile,
    }
    for kind, timing in timings.items():
        yield Task(kind.name, timing.trigger(schedule.timezone), partial(connection.do, kind), at_once=kind is SYNC)
