"""`leadgauge run`: the daemon."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import Final

import click

from commands.common import prepared, settings_option, stop_on_signal
from config import Settings
from pipeline import daemon
from pipeline.figures import Figures, serve
from pipeline.following import Following
from pipeline.passes import RECONCILE, REFRESH, SYNC
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
    figures = Figures()
    with ExitStack() as stack:
        stop = stack.enter_context(stop_on_signal())
        store = stack.enter_context(Store.open(settings.database_url))
        following = stack.enter_context(_following(settings_path, settings, store, stop))
        stations = {name: Station(name, following.job(name), figures) for name in settings.connections}
        for station in stations.values():
            stack.callback(station.close)
        if settings.metrics:
            stack.callback(serve(figures, settings.metrics.host, settings.metrics.port).shutdown)
        if once:
            for station in stations.values():
                station.do(SYNC)
            return
        logger.info("leadgauge runs: %s", ", ".join(stations))
        zone = next(iter(settings.connections.values())).schedule.timezone
        daemon.run(list(_tasks(settings, stations)), stop, zone)
        logger.info("leadgauge stopped")


@contextmanager
def _following(path: Path, settings: Settings, store: Store, stop: Event) -> Iterator[Following]:
    following = Following(path, settings, store, stop)
    try:
        yield following
    finally:
        following.close()


def _tasks(settings: Settings, stations: dict[str, Station]) -> Iterator[daemon.Task]:
    for name, station in stations.items():
        schedule = settings.connections[name].schedule
        timings = {SYNC: schedule.sync, REFRESH: schedule.refresh, RECONCILE: schedule.reconcile}
        for kind, timing in timings.items():
            trigger = timing.trigger(schedule.timezone)
            yield daemon.Task(name, kind.name, trigger, lambda s=station, k=kind: s.do(k), at_once=kind is SYNC)  # type: ignore[misc]
