"""Makes change events of the changes of a transaction."""

import hashlib
import itertools
import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from leadgauge_sandbox.faults import Faults
from leadgauge_sandbox.salesforce.feeds import filters
from leadgauge_sandbox.salesforce.feeds.channels import Channels, Member
from leadgauge_sandbox.salesforce.feeds.schemas import HEADER, EventSchema, Schemas
from leadgauge_sandbox.salesforce.journal import Touched, Transaction

# "The first 100,000 changes generate change events"; each field of an update counts:
# https://developer.salesforce.com/docs/atlas.en-us.250.0.change_data_capture.meta/change_data_capture/cdc_other_events_overflow.htm
# (2026-11).
THRESHOLD: Final = 100_000
NO_RECORD: Final = "000000000000000AAA"
"""The record id of overflow events."""
LARGEST: Final = 1_000_000
"""Bytes of an event above which a gap event takes its place:
https://developer.salesforce.com/docs/atlas.en-us.246.0.change_data_capture.meta/change_data_capture/cdc_other_events_gap.htm
(2026-11)."""
WHOLE: Final = frozenset({"CREATE", "UNDELETE"})
LATER: Final = 3600.0
FEWEST: Final = 100
FIRST_COMMIT: Final = 10_708_862_594_919


@dataclass(frozen=True, slots=True)
class Event:
    """A change event, as each subscriber may see it."""

    identifier: str
    schema: EventSchema
    header: Mapping[str, Any]
    """Without the bitmaps."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """The told fields of the object."""
    changed: tuple[str, ...] = ()
    """The changed fields of an update, those set to null included."""
    around: Mapping[str, Any] = field(default_factory=dict)
    """Other values of the record that a channel may tell or filter by."""

    @property
    def entity(self) -> str:
        """The object."""
        return str(self.header["entityName"])

    def payload(self, hidden: frozenset[str] = frozenset(), enriched: frozenset[str] = frozenset()) -> bytes:
        """Return the event for a subscriber who may not see some fields and is told others besides."""
        told = {name: self.around.get(name) for name in enriched if name in self.schema.slots} | dict(self.values)
        shown = {name: value for name, value in told.items() if name not in hidden}
        changed = [name for name in self.changed if name not in hidden]
        nulled = [name for name in changed if self.values[name] is None]
        bitmaps = {
            "nulledFields": self.schema.bitmap(nulled),
            "diffFields": [],
            "changedFields": self.schema.bitmap(changed),
        }
        return self.schema.encode({HEADER: {**self.header, **bitmaps}, **self.schema.body(shown)})

    def passes(self, member: Member) -> bool:
        """Return whether a channel delivers the event."""
        if member.condition is None:
            return True
        header = {f"{HEADER}.{name}": value for name, value in self.header.items()}
        return filters.holds(member.condition, {**self.around, **self.values, **header})

    def gap(self) -> "Event":
        """Return the gap event in place of this event: the header only, with 1 as its sequence number."""
        header = {**self.header, "changeType": f"GAP_{self.header['changeType']}", "sequenceNumber": 1}
        return replace(self, header=header, values={}, changed=())


@dataclass(slots=True)
class Publisher:
    """Publishes the events of transactions."""

    channels: Channels
    schemas: Schemas
    faults: Faults
    seed: int
    send: Callable[[list[Event]], None]
    _commits: Iterator[int] = field(default_factory=lambda: itertools.count(FIRST_COMMIT, 7))
    _draw: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._draw = random.Random(f"{self.seed} events")

    def publish(self, transaction: Transaction) -> None:
        """Send the events of a transaction: same changes of several records as one, and those beyond a bound none."""
        selected = self.channels.selected()
        common = self._common(transaction)
        merged: dict[Any, Event] = {}
        overflowed: dict[str, Event] = {}
        changes = 0
        for touched in transaction.touched:
            event = self._event(transaction, touched, common, selected.get(touched.table.sobject.name, []))
            if event is None:
                continue
            changes += max(1, len(event.changed))
            if changes > self._threshold():
                overflowed.setdefault(event.entity, event)
            else:
                _merge(merged, event)
        events = self._numbered(merged.values(), overflowed.values())
        if events:
            self.send(events)

    def _common(self, transaction: Transaction) -> dict[str, Any]:
        """Return what the headers of all events of a transaction have in common."""
        number = next(self._commits)
        digest = hashlib.sha256(f"{self.seed} {number}".encode()).hexdigest()
        fault = self.faults.active("feed-clock")
        at = transaction.at + timedelta(seconds=0 if fault is None else fault.number(LATER))
        key = f"000{digest[:5]}-{digest[5:9]}-{digest[9:13]}-{digest[13:17]}-{digest[17:29]}"
        return {
            "changeOrigin": transaction.origin,
            "transactionKey": key,
            "commitTimestamp": int(at.timestamp()) * 1000,
            "commitNumber": number,
        }

    def _event(
        self, transaction: Transaction, touched: Touched, common: Mapping[str, Any], members: list[Member]
    ) -> Event | None:
        table, row = touched.table, touched.row
        schema = self.schemas.of(table.sobject)
        changed = _changed(touched, schema) if touched.kind == "UPDATE" else ()
        if touched.kind == "UPDATE" and not changed:
            return None
        names = [name for name in schema.slots if name in table.sobject.fields]
        told = {name: table.value(row, name) for name in (names if touched.kind in WHOLE else changed)}
        values = {name: value for name, value in told.items() if value is not None or touched.kind not in WHOLE}
        around = {name: table.value(row, name) for member in members for name in member.around}
        header = {
            "entityName": table.sobject.name,
            "recordIds": [table.identifier(row)],
            "changeType": touched.kind,
            **common,
            "sequenceNumber": 0,
            "commitUser": self._user(transaction, touched),
        }
        identifier = str(uuid.UUID(int=self._draw.getrandbits(128), version=4))
        return Event(identifier, schema, header, values, changed, around)

    def _user(self, transaction: Transaction, touched: Touched) -> str:
        """Return who changed a record: whom it names, if this change set that."""
        named = "CreatedById" if touched.kind == "CREATE" else "LastModifiedById"
        says = touched.kind == "CREATE" or named in touched.before
        user = touched.table.value(touched.row, named) if says and named in touched.table.sobject.fields else None
        return user or transaction.user

    def _threshold(self) -> int:
        fault = self.faults.active("overflow")
        return THRESHOLD if fault is None else int(fault.number(FEWEST))

    def _numbered(self, events: Any, overflowed: Any) -> list[Event]:
        numbered = [
            self._fitting(replace(event, header={**event.header, "sequenceNumber": number}))
            for number, event in enumerate(events, 1)
        ]
        for number, event in enumerate(overflowed, len(numbered) + 1):
            header = {**event.header, "recordIds": [NO_RECORD], "changeType": "GAP_OVERFLOW", "sequenceNumber": number}
            numbered.append(replace(event, header=header, values={}, changed=(), around={}))
        return numbered

    def _fitting(self, event: Event) -> Event:
        """Return an event, or a gap event if it is too large or the fault strikes."""
        struck = self.faults.strikes("gaps", event.entity)
        return event.gap() if struck or len(event.payload()) > LARGEST else event


def _changed(touched: Touched, schema: EventSchema) -> tuple[str, ...]:
    """Return the changed fields of an update. `LastModifiedDate` always is, except in a conversion.

    https://developer.salesforce.com/docs/platform/change-data-capture/guide/cdc-standard-objects-lead-conversion.md
    (2026-11).
    """
    table, row, before = touched.table, touched.row, touched.before
    names = [name for name, value in before.items() if name in schema.slots and table.value(row, name) != value]
    if "IsConverted" in names:
        return tuple(name for name in names if name != "LastModifiedDate")
    if "LastModifiedDate" in before and "LastModifiedDate" in schema.slots and "LastModifiedDate" not in names:
        names.append("LastModifiedDate")
    return tuple(names)


def _merge(merged: dict[Any, Event], event: Event) -> None:
    """Add an event, or its record to the event with the same change.

    https://developer.salesforce.com/docs/atlas.en-us.260.0.change_data_capture.meta/change_data_capture/cdc_subscribe_merged_events.htm
    (2026-11). New and restored records each have an event of their own.
    """
    kind = event.header["changeType"]
    same = (event.entity, kind, _sorted(event.values), _sorted(event.around), event.header["commitUser"])
    key = event.identifier if kind in WHOLE else same
    known = merged.get(key)
    if known is None:
        merged[key] = event
    else:
        known.header["recordIds"].extend(event.header["recordIds"])


def _sorted(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, repr(value)) for name, value in values.items()))
