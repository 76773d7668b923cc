"""Pull: the pages of all streams, side by side, in one sequence for the mirror."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from connectors.base import Connector, Cursor, Page, Stream
from pipeline.inbox import Inbox
from pipeline.together import together

POLL_SECONDS: Final = 0.05


def pages(connector: Connector, cursors: Mapping[Stream, Cursor | None], parallel: int) -> Iterator[Page]:
    """Yield the pages after each stream's cursor as they arrive: those of one stream in order, streams side by side.

    Pages that wait for the store are put together, since a transaction costs more than what stands in it. The first
    error of a stream ends the others after their page in hand, and is raised when the pages before it were yielded.
    """
    inbox = Inbox()
    with ThreadPoolExecutor(parallel, thread_name_prefix="pull") as pool:
        readers = [pool.submit(_read, connector, stream, cursor, inbox) for stream, cursor in cursors.items()]
        try:
            yield from _arrivals(inbox, readers)
        finally:
            inbox.close()
            for reader in readers:
                reader.cancel()
    for reader in readers:
        if not reader.cancelled():
            reader.result()


def _read(connector: Connector, stream: Stream, cursor: Cursor | None, inbox: Inbox) -> None:
    for page in connector.pull(stream, cursor):
        if not inbox.put(page):
            return


def _arrivals(inbox: Inbox, readers: list[Future[None]]) -> Iterator[Page]:
    while True:
        finished = all(reader.done() for reader in readers)
        taken = inbox.take(0 if finished else POLL_SECONDS)
        yield from together(taken)
        if finished and not taken:
            return
        if any(_failed(reader) for reader in readers):
            inbox.close()
            for reader in readers:
                reader.cancel()


def _failed(reader: Future[None]) -> bool:
    return reader.done() and not reader.cancelled() and reader.exception() is not None
