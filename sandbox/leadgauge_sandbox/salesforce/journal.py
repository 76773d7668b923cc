"""What changes in watched objects, transaction by transaction, for change events."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from leadgauge_sandbox.salesforce.clock import Clock
from leadgauge_sandbox.salesforce.table import Table

PEOPLE: Final = "com/salesforce/api/soap/67.0;client=SfdcInternalAPI/"
"""The origin of what people do in Lightning Experience, as the change event in
https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_subscribe_compound_fields.htm
(2026-11) has it."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A record that a transaction changed."""

    table: Table
    row: int
    kind: str
    """CREATE, UPDATE, DELETE or UNDELETE."""
    before: Mapping[str, Any]
    """The earlier values of the fields that were written."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """The records changed by a transaction, in the order of their first change."""

    touched: tuple[Touched, ...]
    origin: str
    user: str
    """The user of the call, for records that do not say who changed them."""
    at: datetime


@dataclass(slots=True)
class Journal:
    """Notes changes of the watched tables until their transaction commits."""

    clock: Clock
    tables: Mapping[str, Table]
    publish: Callable[[Transaction], None] = field(default=lambda _transaction: None)
    lock: Any = field(default_factory=threading.RLock)
    """Held by whoever reads or changes the org: calls over HTTP, and the threads of the Pub/Sub API."""
    _watched: frozenset[str] = frozenset()
    _notes: list[tuple[Table, int, dict[str, Any] | None]] = field(default_factory=list)
    """Table, row, and earlier values; None for a new row."""
    _erased: dict[str, frozenset[int]] = field(default_factory=dict)
    """The rows without a recycle bin's trace when the transaction began."""
    _origin: str = PEOPLE
    _user: str = ""
    _open: int = 0

    def watch(self, names: Iterable[str]) -> None:
        """Note changes of these objects from now on, and of no others."""
        self._watched = frozenset(names)
        for name, table in self.tables.items():
            table.observer = self._note if name in self._watched else None
        self._erased = self._erased_now()

    @contextlib.contextmanager
    def transaction(self, origin: str = PEOPLE, user: str = "") -> Iterator[None]:
        """Commit what changes within; transactions inside of this one are a part of it."""
        with self.lock:
            if not self._open:
                self.commit()
                self._origin, self._user = origin, user
            self._open += 1
            try:
                yield
            finally:
                self._open -= 1
                if not self._open:
                    self.commit()
                    self._origin, self._user = PEOPLE, ""

    def origin(self, origin: str, user: str) -> None:
        """Say who changes records from now on in this transaction."""
        self._origin, self._user = origin, user

    def commit(self, at: datetime | None = None) -> None:
        """Publish what has changed, at a time in whole seconds, by default now."""
        if not self._watched:
            return
        touched = tuple(self._touched())
        self._notes.clear()
        self._erased = self._erased_now()
        if touched:
            self.publish(Transaction(touched, self._origin, self._user, at or self.clock.second()))

    def mark(self) -> Callable[[], None]:
        """Return a function that forgets the changes noted after this call."""
        noted = len(self._notes)

        def forget() -> None:
            del self._notes[noted:]

        return forget

    def _note(self, table: Table, row: int, before: dict[str, Any] | None) -> None:
        self._notes.append((table, row, before))

    def _erased_now(self) -> dict[str, frozenset[int]]:
        return {name: frozenset(self.tables[name].purged) for name in self._watched}

    def _touched(self) -> Iterator[Touched]:
        """Yield one entry for each record. The first change of a transaction says what kind it is.

        "Only one change event is generated for the initial change type":
        https://developer.salesforce.com/docs/atlas.en-us.260.0.change_data_capture.meta/change_data_capture/cdc_general_considerations.htm
        (2026-11).
        """
        rows: dict[tuple[str, int], Touched] = {}
        for table, row, before in self._notes:
            key = table.sobject.name, row
            known = rows.get(key)
            if known is None:
                rows[key] = Touched(table, row, _kind(table, row, before), before or {})
            elif before is not None and known.kind == "UPDATE":
                rows[key] = Touched(table, row, known.kind, {**before, **known.before})
        for name in self._watched:
            self._erasures(self.tables[name], rows)
        return iter(rows.values())

    def _erasures(self, table: Table, rows: dict[tuple[str, int], Touched]) -> None:
        """Add the records that went without a recycle bin, or came back.

        Emptying the recycle bin makes no change event: "General Considerations", as above.
        """
        name, purged = table.sobject.name, table.purged
        before = self._erased.get(name, frozenset())
        if len(purged) == len(before) and purged == before:
            return
        for row in sorted(purged - before):
            known = rows.pop((name, row), None)
            if not table.value(row, "IsDeleted") and (known is None or known.kind != "CREATE"):
                rows[name, row] = Touched(table, row, "DELETE", {})
        for row in sorted(before - purged):
            rows[name, row] = Touched(table, row, "UNDELETE", {})


def _kind(table: Table, row: int, before: Mapping[str, Any] | None) -> str:
    if before is None:
        return "CREATE"
    if "IsDeleted" not in before:
        return "UPDATE"
    was, is_now = bool(before["IsDeleted"]), bool(table.value(row, "IsDeleted"))
    return "UPDATE" if was == is_now else "DELETE" if is_now else "UNDELETE"
