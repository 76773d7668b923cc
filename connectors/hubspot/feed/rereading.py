"""Read what is due as it is now: contacts and other records by id, and what streams have about contacts."""

import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from connectors.hubspot.answers import BAD_REQUEST, NotGranted, Rejected
from connectors.hubspot.contacts import COMPANIES, CONTACTS, People
from connectors.hubspot.deals import STREAM as DEALS
from connectors.hubspot.deletions import gone
from connectors.hubspot.entrants import ONE_BY_ONE, Recipients
from connectors.hubspot.objects import LIST_PAGE, Objects
from connectors.hubspot.spans import sweep
from connectors.hubspot.streams import Followed, Source, Timed
from connectors.hubspot.transport import Transport
from connectors.hubspot.windows import LATEST
from vocabulary.pages import Page, Stream

logger = logging.getLogger(__name__)

_AT_ONCE: Final = 1_000
"""Contacts or records of one page: as many as one call of associations takes."""
_TYPES: Final[Mapping[str, str]] = {COMPANIES.name: "companies", DEALS.name: "deals"}
"""What HubSpot calls the records of a stream, where not as the stream is called."""
_OF_MAILS: Final = "email_events."
"""How the streams begin that one call per address brings together."""


@dataclass(frozen=True, slots=True)
class _Due:
    """What of a stream is due."""

    ids: Sequence[str] = ()
    since: datetime | None = None
    """When the first of it changed, if that was told."""


@dataclass(frozen=True, slots=True)
class Rereading:
    """Reads what is due, on pages beside the streams."""

    transport: Transport
    people: People
    streams: Sequence[Stream]
    source: Callable[[str], Source]
    of_leads: Callable[[Stream, Sequence[str]], Iterator[Page]]
    recipients: Recipients
    lately: dict[str, int]
    """How many pages a stream took when it was last asked what happened lately; kept from one reading to the next."""

    def read(self, due: pl.DataFrame) -> Iterator[Page]:
        """Yield the pages, in the order in which a pass reads the streams."""
        self.recipients.forget()
        records, leads = _of(due, "record"), _together(_of(due, "lead"))
        for stream in self.streams:
            if stream.name in records:
                yield from self._granted(stream, records[stream.name], self._records)
            if stream.name in leads:
                yield from self._granted(stream, leads[stream.name], self._about)

    def _granted(self, stream: Stream, due: _Due, read: Callable[[Stream, _Due], Iterator[Page]]) -> Iterator[Page]:
        """Yield the pages of what is due; none if the token may not read it, which `check` and pulls report."""
        try:
            yield from read(stream, due)
        except NotGranted as denial:
            if stream.fields or stream.deals:
                raise
            logger.debug("%s are not read: %s", stream.label.capitalize(), denial)

    def _about(self, stream: Stream, due: _Due) -> Iterator[Page]:
        """Yield what a stream has about contacts: what happened lately, unless asking for each takes fewer calls."""
        if stream.name == CONTACTS.name:
            yield from self._contacts(due.ids)
            return
        found = self._lately(stream, due)
        if found is not None:
            yield from found
            return
        for some in _parts(due.ids):
            yield from self.of_leads(stream, some)

    def _lately(self, stream: Stream, due: _Due) -> list[Page] | None:
        """Return what happened to anybody since a little before the first of it changed.

        None for streams that have no times, and if asking for each contact takes fewer calls. One that took too many
        pages is tried again later, with each reading sooner.
        """
        source, most = self.source(stream.name), self._calls_for_each(stream, due)
        if not isinstance(source, Timed) or due.since is None or most <= 1:
            return None
        if self.lately.get(stream.name, 0) > most:
            self.lately[stream.name] -= 1
            return None
        low = int(due.since.timestamp() * 1000) - source.reader.windows.overlap
        pages = list[Page]()
        for step, _ in sweep([{"low": max(low, 1), LATEST: True}], source.take, source.reader.readers):
            pages.append(Page(stream.name, {}, aside=True, **step.parts))
            if len(pages) > most:
                self.lately[stream.name] = 2 * len(pages)
                return None
        self.lately[stream.name] = len(pages)
        return pages

    def _calls_for_each(self, stream: Stream, due: _Due) -> float:
        """Return how many calls it takes to ask for each contact; infinite if there are too many of them for that."""
        mails = sum(one.name.startswith(_OF_MAILS) for one in self.streams)
        shared = mails if stream.name.startswith(_OF_MAILS) else 1
        return math.inf if len(due.ids) > ONE_BY_ONE else len(due.ids) / shared

    def _contacts(self, leads: Sequence[str]) -> Iterator[Page]:
        """Yield contacts, 100 per call. Those that are not there are missing, until they are looked up."""
        for asked in _parts(leads, LIST_PAGE):
            parts = self.people.parts(self.people.objects.read(asked))
            known = {*parts["leads"]["lead"], *parts["merged"]}
            missing = [lead for lead in asked if lead not in known]
            yield Page(CONTACTS.name, {}, aside=True, **parts, missing=missing)

    def _records(self, stream: Stream, due: _Due) -> Iterator[Page]:
        source = self.source(stream.name)
        if not isinstance(source, Followed) or source.again is None:
            return
        for ids in _parts(due.ids):
            for found, parts in source.again([f"{stream.compared}:{one}" for one in ids]):
                yield Page(stream.name, {}, aside=True, **parts)
                known = {*found, *parts.get("merged_accounts", ()), *parts.get("gone_deals", ())}
                yield from self._lacking(stream, [one for one in ids if one not in known])

    def _lacking(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page]:
        """Yield which of the records that an answer lacks are in the recycle bin. Activities in neither are missing.

        Companies and deals in neither are left to the reconciliation, which lists them.
        """
        if not ids:
            return
        type_ = _TYPES.get(stream.name, stream.name)
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


def _of(due: pl.DataFrame, by: str) -> dict[str, _Due]:
    """Return what is due by leads or by records, each id once, by stream."""
    each = due.filter(pl.col("by") == by).group_by("stream", maintain_order=True)
    told = each.agg(pl.col("id").unique(maintain_order=True), pl.col("changed_at").min())
    return {stream: _Due(ids, since) for stream, ids, since in told.iter_rows()}


def _together(due: dict[str, _Due]) -> dict[str, _Due]:
    """Return what is due by leads, with the same leads for all streams of marketing emails, whose calls they share."""
    mails = [one for stream, one in due.items() if stream.startswith(_OF_MAILS)]
    since = [one.since for one in mails if one.since is not None]
    shared = _Due(list(dict.fromkeys(lead for one in mails for lead in one.ids)), min(since, default=None))
    return {stream: shared if stream.startswith(_OF_MAILS) else one for stream, one in due.items()}


def _parts(ids: Sequence[str], size: int = _AT_ONCE) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
