"""The webhooks journal: a list of files with the events of the last three days, one after another.

Each entry says where its file is for some minutes, and its offset, which resumes after it. "The journal keeps 3 days";
an offset that has expired or that is unknown is answered with 404, nothing newer with 204 or an empty list:
https://developers.hubspot.com/docs/api-reference/2027-03-beta/webhooks-journal/journal-entries/guide (2026-11),
https://github.com/usertour/usertour, `hubspot-journal-api.ts`.
"""

import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from connectors.base import ConfigurationError
from connectors.hubspot.answers import NOT_FOUND, Rejected
from connectors.hubspot.downloads import Limits
from connectors.hubspot.feed.changes import Change, Event, is_of, of_journal
from connectors.hubspot.readings import Misshapen
from connectors.hubspot.transport import Transport

KEPT: Final = 3 * 86_400_000
"""Milliseconds that an event is kept."""
_ENTRIES: Final = 20
"""Entries to ask for at once. Their URLs must not expire before their turn."""
# "A file has at most 10,000 events or 5 MB": https://developers.hubspot.com/changelog/july-2026-rollup (2026-11).
_FILE: Final = Limits(25.0, 64_000_000)
_GZIP: Final = b"\x1f\x8b"
_DETECT_GZIP: Final = 32 + zlib.MAX_WBITS


class Expired(Exception):  # noqa: N818 - named for what the offset is
    """HubSpot does not know an offset, or not any more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a file of the journal is, and the offset that resumes after it."""

    offset: str
    url: str


@dataclass(frozen=True, slots=True)
class File:
    """What a file tells about one account."""

    changes: Sequence[Change]
    events: int
    """How many events it has, including those that say nothing of records."""
    wrong: str
    """What is wrong with some of its events, which are left out; empty if nothing is."""


@dataclass(frozen=True, slots=True)
class Journal:
    """Reads the journal of one account."""

    transport: Transport
    portal: int

    def latest(self) -> str | None:
        """Return the offset of the newest entry, or None if there is none yet."""
        try:
            found = self.transport.get("journal_latest", self._query)
        except Rejected as rejected:
            if rejected.complaint.status != NOT_FOUND:
                raise
            if rejected.complaint.who == "A web page":
                remedy = "Check `base_url` and `api`, or set `schedule: {feed: off}`."
                message = "HubSpot has no webhooks journal for this account."
                raise ConfigurationError(message, answer=rejected.answer, remedy=remedy) from rejected
            return None
        return found.get("currentOffset")

    def after(self, offset: str) -> list[Entry]:
        """Return the next entries after an offset. Raise `Expired` if the journal does not know it any more."""
        try:
            return _entries(self.transport.get("journal_next", self._query, offset=offset, count=str(_ENTRIES)))
        except Rejected as rejected:
            if rejected.complaint.status != NOT_FOUND:
                raise
            raise Expired from rejected

    def earliest(self) -> list[Entry]:
        """Return the first entries that there are."""
        return _entries(self.transport.get("journal_earliest", self._query, count=str(_ENTRIES)))

    def read(self, entry: Entry) -> File:
        """Return what the events of an entry's file say about this account.

        Raises `FileRefused` if its URL has expired, and `Misshapen` if the file is not one of the journal.
        """
        target = io.BytesIO()
        self.transport.download(entry.url, target, lambda _file: None, _FILE)
        return _said(_events(target.getvalue()), self.portal)

    @property
    def _query(self) -> list[tuple[str, str]]:
        return [("installPortalId", str(self.portal))]


def _entries(answer: Mapping[str, Any]) -> list[Entry]:
    return [Entry(str(one["currentOffset"]), str(one["url"])) for one in answer.get("results") or ()]


def _said(events: Sequence[Event], portal: int) -> File:
    changes, wrong, count = list[Change](), "", 0
    for event in events:
        try:
            if not is_of(event, portal):
                continue
            changes += of_journal(event)
        except Misshapen as problem:
            wrong = wrong or str(problem)
        count += 1
    return File(changes, count, wrong)


def _events(file: bytes) -> Sequence[Event]:
    try:
        found = orjson.loads(_unpacked(file) if file.startswith(_GZIP) else file)
    except (orjson.JSONDecodeError, zlib.error) as error:
        raise Misshapen(f"the file is no JSON: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("journalEvents"), list):
        raise Misshapen("the file has no list of `journalEvents`")
    events: Sequence[Event] = found["journalEvents"]
    return events


def _unpacked(file: bytes) -> bytes:
    """Decompress a file, up to a size that no file of the journal has."""
    unpacking = zlib.decompressobj(_DETECT_GZIP)
    plain = unpacking.decompress(file, _FILE.most)
    if not unpacking.eof:
        raise Misshapen("the file is incomplete, or too large")
    return plain
