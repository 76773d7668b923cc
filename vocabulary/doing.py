"""What work a thread does: the fields that its log lines carry, and the spans of a trace where someone collects them.

Neither has anything about a person: no name, no address, no value of a field.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, copy_context
from threading import Lock
from types import MappingProxyType
from typing import Any, Final, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Said = str | int | float | bool
Fields = Mapping[str, Said]

FIELDS: Final = "doing"
"""The attribute of a log record that has the fields of its own line."""

_WORK: Final[ContextVar[Fields]] = ContextVar("work", default=MappingProxyType({}))


class Span(Protocol):
    """A piece of work in a trace."""

    def set_attribute(self, key: str, value: Said) -> None:
        """Add what is known only later."""


class _Nothing:
    """The span where nobody collects any."""

    def set_attribute(self, key: str, value: Said) -> None:
        """Drop it."""


_NOTHING: Final = _Nothing()
_tracing: Callable[[str, Fields], AbstractContextManager[Span]] | None = None
_CURRENT: Final[ContextVar[Span]] = ContextVar("span", default=_NOTHING)


def work() -> Fields:
    """Return the fields of the work that this thread does."""
    return _WORK.get()


@contextmanager
def during(**fields: Said) -> Iterator[None]:
    """Add fields to every log line of this thread, and of those that it starts by `Pool` or `carried`."""
    token = _WORK.set({**_WORK.get(), **fields})
    try:
        yield
    finally:
        _WORK.reset(token)


def told(**fields: Said | None) -> dict[str, Any]:
    """Return what to pass as `extra` for fields of one log line; what is None is left out."""
    return {FIELDS: {name: value for name, value in fields.items() if value is not None}}


def carried(call: Callable[P, T]) -> Callable[P, T]:
    """Return a call that does in another thread what this thread does now."""
    context = copy_context()

    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        return context.run(call, *args, **kwargs)

    return made


class Pool(Executor):
    """Threads that do the work of those who ask them. They stay for what is asked next, until `rest`."""

    def __init__(self, most: int, thread_name_prefix: str = "") -> None:
        self._most, self._prefix = most, thread_name_prefix
        self._lock = Lock()
        self._threads: ThreadPoolExecutor | None = None
        self._over = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Start a call with the fields and the span of this thread."""
        with self._lock:
            if self._over:
                raise RuntimeError("these threads have been shut down")
            self._threads = self._threads or ThreadPoolExecutor(self._most, self._prefix)
            return self._threads.submit(carried(fn), *args, **kwargs)

    def rest(self) -> None:
        """End the threads once they have done what was asked; the next call starts others."""
        with self._lock:
            threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=False)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as Executor
        """End the threads for good."""
        with self._lock:
            self._over, threads = True, self._threads
        if threads is not None:
            threads.shutdown(wait=wait, cancel_futures=cancel_futures)


def trace_by(begin: Callable[[str, Fields], AbstractContextManager[Span]] | None) -> None:
    """From now on, begin spans by `begin`, which is given a name and attributes; by None, begin none."""
    global _tracing  # noqa: PLW0603 - one process has one place for its traces
    _tracing = begin


@contextmanager
def span(name: str, **attributes: Said) -> Iterator[Span]:
    """Do something as a span of the trace, if one is collected."""
    if _tracing is None:
        yield _NOTHING
        return
    with _tracing(name, attributes) as begun:
        token = _CURRENT.set(begun)
        try:
            yield begun
        finally:
            _CURRENT.reset(token)


def add(**attributes: Said | None) -> None:
    """Add attributes to the span of this thread, if there is one; what is None is left out."""
    current = _CURRENT.get()
    for key, value in attributes.items():
        if value is not None:
            current.set_attribute(key, value)
