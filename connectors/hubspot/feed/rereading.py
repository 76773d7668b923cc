"""Read what is due as it is now: contacts and other records by id, and what streams have about contacts."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from connectors.hubspot.answers import BAD_REQUEST, NotGranted, Rejected
from connectors.hubspot.contacts import COMPANIES, CONTACTS, People
from connectors.hubspot.deals import STREAM as DEALS
from connectors.hubspot.deletions import gone
from connectors.hubspot.objects import LIST_PAGE, Objects
from connectors.hubspot.streams import Followed, Source
from connectors.hubspot.transport import Transport
from vocabulary.pages import Page, Stream

logger = logging.getLogger(__name__)

_AT_ONCE: Final = 1_000
"""Contacts or records of one page: as many as one call of associations takes."""
_TYPES: Final[Mapping[str, str]] = {COMPANIES.name: "companies", DEALS.name: "deals"}
"""What HubSpot calls the records of a stream, where not as the stream is called."""


@dataclass(frozen=True, slots=True)
class Rereading:
    """Reads what is due, on pages beside the streams."""

    transport: Transport
    people: People
    streams: Sequence[Stream]
    source: Callable[[str], Source]
    of_leads: Callable[[Stream, Sequence[str]], Iterator[Page]]

    def read(self, due: pl.DataFrame) -> Iterator[Page]:
        """Yield the pages, in the order in which a pass reads the streams."""
        by = _ids(due)
        for stream in self.streams:
            yield from self._granted(stream, by.get((stream.name, "record"), ()), self._records)
            leads = by.get((stream.name, "lead"), ())
            yield from self._granted(stream, leads, self._contacts if stream.name == CONTACTS.name else self.of_leads)

    def _granted(
        self, stream: Stream, ids: Sequence[str], read: Callable[[Stream, Sequence[str]], Iterator[Page]]
    ) -> Iterator[Page]:
        """Yield the pages of some ids; none if the token may not read them, which `check` and pulls report."""
        try:
            for start in range(0, len(ids), _AT_ONCE):
                yield from read(stream, ids[start : start + _AT_ONCE])
        except NotGranted as denial:
            if stream.fields or stream.deals:
                raise
            logger.debug("%s are not read: %s", stream.label.capitalize(), denial)

    def _contacts(self, stream: Stream, leads: Sequence[str]) -> Iterator[Page]:
        """Yield contacts, 100 per call. Those that are not there are missing, until they are looked up."""
        people = self.people
        for start in range(0, len(leads), LIST_PAGE):
            asked = leads[start : start + LIST_PAGE]
            parts = people.parts(people.objects.read(asked))
            known = {*parts["leads"]["lead"], *parts["merged"]}
            missing = [lead for lead in asked if lead not in known]
            yield Page(stream.name, {}, aside=True, **parts, missing=missing)

    def _records(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page]:
        source = self.source(stream.name)
        if not isinstance(source, Followed) or source.again is None:
            return
        type_ = _TYPES.get(stream.name, stream.name)
        for found, parts in source.again([f"{stream.compared}:{one}" for one in ids]):
            yield Page(stream.name, {}, aside=True, **parts)
            known = {*found, *parts.get("merged_accounts", ()), *parts.get("gone_deals", ())}
            yield from self._lacking(stream, type_, [one for one in ids if one not in known])

    def _lacking(self, stream: Stream, type_: str, ids: Sequence[str]) -> Iterator[Page]:
        """Yield which of the records that an answer lacks are in the recycle bin. Activities in neither are missing.

        Companies and deals in neither are left to the reconciliation, which lists them.
        """
        if not ids:
            return
        binned = self._in_bin(type_, ids)
        parts = gone(type_, binned) if binned else {}
        if stream.compares == "activities":
            parts["missing_activities"] = [(None, f"{stream.compared}:{one}") for one in ids if one not in set(binned)]
        yield Page(stream.name, {}, aside=True, **parts)

    def _in_bin(self, type_: str, ids: Sequence[str]) -> list[str]:
        """Return which records are in the recycle bin; none of the types that cannot be asked for there."""
        try:
            found = Objects(self.transport, type_, ()).read(ids, archived=True)
        except Rejected as rejected:
            if rejected.complaint.status != BAD_REQUEST:
                raise
            return []
        return [str(row["id"]) for row in found if str(row["id"]) in set(ids)]


def _ids(due: pl.DataFrame) -> dict[tuple[str, str], list[str]]:
    """Return what is due by stream and by what it is asked for, each id once."""
    each = due.unique(["stream", "by", "id"], maintain_order=True)
    return {(str(key[0]), str(key[1])): some["id"].to_list() for key, some in each.group_by("stream", "by")}
