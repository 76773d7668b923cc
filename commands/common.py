"""What the commands share: options, loading settings, output and signals."""

import json
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Final, NoReturn, TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands.tracing import start_traces
from config import Settings, load_settings
from config.settings import Log
from vocabulary.doing import FIELDS, Fields, work
from vocabulary.outside import clean, escaped, printable

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_SETTINGS: Final = "leadgauge.yaml"
LONGEST: Final = 4000
"""The longest log line, in characters."""


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
    option = click.option("-c", "--connection", metavar="NAME", help="The connection, if the settings have several.")
    return settings_option(option(command))


def capacity_option(command: Command) -> Command:
    """Add `--capacity`."""
    said = "How many leads your people call in a week."
    return click.option("--capacity", type=click.IntRange(1), help=said)(command)


def json_option(command: Command) -> Command:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def prepared(settings_path: Path) -> Settings:
    """Load the settings and set up the log."""
    settings = load_settings(settings_path)
    start_log(settings.log)
    start_traces(settings.traces)
    return settings


def print_json(data: Any) -> None:
    """Print data as JSON."""
    click.echo(escaped(json.dumps(data, indent=2, ensure_ascii=False, default=str)))


def told(message: str) -> None:
    """Print a message about the progress of a command on standard error."""
    click.echo(f"leadgauge: {message}", err=True)


def failed(message: str) -> None:
    """Print an error on standard error, in the form of every other error."""
    click.echo(f"Error: {message}", err=True)


class PlainConsole(Console):
    """Prints text literally: text from a CRM may contain markup, emoji codes or control sequences."""

    def __init__(self, *, width: int | None = None) -> None:
        super().__init__(markup=False, emoji=False, width=width)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return text without control sequences; tables render their cells with this too."""
        return super().render_str(printable(text), **options)

    def show(self, table: Table, otherwise: str) -> None:
        """Print a table, or a sentence if it has no rows."""
        self.print(table if table.row_count else otherwise)


def console() -> PlainConsole:
    """Return the console for results; 200 columns wide if it is not a terminal."""
    plain = PlainConsole()
    return plain if plain.is_terminal else PlainConsole(width=200)


class Cleaning(logging.Filter):
    """Removes control sequences, addresses and secrets from every record, and indents its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean the message and the traceback, which may contain anything that a CRM sent."""
        record.msg, record.args = clean(record.getMessage(), limit=LONGEST), ()
        if record.exc_info and record.exc_info[0]:
            record.exc_text = cleaned_traceback(record.exc_info[1])
        return True


def fields_of(record: logging.LogRecord) -> Fields:
    """Return the fields of a record: those of the work that its thread does, and those of its own line."""
    fields = {**work(), **getattr(record, FIELDS, {})}
    return {name: clean(value, limit=LONGEST) if isinstance(value, str) else value for name, value in fields.items()}


def cleaned_traceback(error: BaseException | None) -> str:
    """Return a traceback whose lines cannot be mistaken for log records."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return "\n".join(f"  | {clean_indented(line)}" for line in lines)


def clean_indented(line: str) -> str:
    """Return a cleaned line with its indentation."""
    return " " * (len(line) - len(line.lstrip(" "))) + clean(line, limit=LONGEST)


class JsonLines(logging.Formatter):
    """One JSON object per line, for log collectors."""

    def format(self, record: logging.LogRecord) -> str:
        """Return time, level, logger, message and fields, with the traceback if there is one."""
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields_of(record),
        }
        if record.exc_info:
            line["traceback"] = record.exc_text or self.formatException(record.exc_info)
        return escaped(json.dumps(line, ensure_ascii=False))


class TextLines(logging.Formatter):
    """Lines for people, which end with the fields."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s%(fields)s", "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Return time, level, message and fields, with the traceback if there is one."""
        said = " ".join(f"{name}={value}" for name, value in fields_of(record).items())
        record.fields = f" [{said}]" if said else ""
        return super().format(record)


def start_log(log: Log) -> None:
    """Log our own packages to standard error; libraries stay silent, since they may log what they send.

    Python prints their warnings through `logging.lastResort`, so that is cleaned too.
    """
    if logging.lastResort and not any(isinstance(one, Cleaning) for one in logging.lastResort.filters):
        logging.lastResort.addFilter(Cleaning())
    handler = logging.StreamHandler()
    handler.addFilter(Cleaning())
    handler.setFormatter(JsonLines() if log.format == "json" else TextLines())
    for name in ("pipeline", "pages", "commands", "connectors", "store", "calibrate", "watch"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(log.level.upper())
        logger.propagate = False


@contextmanager
def stop_on_signal(stop: Event | None = None) -> Iterator[Event]:
    """Yield an event that SIGTERM and SIGINT set. A second signal ends the process at once."""
    stop = stop or Event()

    def ask(_number: int, _frame: object) -> None:
        stop.set()
        for number in before:
            signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave(code: int) -> NoReturn:
    """End the process without waiting for threads that hang in a call. All work done is saved already."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
