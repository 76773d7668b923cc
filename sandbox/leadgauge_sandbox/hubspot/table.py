"""The records of one type: by id, by unique value and by time of last change."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.answers import iso
from leadgauge_sandbox.hubspot.happenings import Happening, Happenings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leadgauge_sandbox.hubspot.happenings import Action
    from leadgauge_sandbox.hubspot.properties import Property
    from leadgauge_sandbox.hubspot.types import ObjectType

ADDITIONAL: Final = "hs_additional_emails"
"""The property with a contact's other addresses, joined by `;`."""
COMPACT: Final = 50_000
"""Stale entries in the index of changes that trigger a rebuild."""


@dataclass(slots=True)
class Version:
    """A record before its last change, for an index that lags behind."""

    values: dict[str, str] | None
    modified: int
    until: int


@dataclass(slots=True)
class Record:
    """One record; `values` is replaced, never changed in place."""

    id: int
    values: dict[str, str]
    created: int
    modified: int
    archived_at: int | None = None
    before: Version | None = None
    history: dict[str, list[tuple[int, str, str]]] | None = None
    """Earlier values of a property as (time, value, source), latest last."""

    def seen(self, now: int) -> tuple[dict[str, str] | None, int]:
        """Return values and modification time as the search index sees them; no values if not indexed yet."""
        if self.before is not None and now < self.before.until:
            return self.before.values, self.before.modified
        return (None if self.archived_at else self.values), self.modified


@dataclass(slots=True)
class Table:
    """All records of one type, live and archived, with their definitions."""

    kind: ObjectType
    definitions: dict[str, Property] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    records: dict[int, Record] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)
    changes: list[tuple[int, int]] = field(default_factory=list)
    """(modified, id), ascending; entries are stale if the record has changed since."""
    merged: dict[int, int] = field(default_factory=dict)
    """Survivor by merged id."""
    keys: dict[str, dict[str, int]] = field(default_factory=dict)
    """Id by value, for each property with unique values."""
    next_id: int = 0
    lag: int = 0
    """Milliseconds until the search index shows a change."""
    happenings: Happenings = field(default_factory=Happenings)

    def __post_init__(self) -> None:
        self.next_id = self.kind.first_id

    def add(self, values: dict[str, str], created: int, modified: int | None = None, *, indexed: bool = True) -> Record:
        """Store a new record under the next id; after adding many with `indexed=False`, call `reindex`."""
        record = Record(self.next_id, values, created, modified or created)
        self.next_id += self.kind.step
        values["hs_object_id"] = str(record.id)
        values[self.kind.created] = iso(created)
        values[self.kind.modified] = iso(record.modified)
        self.records[record.id] = record
        self.ids.append(record.id)
        if indexed:
            self._index(record)
        self._remember(record, None, created, created)
        self._make_findable(record)
        self.tell("CREATE", record, record.modified, values.get("hs_object_source", "CRM_UI"), values)
        return record

    def tell(
        self, action: Action, record: Record, now: int, source: str = "CRM_UI", changed: Mapping[str, str] | None = None
    ) -> None:
        """Tell those who listen what happened to a record."""
        if self.happenings.heard:
            told = Happening(action, self.kind.id, record.id, now, source, changed or {}, record.values)
            self.happenings.tell(told)

    def _make_findable(self, record: Record) -> None:
        for name in self._unique():
            for value in keys_of(name, record.values):
                self.keys.setdefault(name, {})[value] = record.id

    def _hide(self, record: Record, values: dict[str, str]) -> None:
        """Remove a record's unique values from the index."""
        for name, ids in self.keys.items():
            for value in keys_of(name, values):
                if ids.get(value) == record.id:
                    del ids[value]

    def _unique(self) -> Iterator[str]:
        if self.kind.unique == "email":
            yield "email"
        for name in self.keys:
            if name != "email":
                yield name

    def make_unique(self, name: str) -> None:
        """Index a property's values, as hasUniqueValue requires."""
        self.keys.setdefault(name, {})

    def change(self, record: Record, values: dict[str, str], now: int, source: str) -> bool:
        """Apply values and bump the modification time if any has changed; return whether one has."""
        new = {name: value for name, value in values.items() if record.values.get(name, "") != value}
        if not new:
            return False
        self._log(record, new, now, source)
        old, self_before = record.values, record.modified
        record.modified = max(now, record.modified)
        record.values = old | new | {self.kind.modified: iso(record.modified)}
        self._remember(record, old, self_before, record.modified)
        if any(name in new for name in (*self.keys, ADDITIONAL)):
            self._hide(record, old)
            self._make_findable(record)
        self._index(record)
        self.tell("UPDATE", record, now, source, new)
        return True

    def _log(self, record: Record, new: dict[str, str], now: int, source: str) -> None:
        history = record.history = record.history or {}
        for name, value in new.items():
            first = [(record.created, record.values[name], "CRM_UI")] if record.values.get(name) else []
            history.setdefault(name, first).append((now, value, source))

    def _remember(self, record: Record, old: dict[str, str] | None, modified: int, now: int) -> None:
        """Keep the old version in the search index for a while, for deleted records too."""
        if self.lag and (record.before is None or record.before.until <= now):
            record.before = Version(old, modified, now + self.lag)

    def _index(self, record: Record) -> None:
        entry = (record.modified, record.id)
        if not self.changes or self.changes[-1] <= entry:
            self.changes.append(entry)
        else:
            insort(self.changes, entry)
        if len(self.changes) > len(self.records) + COMPACT:
            self.changes = sorted({entry for entry in self.changes if self._fresh(*entry)})

    def _fresh(self, modified: int, record_id: int) -> bool:
        record = self.records.get(record_id)
        if record is None:
            return False
        return modified in {record.modified, record.before.modified if record.before else record.modified}

    def reindex(self) -> None:
        """Rebuild the index of changes, after adding many records or setting times directly."""
        self.changes = sorted((record.modified, record.id) for record in self.records.values())

    def archive(self, record: Record, now: int) -> None:
        """Move a record to the recycle bin."""
        self._remember(record, record.values, record.modified, now)
        record.archived_at = now
        self._hide(record, record.values)
        self.tell("DELETE", record, now)

    def restore(self, record: Record, now: int) -> None:
        """Restore a record from the recycle bin; its time of change is now."""
        record.archived_at, record.modified = None, max(now, record.modified)
        record.values = record.values | {self.kind.modified: iso(record.modified)}
        self._index(record)
        self._make_findable(record)
        self.tell("RESTORE", record, now)

    def erase(self, record: Record) -> None:
        """Remove a record permanently, from the recycle bin too."""
        del self.records[record.id]
        position = bisect_left(self.ids, record.id)
        del self.ids[position]
        self._hide(record, record.values)

    def find(self, record_id: int, *, archived: bool = False) -> Record | None:
        """Return a record by its id, following merges."""
        while record_id in self.merged:
            record_id = self.merged[record_id]
        record = self.records.get(record_id)
        return record if record is not None and (record.archived_at is not None) == archived else None

    def find_by(self, name: str, value: str) -> Record | None:
        """Return the live record with this unique value."""
        record_id = self.keys.get(name, {}).get(value.strip().lower())
        return None if record_id is None else self.find(record_id)

    def page(self, after: int, limit: int, *, archived: bool) -> tuple[list[Record], int | None]:
        """Return up to `limit` records from id `after`, and the start of the next page."""
        rows: list[Record] = []
        for position in range(bisect_left(self.ids, after), len(self.ids)):
            record = self.records[self.ids[position]]
            if (record.archived_at is not None) != archived:
                continue
            if len(rows) == limit:
                return rows, rows[-1].id + 1
            rows.append(record)
        return rows, None

    def page_before(self, record_id: int, *, archived: bool) -> list[Record]:
        """Return the record before an id, if any."""
        for position in range(bisect_left(self.ids, record_id) - 1, -1, -1):
            record = self.records[self.ids[position]]
            if (record.archived_at is not None) == archived:
                return [record]
        return []

    def changed_between(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        """Yield (modified, id) of index entries in the closed range, including stale ones."""
        first = bisect_left(self.changes, (low, 0))
        last = bisect_right(self.changes, (high, 1 << 62))
        yield from self.changes[first:last]

    def live(self) -> Iterator[Record]:
        """Yield the records that are not archived, by id."""
        return (record for record in self.records.values() if record.archived_at is None)


def keys_of(name: str, values: Mapping[str, str]) -> list[str]:
    """Return the values that identify a record under a unique property.

    "Secondary email addresses can be used to look up contacts in the same way primary email addresses can"
    (HubSpot's staff, integrate.hubspot.com/t/11846).
    """
    found = [values.get(name, ""), *(addresses(values) if name == "email" else ())]
    return list(dict.fromkeys(value.strip().lower() for value in found if value.strip()))


def addresses(values: Mapping[str, str]) -> list[str]:
    """Return a contact's addresses, primary first."""
    others = values.get(ADDITIONAL, "").split(";")
    found = (value.strip().lower() for value in (values.get("email", ""), *others))
    return list(dict.fromkeys(filter(None, found)))
