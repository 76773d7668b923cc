"""Pages of several streams form one sequence."""

import threading
from collections.abc import Iterator
from itertools import chain

import polars as pl
import pytest

from connectors.base import Unavailable
from pipeline.inbox import ROWS, Inbox
from pipeline.pull import batches
from vocabulary.pages import Cursor, Page, Stream
from vocabulary.rows import LEADS


class Script:
    """A connector whose streams yield a number of pages and may fail at one."""

    def __init__(self, lengths: dict[str, int], broken: str = "") -> None:
        self.lengths, self.broken = lengths, broken
        self.asked: dict[str, Cursor | None] = {}

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        self.asked[stream.name] = cursor
        for number in range(self.lengths[stream.name]):
            yield Page(stream.name, {"after": number})
        if stream.name == self.broken:
            raise Unavailable("The CRM went away.")


def page(stream: str, number: int, gone: tuple[str, ...] = ()) -> Page:
    leads = LEADS.to_frame().vstack(pl.DataFrame({"lead": [str(number)]}).select(*_columns()))
    return Page(stream, {"after": number}, leads=leads, gone=gone)


def _columns() -> list[pl.Expr]:
    return [pl.col(name) if name == "lead" else pl.lit(None, dtype).alias(name) for name, dtype in LEADS.items()]


def read(script: Script, parallel: int = 3) -> list[tuple[str, int]]:
    cursors = {Stream(name, name): None for name in script.lengths}
    return [(page.stream, page.cursor["after"]) for page in pages(script, cursors, parallel)]


def pages(script: Script, cursors: dict[Stream, Cursor | None], parallel: int) -> Iterator[Page]:
    return chain.from_iterable(batches(script, cursors, parallel))  # type: ignore[arg-type]  # only what is called


def test_the_pages_of_every_stream_arrive_in_their_order_up_to_the_last() -> None:
    arrived = read(Script({"a": 50, "b": 3, "c": 0, "d": 20}), parallel=2)
    for name, length in {"a": 50, "b": 3, "c": 0, "d": 20}.items():
        numbers = [number for stream, number in arrived if stream == name]
        assert numbers == sorted(set(numbers))
        assert numbers[-1:] == list(range(length))[-1:]


def test_an_error_of_one_stream_is_raised_after_the_pages_before_it() -> None:
    script = Script({"a": 5, "b": 4}, broken="b")
    arrived: list[int] = []
    with pytest.raises(Unavailable):
        arrived.extend(page.cursor["after"] for page in pages(script, {Stream("b", "b"): None}, 1))
    assert arrived[-1] == 3


def test_a_reader_that_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    script = Script({"a": 1000, "b": 1000})
    stream = batches(script, {Stream("a", "a"): None, Stream("b", "b"): None}, 2)  # type: ignore[arg-type]  # as above
    next(stream)
    stream.close()  # type: ignore[attr-defined]  # a generator
    assert threading.active_count() == before


def test_a_cursor_reaches_its_stream() -> None:
    script = Script({"a": 1})
    list(pages(script, {Stream("a", "a"): {"after": 7}}, 1))
    assert script.asked == {"a": {"after": 7}}


def test_large_pages_wait_outside_until_there_is_room() -> None:
    inbox, put = Inbox(1), []
    large = Page("a", {}, leads=pl.concat([page("a", number).leads for number in range(3)] * (ROWS // 3 + 1)))

    def fill() -> None:
        put.extend(inbox.put(one) for one in (large, large, page("a", 1)))

    reader = threading.Thread(target=fill)
    reader.start()
    assert len(inbox.take()) == 1
    assert len(inbox.take()) == 1
    inbox.take()
    reader.join(5)
    assert put == [True, True, True]
    inbox.close()
    assert inbox.put(large) is False
