"""The inbox: a bounded queue of pages that wait to be stored."""

from collections import deque
from collections.abc import Iterator
from threading import Condition
from typing import Final

from vocabulary.pages import Page

PAGES: Final = 100
"""How many pages may wait. At most this many are read again after a crash."""

ROWS: Final = 50_000
"""How many rows may wait, so that large pages do not fill the memory. One page may always wait."""

ENOUGH: Final = 25_000
"""How many rows make a transaction worthwhile: its fixed cost exceeds that of the rows in it."""

LINGER: Final = 1.0
"""How many seconds a page waits for others to share its transaction."""


class Inbox:
    """Readers put pages in, and block while it is full; the writer takes out enough for a transaction."""

    def __init__(self, readers: int) -> None:
        self._pages: deque[Page] = deque()
        self._rows = 0
        self._readers = readers
        self._changed = Condition()
        self._closed = False

    def put(self, page: Page) -> bool:
        """Add a page, waiting for room. Return False if the inbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._has_room())
            if self._closed:
                return False
            self._pages.append(page)
            self._rows += page.rows
            self._changed.notify_all()
            return True

    def take(self) -> list[Page]:
        """Return pages in order, once there are enough or they have waited; none once every reader has left."""
        with self._changed:
            self._changed.wait_for(lambda: self._pages or self._is_over())
            self._changed.wait_for(lambda: self._is_full() or self._is_over(), LINGER)
            taken = list(self._out())
            self._changed.notify_all()
            return taken

    def leave(self) -> None:
        """Note that a reader has finished."""
        with self._changed:
            self._readers -= 1
            self._changed.notify_all()

    def close(self) -> None:
        """Refuse further pages; those waiting can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _out(self) -> Iterator[Page]:
        rows = 0
        while self._pages and rows < ENOUGH:
            page = self._pages.popleft()
            rows += page.rows
            self._rows -= page.rows
            yield page

    def _is_over(self) -> bool:
        return self._closed or not self._readers

    def _is_full(self) -> bool:
        return len(self._pages) >= PAGES or self._rows >= ENOUGH

    def _has_room(self) -> bool:
        return not self._pages or (len(self._pages) < PAGES and self._rows < ROWS)
