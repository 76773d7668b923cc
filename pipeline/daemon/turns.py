"""Turns: a daemon of many connections does only some passes at a time, so that its memory stays bounded."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Event

from connectors.base import Interrupted


@dataclass
class Turns:
    """How many passes may run at a time."""

    most: Callable[[], int]
    _busy: int = 0
    _changed: Condition = field(default_factory=Condition)

    @contextmanager
    def taken(self, stop: Event, pulse: Callable[[], None]) -> Iterator[None]:
        """Wait for a turn, calling `pulse` every second, and keep it for the block; raise `Interrupted` on a stop."""
        with self._changed:
            while self._busy >= self.most():
                if stop.is_set():
                    raise Interrupted("Asked to stop before the pass began.")
                pulse()
                self._changed.wait(1.0)
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify()
