"""`leadgauge run`: the daemon."""

import logging
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

import click

from commands.common import leave, prepared, settings_option, stop_on_signal
from config import Settings
from config.settings import Schedule
from pipeline import daemon
from pipeline.chores import chores
from pipeline.daemon import Lane, Task
from pipeline.figures import Figures
from pipeline.following import Following
from pipeline.passes import RECONCILE, REFRESH, SYNC
from pipeline.serving import Server
from pipeline.standing import Standing
from pipeline.station import Station
from store import Store

logger: Final = logging.getLogger(__name__)


@click.command("run")
@settings_option
@click.option("--once", is_flag=True, help="Do one sync of every connection and end.")
def command(settings_path: Path, *, once: bool) -> None:
    """Run the daemon: sync, refresh and reconcile every connection by its schedule, until SIGTERM or Ctrl-C.

    A second daemon on the same database stands by and takes over when the first one dies. A changed scorecard or
    setting is picked up between passes; one with mistakes is refused, and the old one stays in force.

    Example: leadgauge run --settings /etc/leadgauge/leadgauge.yaml
    """
    settings = prepared(settings_path)
    with ExitStack() as stack:
        stop = stack.enter_context(stop_on_signal())
        store = stack.enter_context(Store.open(settings.database_url))
        following = stack.enter_context(_following(settings_path, settings, store, stop))
        standing, figures = Standing(list(settings.connections), store.identity), Figures()
        stations = {name: _station(name, following, figures, standing) for name in settings.connections}
        for station in stations.values():
            stack.callback(station.close)
            station.lane.add(_tasks(settings.connections[station.name].schedule, station))
        if once:
            for station in stations.values():
                station.do(SYNC)
        else:
            server = _serving(settings, standing, figures, stack)
            house = Lane("chores")
            house.add(chores(store, standing, server))
            _run([house, *(station.lane for station in stations.values())], standing, stop)
        if any(station.is_haunted() for station in stations.values()):
            leave(128 + signal.SIGTERM)


def _run(lanes: list[Lane], standing: Standing, stop: Event) -> None:
    standing.lanes = lanes
    logger.info("leadgauge runs: %s", ", ".join(standing.connections))
    if not daemon.run(lanes, stop):
        logger.warning("leadgauge ends amid work that did not end when it was asked to; the next start goes on from it")
        leave(128 + signal.SIGTERM)
    logger.info("leadgauge stopped")


def _station(name: str, following: Following, figures: Figures, standing: Standing) -> Station:
    return Station(
        name,
        following.job(name),
        figures,
        standing,
        Lane(name),
        stuck_after=lambda: following.settings.daemon.stuck_after,
        renew=lambda: following.discard(name),
        note=lambda subject, text: following.store.note(name, subject, text),
    )


def _serving(settings: Settings, standing: Standing, figures: Figures, stack: ExitStack) -> Server | None:
    if settings.metrics is None:
        return None
    server = Server(standing, figures.registry, settings.metrics.host, settings.metrics.port)
    server.start()
    stack.callback(server.close)
    return server


@contextmanager
def _following(path: Path, settings: Settings, store: Store, stop: Event) -> Iterator[Following]:
    following = Following(path, settings, store, stop)
    try:
        yield following
    finally:
        following.close()


def _tasks(schedule: Schedule, station: Station) -> Iterator[Task]:
    timings = {SYNC: schedule.sync, REFRESH: schedule.refresh, RECONCILE: schedule.reconcile}
    for kind, timing in timings.items():
        yield Task(kind.name, timing.trigger(schedule.timezone), partial(station.do, kind), at_once=kind is SYNC)
