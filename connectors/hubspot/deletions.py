"""Deleted records, read from HubSpot's recycle bin.

Deleted contacts can be restored for 90 days, during which they are listed as archived:
https://developers.hubspot.com/docs/api-reference/legacy/crm/objects/contacts/delete-contact (2026-11). Contacts
erased for privacy are never in the bin; only their absence from a full listing reveals them.

The bin is listed by id and cannot be filtered by time (https://github.com/supaglue-labs/supaglue/issues/495, 2026-11),
so each reading is a full one. A bin of several pages is therefore read only if the number of records has fallen by
more than was created, as far as search can tell, but at least once a day; and the larger it is, the less often.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.hubspot import frames
from connectors.hubspot.engagements import engagement_id
from connectors.hubspot.filtering import between
from connectors.hubspot.objects import Objects
from connectors.hubspot.spans import Span, Step, onward, sweep
from connectors.hubspot.streams import OfLeads, Reader
from connectors.hubspot.transport import Transport
from vocabulary.pages import Cursor, Page, Stream

DELETIONS: Final = Stream("deletions", "deleted records")
_MARGIN: Final = 3_600_000
"""Milliseconds before the last reading from which deletions are reported again."""
_DAY: Final = 86_400_000
_CHEAP: Final = 2
"""Pages of a bin that cost no more than asking whether it must be read."""
_PER_PAGE: Final = 30_000
"""Milliseconds that must pass per page of a bin before it is read again: at most 2,880 calls a day for each type."""
_CREATED: Final[Mapping[str, str]] = {"contacts": "createdate", "companies": "createdate", "deals": "createdate"}
"""The property with the time of creation, where it is not `hs_createdate`."""


@dataclass(frozen=True, slots=True)
class Bin:
    """What the cursor keeps of the recycle bin of one type: JSON, so all optional."""

    read: int
    """When it was last read, in milliseconds."""
    pages: int = 0
    live: int | None = None
    """How many records search counted then that were not deleted."""

    def as_json(self) -> dict[str, Any]:
        """Return it for the cursor."""
        return {"read": self.read, "pages": self.pages, "live": self.live}


@dataclass(frozen=True, slots=True)
class RecycleBin:
    """Reads deleted contacts, companies, deals and engagements of the types in use."""

    transport: Transport
    types: Sequence[str]

    def take(self, span: Span) -> Step:
        """Read one page of the recycle bin of one type."""
        type_ = str(span["type"])
        rows, after = Objects(self.transport, type_, ()).page(span.get("after"), archived=True)
        ids = _recent(rows, int(span["since"]))
        return Step(gone(type_, ids), [] if after is None else [onward(span, after)])

    def is_due(self, type_: str, known: Bin, now: int) -> bool:
        """Return whether a bin must be read: it is small, something was deleted, or the last reading is a day old."""
        if known.pages <= _CHEAP:
            return True
        waited = now - known.read
        if waited < min(known.pages * _PER_PAGE, _DAY):
            return False
        return (
            waited >= _DAY or known.live is None or self._live(type_) != known.live + self._created(type_, known.read)
        )

    def counted(self, type_: str, known: Bin, now: int) -> Bin:
        """Return the bin as it is about to be read; records are counted only where that can spare a reading."""
        return Bin(now, live=self._live(type_) if known.pages > _CHEAP else None)

    def _live(self, type_: str) -> int:
        return Objects(self.transport, type_, ()).count()

    def _created(self, type_: str, since: int) -> int:
        return Objects(self.transport, type_, ()).count_where(
            [between(_CREATED.get(type_, "hs_createdate"), since, None)]
        )


@dataclass(frozen=True, slots=True)
class Deletions:
    """The stream of deleted records."""

    reader: Reader
    source: RecycleBin
    every: int
    """Milliseconds between two looks."""
    of_leads: OfLeads | None = None

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Yield what was deleted since the last reading of each bin; nothing at first, when the mirror is empty."""
        if cursor is None:
            yield Page(DELETIONS.name, {"began": self.reader.now()})
            return
        state = dict(cursor) if {"spans", "bins"} <= cursor.keys() else self._begun(cursor)
        if state and not state["spans"]:
            yield Page(DELETIONS.name, _rested(state))
        yield from self._read(state) if state else ()

    def _begun(self, cursor: Cursor) -> dict[str, Any]:
        """Return the cursor with the bins to read, or an empty one if it is too early."""
        now, began = self.reader.now(), int(cursor.get("since") or cursor["began"])
        if now - began < self.every:
            return {}
        bins: dict[str, Any] = dict(cursor.get("bins") or {})
        spans: list[Span] = []
        for type_ in self.source.types:
            known = Bin(**bins[type_]) if type_ in bins else Bin(began)
            if self.source.is_due(type_, known, now):
                bins[type_] = self.source.counted(type_, known, now).as_json()
                spans.append({"type": type_, "since": known.read - _MARGIN})
        return {"began": now, "bins": bins, "spans": spans}

    def _read(self, state: dict[str, Any]) -> Iterator[Page]:
        for step, rest in sweep(state["spans"], self.source.take, self.reader.readers):
            type_ = str(step.span["type"])
            known = Bin(**state["bins"][type_])
            bins = {**state["bins"], type_: Bin(known.read, known.pages + 1, known.live).as_json()}
            state = {**state, "bins": bins, "spans": rest}
            yield Page(DELETIONS.name, state if rest else _rested(state), **step.parts)


def _rested(state: Mapping[str, Any]) -> dict[str, Any]:
    return {"began": state["began"], "bins": state["bins"]}


def gone(type_: str, ids: Sequence[str]) -> dict[str, Any]:
    """Return the parts of a page about deleted records of a type."""
    match type_:
        case "contacts":
            return {"gone": ids}
        case "companies":
            return {"gone_accounts": ids, "members": dict.fromkeys(ids, ())}
        case "deals":
            return {"gone_deals": ids}
        case _:
            return {"gone_activities": [(None, engagement_id(type_, one)) for one in ids]}


def _recent(rows: Sequence[Mapping[str, Any]], since: int) -> list[str]:
    stamps = frames.times([row.get("archivedAt") for row in rows]).dt.epoch("ms").to_list()
    return [str(row["id"]) for row, at in zip(rows, stamps, strict=True) if at is None or at >= since]
