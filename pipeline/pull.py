"""Pull: read all streams in parallel, in batches of pages for the mirror."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future

from pipeline.inbox import Inbox
from pipeline.sources import Sources
from vocabulary.doing import Pool, span
from vocabulary.pages import Cursor, Page, Stream


def batches(sources: Sources, cursors: Mapping[Stream, Cursor | None], parallel: int) -> Iterator[Sequence[Page]]:
    """Yield batches of pages as they arrive, starting after each stream's cursor. Each stream's pages are in order.

    A batch has enough rows for a transaction. After the first error, the other streams finish their current page; the
    error is raised once all pages read before it were yielded.
    """
    inbox = Inbox(len(cursors))
    with Pool(parallel, thread_name_prefix="pull") as pool:
        readers = [pool.submit(_read, sources, stream, cursor, inbox) for stream, cursor in cursors.items()]

        def end(reader: Future[None]) -> None:
            if _failed(reader):
                inbox.close()
                _cancel(readers)
            inbox.leave()

        try:
            for reader in readers:
                reader.add_done_callback(end)
            while taken := inbox.take():
                yield taken
        finally:
            inbox.close()
            _cancel(readers)
    for reader in readers:
        if not reader.cancelled():
            reader.result()


def _read(sources: Sources, stream: Stream, cursor: Cursor | None, inbox: Inbox) -> None:
    with span("pull", stream=stream.name):
        for page in _in_spans(sources.pull(stream, cursor)):
            if not inbox.put(page):
                return


def _in_spans(pages: Iterator[Page]) -> Iterator[Page]:
    """Yield pages, each read in a span of its own."""
    while True:
        with span("page"):
            page = next(pages, None)
        if page is None:
            return
        yield page


def _cancel(readers: Sequence[Future[None]]) -> None:
    for reader in readers:
        reader.cancel()


def _failed(reader: Future[None]) -> bool:
    return not reader.cancelled() and reader.exception() is not None
