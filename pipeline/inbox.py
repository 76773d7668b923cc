"""The inbox: pages that wait for the store, so many and so much at most."""

from collections import deque
from threading import Condition
from typing import Final

from connectors.base import Page

PAGES: Final = 32
"""How many pages may wait; after a crash, so many at most are read again."""

ROWS: Final = 50_000
"""How many rows may wait, so that large pages do not fill the memory; one page may always."""


class Inbox:
    """Readers put pages in and wait where it is full; the store's side takes out all that waits."""

    def __init__(self) -> None:
        self._pages: deque[Page] = deque()
        self._rows = 0
        self._changed = Condition()
        self._closed = False

    def put(self, page: Page) -> bool:
        """Add a page once there is room; False when nobody takes pages any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._has_room())
            if self._closed:
                return False
            self._pages.append(page)
            self._rows += page.rows
            self._changed.notify_all()
            return True

    def take(self, patience: float) -> list[Page]:
        """Return all pages that wait, after so many seconds of patience for the first one."""
        with self._changed:
            self._changed.wait_for(lambda: self._pages, patience)
            taken = list(self._pages)
            self._pages.clear()
            self._rows = 0
            self._changed.notify_all()
            return taken

    def close(self) -> None:
        """Send the readers home; what waits can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _has_room(self) -> bool:
        return not self._pages or (len(self._pages) < PAGES and self._rows < ROWS)
