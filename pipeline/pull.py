"""Pull: the pages of all streams, side by side, in one sequence for the mirror."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, Full, Queue
from threading import Event
from typing import Final

from connectors.base import Connector, Cursor, Page, Stream
from pipeline.together import together

POLL_SECONDS: Final = 0.05
WAITING: Final = 32
"""How many pages may wait for the store; after a crash, so many at most are read again."""


def pages(connector: Connector, cursors: Mapping[Stream, Cursor | None], parallel: int) -> Iterator[Page]:
    """Yield the pages after each stream's cursor as they arrive: those of one stream in order, streams side by side.

    Pages that wait for the store are put together, since a transaction costs more than what stands in it. The first
    error of a stream ends the others after their page in hand, and is raised when the pages before it were yielded.
    """
    inbox: Queue[Page] = Queue(maxsize=WAITING)
    halt = Event()
    with ThreadPoolExecutor(parallel, thread_name_prefix="pull") as pool:
        readers = [pool.submit(_read, connector, stream, cursor, inbox, halt) for stream, cursor in cursors.items()]
        try:
            yield from _arrivals(inbox, readers, halt)
        finally:
            halt.set()
    for reader in readers:
        reader.result()


def _read(connector: Connector, stream: Stream, cursor: Cursor | None, inbox: Queue[Page], halt: Event) -> None:
    if halt.is_set():
        return
    for page in connector.pull(stream, cursor):
        if not _offer(page, inbox, halt):
            return


def _offer(page: Page, inbox: Queue[Page], halt: Event) -> bool:
    while not halt.is_set():
        try:
            inbox.put(page, timeout=POLL_SECONDS)
        except Full:
            continue
        return True
    return False


def _arrivals(inbox: Queue[Page], readers: list[Future[None]], halt: Event) -> Iterator[Page]:
    while True:
        finished = all(reader.done() for reader in readers)
        yield from together(_waiting(inbox, block=not finished))
        if finished and inbox.empty():
            return
        if any(reader.done() and reader.exception() for reader in readers):
            halt.set()


def _waiting(inbox: Queue[Page], *, block: bool) -> list[Page]:
    """Return the pages that wait, after a moment's patience for the first one."""
    found = []
    try:
        found.append(inbox.get(block=block, timeout=POLL_SECONDS))
        while len(found) < WAITING:
            found.append(inbox.get_nowait())
    except Empty:
        pass
    return found
