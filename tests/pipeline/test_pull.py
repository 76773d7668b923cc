"""Pages of several streams come in one sequence."""

import threading
from collections.abc import Iterator

import pytest

from connectors.base import Cursor, Page, Stream, Unavailable
from pipeline.pull import pages


class Script:
    """A connector whose streams yield so many pages, and may break at one."""

    def __init__(self, lengths: dict[str, int], broken: str = "") -> None:
        self.lengths, self.broken = lengths, broken
        self.asked: dict[str, Cursor | None] = {}

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        self.asked[stream.name] = cursor
        for number in range(self.lengths[stream.name]):
            yield Page(stream.name, {"after": number})
        if stream.name == self.broken:
            raise Unavailable("The CRM went away.")


def read(script: Script, parallel: int = 3) -> list[tuple[str, int]]:
    cursors = {Stream(name, name): None for name in script.lengths}
    return [(page.stream, page.cursor["after"]) for page in pages(script, cursors, parallel)]  # type: ignore[arg-type]


def test_every_page_of_every_stream_arrives_once_and_in_its_order() -> None:
    arrived = read(Script({"a": 50, "b": 3, "c": 0, "d": 20}), parallel=2)
    for name, length in {"a": 50, "b": 3, "c": 0, "d": 20}.items():
        assert [number for stream, number in arrived if stream == name] == list(range(length))


def test_an_error_of_one_stream_is_raised_after_the_pages_before_it() -> None:
    script = Script({"a": 5, "b": 4}, broken="b")
    arrived: list[int] = []
    with pytest.raises(Unavailable):
        arrived.extend(page.cursor["after"] for page in pages(script, {Stream("b", "b"): None}, 1))  # type: ignore[arg-type]
    assert arrived == [0, 1, 2, 3]


def test_a_reader_that_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    stream = pages(Script({"a": 1000, "b": 1000}), {Stream("a", "a"): None, Stream("b", "b"): None}, 2)  # type: ignore[arg-type]
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_a_cursor_reaches_its_stream() -> None:
    script = Script({"a": 1})
    list(pages(script, {Stream("a", "a"): {"after": 7}}, 1))  # type: ignore[arg-type]
    assert script.asked == {"a": {"after": 7}}
