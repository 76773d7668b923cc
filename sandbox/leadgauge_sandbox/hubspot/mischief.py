"""Faults that change the account itself rather than single calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.answers import iso
from leadgauge_sandbox.hubspot.journal import MALFORMED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadgauge_sandbox.faults import Fault
    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.table import Record

LAG: Final = 20
TIES: Final = 12_000
CALLS_LEFT: Final = 1000
PAIRS: Final = 5
DELETE_EVERY: Final = 20
SILENCE: Final = 600
GAP: Final = 10


class Mischief:
    """Switches faults on and off and applies their changes to the account."""

    def __init__(self, portal: Portal) -> None:
        """Watch over one account."""
        self._portal = portal
        self._faults = portal.faults
        self._daily = portal.limits.daily
        self._calls = 0
        self.chosen: list[str] = []
        """Ids of the contacts changed by faults, for tests."""
        portal.on_call.append(self._deletions)

    def set(self, name: str, argument: object = None, **limits: Any) -> None:
        """Switch a fault on, with the limits of `Fault`; raises `UnknownFault`, and ValueError for a bad argument."""
        if name == "malformed-file" and argument not in {None, *MALFORMED}:
            raise ValueError(f"The argument of fault '{name}' must be one of {', '.join(MALFORMED)}, not '{argument}'.")
        fault = self._faults.set(name, argument, **limits)
        act = {
            "index-lag": self._index_lag,
            "ties": self._ties,
            "daily-429": self._daily_limit,
            "bad-row": self._bad_row,
            "merge-ids": self._merge,
            "silent-feed": self._silence,
            "feed-gap": self._gap,
        }.get(name)
        if act is not None:
            act(fault)

    def clear(self, name: str | None = None) -> None:
        """Switch one fault off, or all of them; permanent changes stay."""
        self._faults.clear(name)
        if name in {None, "index-lag"}:
            for table in self._portal.tables.values():
                table.lag = 0
        if name in {None, "daily-429"}:
            self._portal.limits.daily = self._daily
        if name in {None, "bad-row"}:
            self._portal.rules.clear()
        for feed in (self._portal.journal, self._portal.pushing):
            if name in {None, "silent-feed"}:
                feed.silent_until = 0
            if name in {None, "feed-gap"}:
                feed.gap = 0

    def _contacts(self) -> list[Record]:
        return list(self._portal.tables["0-1"].live())

    def _draw(self, size: int) -> list[Record]:
        contacts = self._contacts()
        rows = self._portal.random.permutation(len(contacts))[:size].tolist()
        drawn = [contacts[row] for row in rows]
        self.chosen.extend(str(record.id) for record in drawn)
        return drawn

    def _index_lag(self, fault: Fault) -> None:
        for table in self._portal.tables.values():
            table.lag = int(fault.number(LAG) * 1000)

    def _ties(self, fault: Fault) -> None:
        """Give many contacts the same time of change, as HubSpot's monthly jobs do."""
        table, now = self._portal.tables["0-1"], self._portal.clock.now()
        for record in self._contacts()[: int(fault.number(TIES))]:
            record.modified, record.before = now, None
            record.values = record.values | {table.kind.modified: iso(now)}
        table.reindex()

    def _daily_limit(self, fault: Fault) -> None:
        limits = self._portal.limits
        limits.enforced, limits.daily = True, limits.used + int(fault.number(CALLS_LEFT))

    def _bad_row(self, fault: Fault) -> None:
        drawn = [int(fault.argument)] if fault.argument else [record.id for record in self._draw(1)]

        def refuses(record_id: int, _: Mapping[str, str]) -> str | None:
            return f"Contact {record_id} lacks a field that this account requires." if record_id in drawn else None

        self._portal.rules.append(("0-1", refuses))

    def _merge(self, fault: Fault) -> None:
        drawn = self._draw(2 * int(fault.number(PAIRS)))
        for survivor, loser in zip(drawn[::2], drawn[1::2], strict=False):
            self._portal.merge(self._portal.tables["0-1"], survivor, loser)

    def _silence(self, fault: Fault) -> None:
        until = self._portal.clock.now() + int(fault.number(SILENCE) * 1000)
        self._portal.journal.silent_until = self._portal.pushing.silent_until = until

    def _gap(self, fault: Fault) -> None:
        self._portal.journal.gap = self._portal.pushing.gap = int(fault.number(GAP))

    def _deletions(self) -> None:
        fault = self._faults.active("deletions")
        if fault is None:
            return
        self._calls += 1
        if self._calls % max(1, int(fault.number(DELETE_EVERY))) == 0:
            for record in self._draw(1):
                self._portal.archive(self._portal.tables["0-1"], record)
