"""What the commands share: their options, the settings they name, and how they speak."""

import json
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Final, TypeVar

import click
from rich.console import Console

from config import Settings, load_settings
from config.settings import Log

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_SETTINGS: Final = "leadgauge.yaml"


def settings_option(command: Command) -> Command:
    """Add `--settings`."""
    return click.option(
        "-s",
        "--settings",
        "settings_path",
        type=click.Path(path_type=Path),
        default=DEFAULT_SETTINGS,
        envvar="LEADGAUGE_SETTINGS",
        show_default=True,
        show_envvar=True,
        help="The settings file.",
    )(command)


def connection_options(command: Command) -> Command:
    """Add `--settings` and `--connection`."""
    option = click.option(
        "-c", "--connection", metavar="NAME", help="Which connection, where the settings have several."
    )
    return settings_option(option(command))


def json_option(command: Command) -> Command:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)


def prepared(settings_path: Path) -> Settings:
    """Load the settings and set up the log as they say."""
    settings = load_settings(settings_path)
    start_log(settings.log)
    return settings


def print_json(data: Any) -> None:
    """Print what a program reads."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def console() -> Console:
    """Return the console for results: wide where nobody looks, and deaf to markup, as a CRM's text may hold some."""
    plain = Console(markup=False)
    return plain if plain.is_terminal else Console(markup=False, width=200)


class JsonLines(logging.Formatter):
    """One JSON object a line, for log collectors."""

    def format(self, record: logging.LogRecord) -> str:
        """Return time, level, logger and message, and the traceback where there is one."""
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def start_log(log: Log) -> None:
    """Tell on standard error what our own parts do; the libraries' chatter stays off, as it may hold what they send."""
    handler = logging.StreamHandler()
    text = logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S")
    handler.setFormatter(JsonLines() if log.format == "json" else text)
    for name in ("pipeline", "commands", "connectors", "store", "calibrate"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(log.level.upper())
        logger.propagate = False


@contextmanager
def stop_on_signal() -> Iterator[Event]:
    """Yield an event that SIGTERM and SIGINT set; a second one ends the process the hard way."""
    stop = Event()

    def ask(number: int, _frame: object) -> None:
        if stop.is_set():
            raise SystemExit(128 + number)
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
