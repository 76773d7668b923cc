"""Which changes are watched, and what each of them makes due.

Only what is read is watched: the properties of mapped fields, those that are always read, and those that hint at an
activity. Never our own output properties, so what we write makes nothing due.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import polars as pl

from connectors.hubspot import deals
from connectors.hubspot.contacts import COMPANIES, CONTACTS
from connectors.hubspot.engagements import ENGAGEMENTS
from connectors.hubspot.feed.changes import ASSOCIATE, CREATE, DELETE, ERASE, MERGE, RESTORE, TYPES, UPDATE
from connectors.hubspot.feed.hints import HINTS
from connectors.hubspot.frames import DEAL_COMPANY
from connectors.hubspot.history import HISTORY
from connectors.hubspot.mapping import properties_of
from connectors.hubspot.portal import Portal
from connectors.hubspot.sources import Sources
from vocabulary.feeds import DUE

_ENGAGED: Final = frozenset(one.type for one in ENGAGEMENTS)
_MERGEABLE: Final = frozenset({"contacts", "companies", "deals"})
_TOLD_BY_ACTIONS: Final = frozenset({"createdate", "hs_merged_object_ids", "hs_calculated_merged_vids"})
"""Properties that are read, but change only when a record is created or merged, which is told anyway."""
_TABLE: Final = pl.Schema(dict.fromkeys(("type", "action", "part", "stream", "by"), pl.String()))


@dataclass(frozen=True, slots=True)
class Records:
    """A type of records that is watched: its stream, what the stream is asked by, and the properties that count."""

    type: str
    """As HubSpot's paths call it."""
    stream: str
    by: str
    properties: tuple[str, ...]

    @property
    def id(self) -> str:
        """The id of the type."""
        return TYPES[self.type]

    @property
    def actions(self) -> tuple[str, ...]:
        """What may happen to such records."""
        return (CREATE, UPDATE, DELETE, RESTORE, *((MERGE,) if self.type in _MERGEABLE else ()))


@dataclass(frozen=True)
class Watched:
    """What is watched: types of records, and properties of contacts that make further streams due."""

    records: Sequence[Records]
    """Contacts are the first."""
    hints: Sequence[tuple[str, str]]
    """Pairs of a property of contacts and a stream that its change makes due."""

    @property
    def contacts(self) -> Records:
        """How contacts are watched."""
        return self.records[0]

    @property
    def others(self) -> Sequence[Records]:
        """How other records are watched."""
        return self.records[1:]

    @property
    def of_contacts(self) -> tuple[str, ...]:
        """All properties of contacts that are watched."""
        return tuple(dict.fromkeys((*self.contacts.properties, *(name for name, _ in self.hints))))

    def due(self, changes: pl.DataFrame) -> pl.DataFrame:
        """Return what changes (`CHANGES`) make due, each once and since the earliest of its changes (`DUE`)."""
        found = changes.join(self._table, on=["type", "action", "part"])
        each = found.group_by("stream", "by", "id", maintain_order=True)
        return each.agg(pl.col("at").min().alias("changed_at")).select(DUE.names())

    @cached_property
    def _table(self) -> pl.DataFrame:
        return pl.DataFrame(sorted(set(self._rows())), _TABLE, orient="row")

    def _rows(self) -> Iterator[tuple[str, ...]]:
        people = self.contacts
        for one in self.records:
            for action in one.actions:
                yield one.id, action, "", one.stream, one.by
            for name in one.properties:
                yield one.id, UPDATE, name, one.stream, one.by
            if one is not people and one.stream != COMPANIES.name:
                yield one.id, ASSOCIATE, people.id, one.stream, one.by
        yield people.id, ERASE, "", people.stream, people.by
        yield people.id, ASSOCIATE, TYPES["companies"], people.stream, people.by
        for name, stream in self.hints:
            yield people.id, UPDATE, name, stream, "lead"


def watched(sources: Sources, refused: Collection[str] = ()) -> Watched:
    """Return what has to be watched for the streams that are read.

    Of the types that the portal `refused` to tell of, properties of contacts hint at what is new.
    """
    read = {stream.name for stream, _ in sources.table()}
    records = [one for one in _records(sources) if one.stream in read and one.type not in refused]
    told_as_records = _ENGAGED - set(refused)
    hinted = {one for one in read if one not in told_as_records and _is_offered(sources.portal, one)}
    hints = [(name, stream) for stream, names in HINTS.items() if stream in hinted for name in names]
    if HISTORY.name in read:
        hints += [(name, HISTORY.name) for name in properties_of(sources.fields.contact)]
    return Watched(records, hints)


def _is_offered(portal: Portal, stream: str) -> bool:
    """Return whether the portal and the token give what properties would hint at."""
    match stream.partition(".")[0]:
        case "events" | "email_events" as source:
            return portal.has(source)
        case "forms":
            return portal.reads_forms() and portal.has("forms")
        case _:
            return True


def _records(sources: Sources) -> Iterator[Records]:
    ours = {output.name for output in sources.outputs}
    fields = sources.fields

    def counting(*names: str) -> tuple[str, ...]:
        return tuple(name for name in dict.fromkeys(names) if name not in _TOLD_BY_ACTIONS and name not in ours)

    yield Records("contacts", CONTACTS.name, "lead", counting(*sources.people.objects.properties))
    yield Records("companies", COMPANIES.name, "record", counting(*properties_of(fields.company)))
    of_deals = counting(*deals.OWN, DEAL_COMPANY, *properties_of(fields.deal))
    yield Records("deals", deals.STREAM.name, "record", of_deals)
    for one in ENGAGEMENTS:
        yield Records(one.type, one.stream.name, "record", counting(*one.properties))
