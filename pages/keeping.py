"""What is computed from something that changes, kept until it changed, and computed again in the background."""

import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock, Thread
from time import monotonic
from typing import Final, Generic, TypeVar

SHARE: Final = 0.05
"""The most time that computing again may take."""
LEAST: Final = 2.0
"""Seconds between two computations at least."""

logger: Final = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass
class Kept(Generic[T]):
    """A value and the version of what it was computed from. Used from many threads at once."""

    _version: Hashable = None
    _value: T | None = None
    _next: float = 0.0
    _at_work: bool = False
    _lock: Lock = field(default_factory=Lock)
    _first: Lock = field(default_factory=Lock)

    def get(self, version: Hashable, make: Callable[[], T]) -> T:
        """Return the value of this version. While it is computed again, the one of before is returned."""
        with self._first:
            if self._value is None:
                self._make(version, make)
        found = self.soon(version, make)
        assert found is not None
        return found

    def soon(self, version: Hashable, make: Callable[[], T]) -> T | None:
        """Return the value, or None while it is computed for the first time."""
        with self._lock:
            due = self._version != version and not self._at_work and monotonic() >= self._next
            if due:
                self._at_work = True
        if due:
            Thread(target=self._in_background, args=(version, make), name="figures", daemon=True).start()
        return self._value

    def has(self, version: Hashable) -> bool:
        """Return whether the value of this version is there."""
        return self._value is not None and self._version == version

    def _in_background(self, version: Hashable, make: Callable[[], T]) -> None:
        try:
            self._make(version, make)
        except Exception:  # the thread ends with it; the pages show the figures of before
            logger.exception("Figures of the pages could not be computed")
            self._next = monotonic() + LEAST
        finally:
            self._at_work = False

    def _make(self, version: Hashable, make: Callable[[], T]) -> None:
        begun = monotonic()
        self._value = make()
        self._version, self._next = version, monotonic() + max(LEAST, (monotonic() - begun) / SHARE)
