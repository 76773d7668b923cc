"""Reads the parts of a stream side by side, one page ahead, and always knows what is still to be read.

A span is JSON: where to go on in one part of a stream, be it a range of ids, a stretch of time, or one form. A step
makes the call for one page and says what remains of its span. The cursor of a page is the list of all spans that no
page has delivered yet, so a pull that ends anywhere goes on without a gap.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.base import Unavailable

Span = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """What one page brought: parts of a `connectors.base.Page`, and the spans that remain of the one it read."""

    parts: Mapping[str, Any] = field(default_factory=dict)
    rest: Sequence[Span] = ()
    rows: int = 0
    """How many records of HubSpot it brought, for the count of a full listing."""
    span: Span = field(default_factory=dict)
    """The span it read from; set by `sweep`."""
    at: int = 0
    """When HubSpot first answered it, by its own clock in milliseconds; set by `sweep`."""


def onward(span: Span, after: str) -> Span:
    """Return the span of the next page; raises `Unavailable` where the pages go round in a circle.

    Tokens have no order, and there may be thousands. So one that was met is kept, after 1, 2, 4 … pages another one: a
    circle is noticed before it was gone through twice (Brent's algorithm).
    """
    mark, pages, length = span.get("trail") or (span.get("after"), 0, 1)
    if after == mark:
        raise Unavailable(
            "HubSpot's pages go round in a circle: a next page was read before.", remedy="The next pass tries again."
        )
    trail = [after, 0, length * 2] if pages + 1 == length else [mark, pages + 1, length]
    return {**span, "after": after, "trail": trail}


@dataclass(frozen=True, slots=True)
class Readers:
    """Threads that read, how many pages at a time, and HubSpot's clock."""

    pool: Executor
    parallel: int
    clock: Callable[[Callable[[], Step]], tuple[Step, int]]
    """Runs a step, and tells when its first answer was given."""


def sweep(spans: Sequence[Span], take: Callable[[Span], Step], readers: Readers) -> Iterator[tuple[Step, list[Span]]]:
    """Yield each step, and the spans still to be read once its page is stored."""
    waiting, running = deque(spans), dict[Future[Step], Span]()

    def timed(span: Span) -> Step:
        step, at = readers.clock(lambda: take(span))
        return replace(step, span=span, at=at)

    def read_ahead() -> None:
        while waiting and len(running) < readers.parallel:
            span = waiting.popleft()
            running[readers.pool.submit(timed, span)] = span

    try:
        read_ahead()
        while running:
            future = next(iter(wait(running, return_when=FIRST_COMPLETED).done))
            step = future.result()
            del running[future]
            waiting.extendleft(reversed(step.rest))
            read_ahead()
            yield step, [*running.values(), *waiting]
    finally:
        for future in running:
            future.cancel()
