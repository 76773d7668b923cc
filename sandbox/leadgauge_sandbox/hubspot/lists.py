"""The lists of an account: static ones, and those that an always current search fills."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from leadgauge_sandbox.hubspot.answers import Refused
from leadgauge_sandbox.hubspot.branches import having, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from leadgauge_sandbox.hubspot.clock import Clock
    from leadgauge_sandbox.hubspot.table import Table

Processing = Literal["DYNAMIC", "MANUAL", "SNAPSHOT"]
CONTACTS: Final = "0-1"
BORN: Final = 1_736_366_431_738
RESTORABLE: Final = 90 * 86_400_000
"""Milliseconds for which a deleted list can be restored:
https://developers.hubspot.com/docs/api-reference/latest/crm/lists/delete-list (2026-11)."""


@dataclass(eq=False)
class Segment:
    """A list of records of one type."""

    number: str
    name: str
    processing: Processing
    branch: Mapping[str, Any] | None = None
    """The filters of a dynamic list, in HubSpot's form."""
    kind: str = CONTACTS
    born: int = BORN
    joined: dict[int, int] = field(default_factory=dict)
    """Since when each record is a member."""
    added: int | None = None
    """When a record was last added; a static list that nobody has joined has no such property (recorded)."""
    removed: int | None = None
    deleted: int | None = None
    status: str = "COMPLETE"
    filled: bool = False


class Lists:
    """The lists of an account."""

    def __init__(self, tables: Mapping[str, Table], clock: Clock) -> None:
        """Start with three lists by properties of contacts, and with a static one."""
        self._tables, self._clock = tables, clock
        self._all: dict[str, Segment] = {}
        self._last = 2
        for name, held, value in (
            ("Leads", "lifecyclestage", "lead"),
            ("Customers", "lifecyclestage", "customer"),
            ("Unsubscribed", "hs_email_optout", "true"),
        ):
            self.create(name, "DYNAMIC", having(held, value), born=BORN)
        self.create("Partners", "MANUAL", born=BORN)

    def create(
        self,
        name: str,
        processing: Processing = "MANUAL",
        branch: Mapping[str, Any] | None = None,
        *,
        kind: str = CONTACTS,
        born: int | None = None,
    ) -> Segment:
        """Add a list."""
        self._last += 1
        made = Segment(str(self._last), name, processing, branch, kind, self._clock.now() if born is None else born)
        self._all[made.number] = made
        return made

    def all(self) -> Iterator[Segment]:
        """Yield the lists that are not deleted."""
        return (segment for segment in self._all.values() if segment.deleted is None)

    def find(self, number: str) -> Segment:
        """Return a list by its id, or refuse the call."""
        found = self._all.get(number)
        if found is None or found.deleted is not None:
            raise _unknown(f"List {number} does not exist.")
        return found

    def named(self, kind: str, name: str) -> Segment:
        """Return a list by its name in any letter case, or refuse the call."""
        for segment in self.all():
            if segment.kind == kind and segment.name.casefold() == name.casefold():
                return segment
        raise _unknown(f"List with name {name} does not exist.")

    def members(self, number: str) -> list[tuple[int, int]]:
        """Return (record id, member since) of a list's members, by id."""
        segment = self.find(number)
        self.settle(segment)
        return sorted(segment.joined.items())

    def of(self, kind: str, record: int) -> Iterator[tuple[Segment, int]]:
        """Yield the lists that a record is in, and since when."""
        for segment in self.all():
            if segment.kind == kind:
                self.settle(segment)
                if record in segment.joined:
                    yield segment, segment.joined[record]

    def settle(self, segment: Segment) -> None:
        """Let a dynamic list follow its filters, and deleted records leave any list."""
        live = {record.id: record for record in self._tables[segment.kind].live()}
        if segment.branch is None:
            self._remove(segment, segment.joined.keys() - live.keys())
            return
        held = {one for one, record in live.items() if matches(segment.branch, one, record.values, self._is_in)}
        self._remove(segment, segment.joined.keys() - held)
        since = {one: None if segment.filled else live[one].created for one in held - segment.joined.keys()}
        self._add(segment, since)
        segment.filled = True

    def add(self, number: str, records: Iterable[int]) -> tuple[list[int], list[int]]:
        """Add records to a static list; return which are new to it and which do not exist."""
        segment = self._static(number)
        wanted = list(dict.fromkeys(records))
        missing = [one for one in wanted if self._tables[segment.kind].find(one) is None]
        new = [one for one in wanted if one not in segment.joined and one not in missing]
        self._add(segment, dict.fromkeys(new))
        return new, missing

    def remove(self, number: str, records: Iterable[int]) -> list[int]:
        """Remove records from a static list; return which were in it."""
        segment = self._static(number)
        gone = [one for one in dict.fromkeys(records) if one in segment.joined]
        self._remove(segment, gone)
        return gone

    def rename(self, kind: str, old: int, new: int) -> None:
        """Let a record that was merged into a new one be in its static lists under the new id."""
        for segment in self._all.values():
            if segment.kind == kind and segment.branch is None and old in segment.joined:
                since = segment.joined.pop(old)
                segment.joined[new] = min(since, segment.joined.get(new, since))

    def delete(self, number: str) -> None:
        """Delete a list; it can be restored for 90 days."""
        self.find(number).deleted = self._clock.now()

    def restore(self, number: str) -> None:
        """Restore a deleted list, or refuse the call."""
        found = self._all.get(number)
        if found is None or found.deleted is None or self._clock.now() - found.deleted > RESTORABLE:
            raise _unknown(f"List {number} does not exist or cannot be restored.")
        found.deleted = None

    def _static(self, number: str) -> Segment:
        segment = self.find(number)
        if segment.processing == "DYNAMIC":
            raise Refused(400, f"List {number} is of processing type DYNAMIC.", "VALIDATION_ERROR")
        self.settle(segment)
        return segment

    def _is_in(self, number: str, record: int) -> bool:
        segment = self._all.get(number)
        if segment is None or segment.deleted is not None:
            return False
        self.settle(segment)
        return record in segment.joined

    def _add(self, segment: Segment, since: Mapping[int, int | None]) -> None:
        now = self._clock.now()
        segment.joined |= {one: now if at is None else at for one, at in since.items()}
        if since:
            segment.added = max(segment.added or 0, *(now if at is None else at for at in since.values()))

    def _remove(self, segment: Segment, gone: Iterable[int]) -> None:
        for one in list(gone):
            del segment.joined[one]
            segment.removed = self._clock.now()


def _unknown(message: str) -> Refused:
    return Refused(404, message, "OBJECT_NOT_FOUND", subCategory="ListError.LIST_NOT_FOUND")
