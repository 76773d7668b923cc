"""Associations between records, both ways."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

HUBSPOT: Final = "HUBSPOT_DEFINED"
PRIMARY: Final[dict[tuple[str, str], int]] = {
    ("0-1", "0-2"): 1,
    ("0-2", "0-1"): 2,
    ("0-3", "0-2"): 5,
    ("0-2", "0-3"): 6,
}
"""The type id of a contact's and of a deal's primary company.

https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide (2026-11).
"""

COMPANY: Final = {"0-1": "associatedcompanyid", "0-3": "hs_primary_associated_company"}
"""The property with the primary company of a contact, and of a deal."""

UNLABELED: Final[dict[tuple[str, str], int]] = {
    ("0-1", "0-2"): 279,
    ("0-2", "0-1"): 280,
    ("0-1", "0-1"): 449,
    ("0-1", "0-3"): 4,
    ("0-3", "0-1"): 3,
    ("0-2", "0-3"): 342,
    ("0-3", "0-2"): 341,
    ("0-1", "0-48"): 193,
    ("0-48", "0-1"): 194,
    ("0-1", "0-49"): 197,
    ("0-49", "0-1"): 198,
    ("0-1", "0-47"): 199,
    ("0-47", "0-1"): 200,
    ("0-1", "0-46"): 201,
    ("0-46", "0-1"): 202,
    ("0-1", "0-27"): 203,
    ("0-27", "0-1"): 204,
    ("0-1", "0-18"): 82,
    ("0-18", "0-1"): 81,
    ("0-136", "0-1"): 578,
    ("0-1", "0-136"): 579,
    ("0-2", "0-48"): 181,
    ("0-48", "0-2"): 182,
    ("0-3", "0-8"): 19,
    ("0-8", "0-3"): 20,
    ("0-14", "0-8"): 67,
}
"""HubSpot's ids of the plain association between two types."""

INVERSE: Final = {1: 2, 2: 1, 5: 6, 6: 5}
LABELS: Final = dict.fromkeys(INVERSE, "Primary")

Pair = tuple[str, str]


def unlabeled(pair: Pair) -> int:
    """Return the type id of the plain association; invented but stable for unlisted pairs."""
    return UNLABELED.get(pair) or 10_000 + sum(ord(letter) * place for place, letter in enumerate("".join(pair), 1))


def label(type_id: int) -> str | None:
    """Return the label of an association type; plain ones have none."""
    return LABELS.get(type_id)


class Links:
    """All associations, as (from type, to type) -> from id -> to id -> type ids."""

    def __init__(self, tell: Callable[[Pair, int, int, int, bool], None]) -> None:
        """Start with none; `tell` is called for each end of one with its type id, and whether it was added."""
        self._ways: defaultdict[Pair, dict[int, dict[int, tuple[int, ...]]]] = defaultdict(dict)
        self._tell = tell

    def of(self, pair: Pair, record_id: int) -> dict[int, tuple[int, ...]]:
        """Return the associated ids of the other type, each with its association types."""
        return self._ways[pair].get(record_id, {})

    def join(self, pair: Pair, one: int, other: int, type_id: int | None = None) -> None:
        """Associate two records, both ways; a labelled association includes the plain one."""
        plain = unlabeled(pair)
        primary = type_id is not None and type_id == PRIMARY.get(pair)
        if primary and pair[0] in COMPANY:
            self._demote(pair, one)
        self._put(pair, one, other, {plain, type_id or plain})
        back = pair[::-1]
        inverse = INVERSE.get(type_id or 0, unlabeled(back))
        self._put(back, other, one, {unlabeled(back), inverse})

    def _demote(self, pair: Pair, one: int) -> None:
        """Unmark the current primary company of a contact or deal: it has at most one."""
        for company, types in list(self.of(pair, one).items()):
            self._ways[pair][one][company] = tuple(kind for kind in types if kind != PRIMARY[pair])
            back = self._ways[pair[::-1]][company]
            back[one] = tuple(kind for kind in back[one] if kind != PRIMARY[pair[::-1]])

    def _put(self, pair: Pair, one: int, other: int, types: set[int]) -> None:
        row = self._ways[pair].setdefault(one, {})
        known = row.get(other, ())
        row[other] = tuple(sorted({*known, *types}))
        self._changed(pair, one, other, types.difference(known), added=True)

    def _changed(self, pair: Pair, one: int, other: int, types: set[int], *, added: bool) -> None:
        """Say that an association was added or removed, with its labelled type if it has one."""
        if types:
            labelled = [kind for kind in types if label(kind)]
            self._tell(pair, one, other, (labelled or sorted(types))[0], added)

    def part(self, pair: Pair, one: int, other: int) -> None:
        """Remove all associations between two records."""
        for way, here, there in ((pair, one, other), (pair[::-1], other, one)):
            gone = self._ways[way].get(here, {}).pop(there, ())
            self._changed(way, here, there, set(gone), added=False)

    def move(self, kind: str, old: int, new: int) -> None:
        """Move the associations of a merged record to the survivor."""
        for pair in [pair for pair in self._ways if pair[0] == kind]:
            for other, types in list(self.of(pair, old).items()):
                self.part(pair, old, other)
                self.join(pair, new, other, self._kept(pair, new, types))

    def _kept(self, pair: Pair, new: int, types: tuple[int, ...]) -> int | None:
        """Return the type that an association keeps: who has a primary company keeps it."""
        primary = PRIMARY.get(pair)
        if primary in types:
            has_one = any(primary in known for known in self.of(pair, new).values())
            return None if pair[0] in COMPANY and has_one else primary
        return max(types)

    def around(self, kind: str, record_id: int) -> list[tuple[Pair, int, tuple[int, ...]]]:
        """Return every association of a record, as (types, other id, association types)."""
        return [
            (pair, other, types)
            for pair in list(self._ways)
            if pair[0] == kind
            for other, types in self.of(pair, record_id).items()
        ]

    def drop(self, kind: str, record_id: int) -> None:
        """Remove every association of a record."""
        for pair in [pair for pair in self._ways if pair[0] == kind]:
            for other in list(self.of(pair, record_id)):
                self.part(pair, record_id, other)
