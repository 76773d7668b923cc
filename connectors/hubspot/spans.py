"""Reads the parts of a stream side by side, one page ahead, and always knows what is still to be read.

A span is JSON: where to go on in one part of a stream, be it a range of ids, a stretch of time, or one form. A step
makes the call for one page and says what remains of its span. The cursor of a page is the list of all spans that no
page has delivered yet, so a pull that ends anywhere goes on without a gap.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Any

Span = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """What one page brought: parts of a `connectors.base.Page`, and the spans that remain of the one it read."""

    parts: Mapping[str, Any] = field(default_factory=dict)
    rest: Sequence[Span] = ()


def sweep(
    spans: Sequence[Span], take: Callable[[Span], Step], pool: Executor, parallel: int
) -> Iterator[tuple[Mapping[str, Any], list[Span]]]:
    """Yield the parts of each page, and the spans still to be read once it is stored."""
    waiting, running = deque(spans), dict[Future[Step], Span]()

    def read_ahead() -> None:
        while waiting and len(running) < parallel:
            span = waiting.popleft()
            running[pool.submit(take, span)] = span

    try:
        read_ahead()
        while running:
            future = next(iter(wait(running, return_when=FIRST_COMPLETED).done))
            step = future.result()
            del running[future]
            waiting.extendleft(reversed(step.rest))
            read_ahead()
            yield step.parts, [*running.values(), *waiting]
    finally:
        for future in running:
            future.cancel()
