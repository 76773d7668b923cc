"""Pull: the pages of all streams, side by side, in one sequence for the mirror."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, Full, Queue
from threading import Event

from connectors.base import Connector, Cursor, Page, Stream

POLL_SECONDS = 0.05


def pages(connector: Connector, cursors: Mapping[Stream, Cursor | None], parallel: int) -> Iterator[Page]:
    """Yield the pages after each stream's cursor as they arrive: those of one stream in order, streams side by side.

    The first error of a stream ends the others after their page in hand, and is raised when the pages that came
    before it have been yielded.
    """
    inbox: Queue[Page] = Queue(maxsize=2 * parallel)
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
        try:
            yield inbox.get(block=not finished, timeout=POLL_SECONDS)
        except Empty:
            if finished:
                return
        if any(reader.done() and reader.exception() for reader in readers):
            halt.set()
