"""What the commands share: their options, the settings they name, and how they speak."""

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
from rich.text import Text

from config import Settings, load_settings
from config.settings import Log
from vocabulary.outside import clean, escaped, printable

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_SETTINGS: Final = "leadgauge.yaml"
LONGEST: Final = 4000
"""Characters of one logged line."""


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
    click.echo(escaped(json.dumps(data, indent=2, ensure_ascii=False, default=str)))


class PlainConsole(Console):
    """Prints text as it is: a CRM's words may hold markup, emoji codes or control sequences, and none has an effect."""

    def __init__(self, *, width: int | None = None) -> None:
        super().__init__(markup=False, emoji=False, width=width)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return text to print, cells of tables among it."""
        return super().render_str(printable(text), **options)


def console() -> Console:
    """Return the console for results, wide where it is no terminal."""
    plain = PlainConsole()
    return plain if plain.is_terminal else PlainConsole(width=200)


class Cleaning(logging.Filter):
    """Cleans every record: one line without control sequences, addresses or secrets, its traceback indented below."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the cleaned text in place of message and traceback; what a library logs may hold anything."""
        record.msg, record.args = clean(record.getMessage(), limit=LONGEST), ()
        if record.exc_info and record.exc_info[0]:
            record.exc_text = cleaned_traceback(record.exc_info[1])
        return True


def cleaned_traceback(error: BaseException | None) -> str:
    """Return a traceback of which no line can be taken for one of the log's own."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return "\n".join(f"  | {clean_indented(line)}" for line in lines)


def clean_indented(line: str) -> str:
    """Return a cleaned line with the blanks that it begins with."""
    return " " * (len(line) - len(line.lstrip(" "))) + clean(line, limit=LONGEST)


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
            line["traceback"] = record.exc_text or self.formatException(record.exc_info)
        return escaped(json.dumps(line, ensure_ascii=False))


def start_log(log: Log) -> None:
    """Tell on standard error what our own parts do; the libraries' chatter stays off, as it may hold what they send.

    Their warnings, which Python prints by its last resort, are cleaned like ours.
    """
    if logging.lastResort and not any(isinstance(one, Cleaning) for one in logging.lastResort.filters):
        logging.lastResort.addFilter(Cleaning())
    handler = logging.StreamHandler()
    handler.addFilter(Cleaning())
    text = logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S")
    handler.setFormatter(JsonLines() if log.format == "json" else text)
    for name in ("pipeline", "commands", "connectors", "store", "calibrate"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(log.level.upper())
        logger.propagate = False


@contextmanager
def stop_on_signal(stop: Event | None = None) -> Iterator[Event]:
    """Yield `stop`, or a new event, that SIGTERM and SIGINT set. A second signal ends the process at once."""
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
    """End the process without waiting for threads that hang in a call; whatever they wait for, nothing is lost."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
