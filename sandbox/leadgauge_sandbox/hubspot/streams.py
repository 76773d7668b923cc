"""Activities of contacts as columns, for fast reads by time range and position."""

from __future__ import annotations

import base64
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from leadgauge_sandbox.catalogue import FORM_KINDS
from leadgauge_sandbox.hubspot.answers import invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


STREAMS: Final[dict[str, tuple[str, ...]]] = {
    "pages": ("page_view",),
    "forms": FORM_KINDS,
    "OPEN": ("email_open",),
    "CLICK": ("email_click",),
    "STATUSCHANGE": ("unsubscribe",),
    "BOUNCE": ("bounce",),
    "registered": ("webinar_register",),
    "attended": ("webinar_attend",),
}
"""The kinds of activity in each stream; calls, meetings and sales mails become records instead."""

SENT_BEFORE: Final = {"SENT": 3_605_000, "DELIVERED": 3_600_000}
"""How long before it was opened a mail was sent and delivered, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Act:
    """One entry of a stream."""

    at: int
    contact: int
    """The contact's id at that time; it may have been merged since."""
    place: int
    tag: int
    bot: bool
    serial: int
    """Unique number of the activity; ids are made from it."""
    sent: int = 0
    """When the mail was sent, if several activities are of the same; else 0."""


@dataclass(slots=True)
class Stream:
    """Activities of one kind, in order of time."""

    at: array[int] = field(default_factory=lambda: array("q"))
    contact: array[int] = field(default_factory=lambda: array("q"))
    place: array[int] = field(default_factory=lambda: array("q"))
    tag: array[int] = field(default_factory=lambda: array("q"))
    bot: array[int] = field(default_factory=lambda: array("q"))
    serial: array[int] = field(default_factory=lambda: array("q"))
    sent: array[int] = field(default_factory=lambda: array("q"))

    def __len__(self) -> int:
        return len(self.at)

    def load(self, **columns: NDArray[np.int64]) -> None:
        """Fill an empty stream with whole columns, in order of time."""
        for name, values in columns.items():
            getattr(self, name).frombytes(np.ascontiguousarray(values, np.int64).tobytes())

    def add(self, act: Act) -> None:
        """Insert one entry in order of time."""
        position = bisect_right(self.at, act.at)
        for name in ("at", "contact", "place", "tag", "bot", "serial", "sent"):
            getattr(self, name).insert(position, int(getattr(act, name)))

    def __getitem__(self, position: int) -> Act:
        """Return the entry at a position."""
        return Act(
            self.at[position],
            self.contact[position],
            self.place[position],
            self.tag[position],
            bool(self.bot[position]),
            self.serial[position],
            self.sent[position],
        )

    def span(self, low: int, high: int) -> range:
        """Return the positions with low <= time < high."""
        return range(bisect_left(self.at, low), bisect_left(self.at, high))

    def of(self, contacts: set[int]) -> list[int]:
        """Return the positions of the entries of some contacts."""
        return (
            np.flatnonzero(np.isin(np.frombuffer(self.contact, np.int64), list(contacts))).tolist() if len(self) else []
        )


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of a page: the time and serial number of its last entry."""

    at: int
    serial: int

    def write(self) -> str:
        """Return the anchor as an opaque token."""
        return base64.urlsafe_b64encode(f"{self.at}|{self.serial}".encode()).decode()

    @classmethod
    def read(cls, token: str) -> Anchor:
        """Return the anchor in a token, or refuse it."""
        try:
            at, serial = base64.urlsafe_b64decode(token).decode().split("|")
            return cls(int(at), int(serial))
        except ValueError:
            raise invalid(f"Invalid paging token: {token}") from None


def paged(
    acts: Iterator[Act], anchor: Anchor | None, limit: int, *, newest_first: bool
) -> tuple[list[Act], Anchor | None]:
    """Return up to `limit` entries after the anchor, and the anchor of the next page."""
    page: list[Act] = []
    for act in acts:
        if anchor is not None and not _beyond(act, anchor, newest_first=newest_first):
            continue
        if len(page) == limit:
            return page, Anchor(page[-1].at, page[-1].serial)
        page.append(act)
    return page, None


def _beyond(act: Act, anchor: Anchor, *, newest_first: bool) -> bool:
    here, there = (act.at, act.serial), (anchor.at, anchor.serial)
    return here < there if newest_first else here > there
