"""Deleted records, read from HubSpot's recycle bin.

Deleted contacts can be restored for 90 days, during which they are listed as archived:
https://developers.hubspot.com/docs/api-reference/legacy/crm/objects/contacts/delete-contact (2026-11). Contacts
erased for privacy are never in the bin; only their absence from a full listing reveals them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.hubspot import frames
from connectors.hubspot.engagements import engagement_id
from connectors.hubspot.objects import Objects
from connectors.hubspot.spans import Span, Step, onward
from connectors.hubspot.streams import Reader, Repeated
from connectors.hubspot.transport import Transport
from vocabulary.pages import Cursor, Stream

DELETIONS: Final = Stream("deletions", "deleted records")
_MARGIN: Final = 3_600_000
"""Milliseconds before the last pull from which deletions are reported again."""


@dataclass(frozen=True, slots=True)
class RecycleBin:
    """Reads deleted contacts and deleted engagements of the types in use."""

    transport: Transport
    engagements: Sequence[str]

    def parts(self, cursor: Cursor) -> list[Span]:
        """Return one span per type; none on the first pull, when the mirror is empty."""
        last = int(cursor["since"])
        return [{"type": type_, "since": last - _MARGIN} for type_ in ("contacts", *self.engagements)] if last else []

    def take(self, span: Span) -> Step:
        """Read one page of the recycle bin of one type."""
        type_ = str(span["type"])
        rows, after = Objects(self.transport, type_, ()).page(span.get("after"), archived=True)
        ids = _recent(rows, int(span["since"]))
        gone: dict[str, Any] = {"gone": ids} if type_ == "contacts" else {"gone_activities": _named(type_, ids)}
        return Step(gone, [] if after is None else [onward(span, after)])


def _recent(rows: Sequence[Mapping[str, Any]], since: int) -> list[str]:
    stamps = frames.times([row.get("archivedAt") for row in rows]).dt.epoch("ms").to_list()
    return [str(row["id"]) for row, at in zip(rows, stamps, strict=True) if at is None or at >= since]


def _named(type_: str, ids: Sequence[str]) -> list[tuple[None, str]]:
    return [(None, engagement_id(type_, one)) for one in ids]


def deletions(reader: Reader, source: RecycleBin, every: int) -> Repeated:
    """Return the stream of deletions."""
    return Repeated(DELETIONS, reader, source.parts, source.take, every)
