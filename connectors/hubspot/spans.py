"""Read the parts of a stream in parallel, one page ahead, and keep track of what is still to be read.

A span is JSON that says where to continue in one part of a stream: a range of ids, a window of time, or one form. A
step makes the call for one page and returns what remains of its span. The cursor of a page lists all spans that no page
has delivered yet, so an interrupted pull resumes without a gap.
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
    """The result of reading one page: parts of a `vocabulary.pages.Page`, and what remains of its span."""

    parts: Mapping[str, Any] = field(default_factory=dict)
    rest: Sequence[Span] = ()
    rows: int = 0
    """Number of HubSpot records read, for the count of a full listing."""
    span: Span = field(default_factory=dict)
    """The span it was read from; set by `sweep`."""
    at: int = 0
    """Time of HubSpot's first answer by its own clock, in milliseconds; set by `sweep`."""


def onward(span: Span, after: str) -> Span:
    """Return the span of the next page. Raise `Unavailable` if the pages form a cycle.

    Tokens have no order, and there may be thousands, so only one is remembered, replaced after 1, 2, 4 … pages. This
    detects a cycle before it has been read twice (Brent's algorithm).
    """
    mark, pages, length = span.get("trail") or (span.get("after"), 0, 1)
    if after == mark:
        raise Unavailable(
            "HubSpot's pages form a cycle: the next page was read before.", remedy="The next pass tries again."
        )
    trail = [after, 0, length * 2] if pages + 1 == length else [mark, pages + 1, length]
    return {**span, "after": after, "trail": trail}


@dataclass(frozen=True, slots=True)
class Readers:
    """The reader threads, the number of pages read in parallel, and HubSpot's clock."""

    pool: Executor
    parallel: int
    clock: Callable[[Callable[[], Step]], tuple[Step, int]]
    """Runs a step, and returns the time of its first answer too."""


def sweep(spans: Sequence[Span], take: Callable[[Span], Step], readers: Readers) -> Iterator[tuple[Step, list[Span]]]:
    """Yield each step with the spans that remain once its page is stored."""
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
