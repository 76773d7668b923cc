"""The progress of a pass: bars on a terminal, or lines in a log."""

import logging
import time
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from pipeline.progress import Observer, Tally

logger: Final = logging.getLogger(__name__)

VERBS: Final = {"read": "Reading", "score": "Scoring", "write": "Writing"}
EVERY: Final = 15.0
"""Seconds between two log lines."""


class Bar(Observer):
    """Shows one bar per step: leads, calls, rate, time left."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:8}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f}/{task.fields[whole]}"),
            TextColumn("{task.fields[note]}", style="dim"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}
        self._started = time.monotonic()

    def step(self, name: str, tally: Tally) -> None:
        """Move the step's bar."""
        if not self._tasks:
            self._progress.start()
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(VERBS[name], whole="?", note="", total=None)
        done, whole = position(name, tally)
        whole = max(whole, done) if whole else None
        shown = f"{whole:,}" if whole else "?"
        self._progress.update(self._tasks[name], completed=done, total=whole, whole=shown, note=self._note(tally))

    def _note(self, tally: Tally) -> str:
        rate = tally.calls / max(time.monotonic() - self._started, 0.1)
        return f"{tally.activities:,} activities · {tally.calls:,} calls · {rate:.1f} calls/s"

    def close(self) -> None:
        """Stop updating the bars."""
        self._progress.stop()


class Lines(Observer):
    """Logs a line every `EVERY` seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def step(self, name: str, tally: Tally) -> None:
        """Log the step's position, unless one was logged less than `EVERY` seconds ago."""
        if time.monotonic() - self._last < EVERY:
            return
        self._last = time.monotonic()
        done, whole = position(name, tally)
        logger.info(
            "%s: %s of %s leads, %s calls", VERBS[name], f"{done:,}", f"{whole:,}" if whole else "?", f"{tally.calls:,}"
        )


def position(step: str, tally: Tally) -> tuple[int, int | None]:
    """Return how many leads a step has done, and the total if it is known."""
    if step == "read":
        return tally.leads, tally.total
    if step == "score":
        return tally.scored, tally.to_score
    return tally.written + tally.refused, tally.to_write


def observer() -> Observer:
    """Return bars on a terminal, log lines elsewhere."""
    return Bar() if Console(stderr=True).is_terminal else Lines()
